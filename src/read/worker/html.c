#include "read/worker/html.h"

#include "read/worker/html_parse.h"
#include "read/worker/html_tame.h"
#include "read/worker/html_tree.h"

#include <string.h>

/* How far the beginning of a page is looked for behind comments and blanks. */
enum { SNIFFED_BYTES = 8192 };

/* ---- sniffing ------------------------------------------------------------------------------ */

static gboolean begins(const char *p, const char *end, const char *word)
{
    gsize length = strlen(word);
    return (gsize)(end - p) > length && g_ascii_strncasecmp(p, word, length) == 0 &&
           !g_ascii_isalnum(p[length]);
}

/** Behind blanks, comments and the XML declaration. */
static const char *first_tag(const char *p, const char *end)
{
    for (;;) {
        while (p < end && g_ascii_isspace(*p))
            p++;
        const char *close = NULL;
        gboolean comment = end - p > 4 && memcmp(p, "<!--", 4) == 0;
        if (comment)
            close = g_strstr_len(p + 4, end - p - 4, "-->");
        else if (end - p > 2 && memcmp(p, "<?", 2) == 0)
            close = g_strstr_len(p, end - p, "?>");
        if (!close)
            return p;
        p = close + (comment ? 3 : 2);
    }
}

/** Whether there is something that looks like a tag. */
static gboolean has_tag(const char *p, const char *end)
{
    while ((p = memchr(p, '<', end - p))) {
        p++;
        if (end - p > 2 && (g_ascii_isalpha(*p) || (*p == '/' && g_ascii_isalpha(p[1]))))
            return TRUE;
    }
    return FALSE;
}

static int sniff_text(const char *text, gsize size, const char *name)
{
    /* A page begins with these; the others stand in front of many a Markdown file too. */
    static const char *const sure[] = {"<!doctype html", "<html",  "<head",
                                       "<body",          "<title", "<meta"};
    static const char *const perhaps[] = {
        "<h1",   "<h2",     "<h3",    "<div",    "<p",          "<article", "<section",
        "<main", "<header", "<table", "<ul",     "<ol",         "<img",     "<figure",
        "<a",    "<span",   "<style", "<script", "<link",       "<base",    "<center",
        "<font", "<b",      "<br",    "<pre",    "<blockquote", "<nav",     "<body"};
    const char *end = text + MIN(size, SNIFFED_BYTES);
    const char *p = first_tag(text, end);
    for (gsize i = 0; i < G_N_ELEMENTS(sure); i++)
        if (begins(p, end, sure[i]))
            return 2;
    for (gsize i = 0; i < G_N_ELEMENTS(perhaps); i++)
        if (begins(p, end, perhaps[i]))
            return 1;
    return jd_format_name_fits(JD_HTML_EXTENSIONS, name) && has_tag(text, end);
}

int jd_html_sniff(const jd_format_input *input)
{
    if (!jd_charset_is_text(input->data, input->size))
        return 0;
    gsize mark;
    const char *charset = jd_charset_told(input->data, input->size, &mark);
    if (!charset || strcmp(charset, "UTF-8") == 0)
        return sniff_text(input->data + mark, input->size - mark, input->name);
    jd_format_input beginning = {.data = input->data + mark,
                                 .size = MIN(input->size - mark, (gsize)4 * SNIFFED_BYTES)};
    jd_decoded decoded;
    if (!jd_decoded_init_from(&decoded, &beginning, charset, NULL, NULL))
        return 0;
    int score = sniff_text(decoded.text, decoded.size, input->name);
    jd_decoded_clear(&decoded);
    return score;
}

/* ---- reading ------------------------------------------------------------------------------- */

static gboolean read_tree(jd_document *document, const jd_decoded *page, gboolean article,
                          GError **error)
{
    g_autoptr(jd_html_page) parsed = jd_html_page_new(page->text, page->size);
    const GumboOutput *tree = parsed->tree;
    jd_html_meta(document, tree->root);
    if (article)
        return jd_html_article(document, page, tree->document, error);
    g_autoptr(jd_builder) builder = jd_builder_new(document);
    jd_html_blocks(builder, page, tree->root, document->warnings);
    jd_builder_finish(builder);
    return TRUE;
}

jd_document *jd_html_read(const jd_format_input *input, GError **error)
{
    g_autoptr(jd_document) document = jd_document_new();
    document->media_type = g_strdup("text/html");
    jd_decoded page;
    if (!jd_html_decode(&page, input, document->warnings, error))
        return NULL;
    gboolean done = jd_html_tame(&page, document->warnings, error) &&
                    read_tree(document, &page, input->article, error);
    jd_decoded_clear(&page);
    return done ? g_steal_pointer(&document) : NULL;
}

void jd_html_fragment(jd_builder *builder, const char *html, gsize size, GPtrArray *warnings)
{
    jd_decoded piece = {.text = html, .size = size, .offset = -1};
    if (jd_html_tame(&piece, warnings, NULL)) {
        g_autoptr(jd_html_page) parsed = jd_html_page_new(piece.text, piece.size);
        jd_html_blocks_all(builder, parsed->tree->root, warnings);
    }
    jd_decoded_clear(&piece);
}

char *jd_html_entity(const char *entity, gsize size)
{
    g_autoptr(jd_html_page) parsed = jd_html_page_new(entity, size);
    const GumboNode *root = parsed->tree->root;
    GString *text = g_string_new(NULL);
    for (const GumboNode *node = root; node; node = jd_html_next(node, root, TRUE)) {
        const char *piece = jd_html_text(node);
        if (piece)
            g_string_append(text, piece);
    }
    return g_string_free(text, FALSE);
}
