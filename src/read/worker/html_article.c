/*
 * The blocks of an HTML page exactly as the program of the article takes them.
 *
 * That program (functions.py in the article's repository) parses the page with BeautifulSoup's
 * "html.parser" and does the following; the data that it made of its two posts agrees in every
 * field.
 *
 *  - The title is the text of the first <title>, stripped; "Untitled" where there is none.
 *  - h1, h2 and h3 set the section to their text, stripped. h4 to h6 do not. Before the first one
 *    the section is "Main". The heading of a hidden page header counts like any other.
 *  - Every p, ul and ol, in document order and nested ones again, is one text: all its text nodes
 *    joined as they are (nothing between list items, white space and no-break spaces kept), then
 *    stripped at both ends. Kept are those of at least 30 characters, stripped; that is the chunk
 *    stage's limit. Footers are kept. h4, pre, blockquote, table, div as such give nothing.
 *  - Every img with a src that is not empty is one image, in its own section likewise. Its caption
 *    is the alt text as it is, where it has any; else, where the img's parent is a figure, the
 *    text of the first figcaption in that, stripped; else "No caption available". An img in a link
 *    or a picture element within a figure has no figcaption therefore.
 *  - A text node of nothing but ASCII white space, as the indentation between list items, counts as
 *    one line feed where it has one, else as one space; not within pre and textarea.
 *  - Text of script, style, template, rt and rp elements is no text of a paragraph around them.
 *
 * "Stripped" is Python's: all of Unicode's white space, U+00A0 and U+001C to U+001F too.
 *
 * Where end tags are missing or misplaced the tree is HTML5's (a new <p> ends the open one, and so
 * does a list) and not html.parser's, which nests the one in the other and so gives the text of the
 * inner one twice; and a line feed right behind <pre> is none.
 */
#include "base/error.h"
#include "base/limits.h"
#include "read/worker/html.h"
#include "read/worker/html_tree.h"

#include <string.h>

static gboolean is_python_space(gunichar c)
{
    return g_unichar_isspace(c) || c == 0x0B || c == 0x85 || c == 0xA0 || c == 0x202F ||
           c == 0x2007 || (c >= 0x1C && c <= 0x1F);
}

/** str.strip(): a copy without white space at both ends. */
static char *strip(const GString *text)
{
    const char *start = text->str;
    const char *end = text->str + text->len;
    while (start < end && is_python_space(g_utf8_get_char(start)))
        start = g_utf8_next_char(start);
    while (end > start) {
        const char *last = g_utf8_prev_char(end);
        if (!is_python_space(g_utf8_get_char(last)))
            break;
        end = last;
    }
    return g_strndup(start, end - start);
}

/** Whether the strings of this element are no text to BeautifulSoup, but for the element itself. */
static gboolean holds_other_strings(const GumboNode *node)
{
    switch (jd_html_tag(node)) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_RT:
    case GUMBO_TAG_RP:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean keeps_white_space(const GumboNode *text)
{
    for (const GumboNode *node = text->parent; node; node = node->parent)
        if (jd_html_tag(node) == GUMBO_TAG_PRE || jd_html_tag(node) == GUMBO_TAG_TEXTAREA)
            return TRUE;
    return FALSE;
}

/** A text node's string in BeautifulSoup. */
static const char *string_of(const GumboNode *node)
{
    const char *text = jd_html_text(node);
    if (!text || *text == '\0' || text[strspn(text, " \t\n\f\r")] != '\0' ||
        keeps_white_space(node))
        return text;
    return strchr(text, '\n') ? "\n" : " ";
}

/** element.get_text().strip(), and its place in the file. */
static char *get_text(const jd_decoded *page, const GumboNode *element, jd_span *where)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const GumboNode *node = element;
    gboolean into = TRUE;
    while ((node = jd_html_next(node, element, into))) {
        into = !holds_other_strings(node);
        const char *piece = string_of(node);
        if (!piece)
            continue;
        g_string_append(text, piece);
        jd_span span = jd_html_span(page, node);
        if (where && span.start >= 0 && node->type != GUMBO_NODE_WHITESPACE) {
            where->start = where->start < 0 ? span.start : MIN(where->start, span.start);
            where->end = MAX(where->end, span.end);
        }
    }
    return strip(text);
}

typedef struct taking {
    jd_document *document;
    const jd_decoded *page;
    char *section[2]; /* the last heading */
    gint64 bytes;     /* of text taken so far: nested lists repeat theirs */
} taking;

static void add_text(taking *article, jd_block_kind kind, const GumboNode *node)
{
    jd_span where = JD_SPAN_UNKNOWN;
    g_autofree char *text = get_text(article->page, node, &where);
    if (*text == '\0')
        return;
    article->bytes += (gint64)strlen(text);
    jd_block *block = jd_document_add(article->document, kind, article->section);
    block->text = g_steal_pointer(&text);
    block->start = where.start;
    block->end = where.end;
}

static const GumboNode *first_below(const GumboNode *top, GumboTag tag)
{
    const GumboNode *node = top;
    while ((node = jd_html_next(node, top, TRUE)))
        if (jd_html_tag(node) == tag)
            return node;
    return NULL;
}

static void add_picture(taking *article, const GumboNode *img)
{
    const char *src = jd_html_value(img, "src");
    if (!src)
        return;
    jd_picture *picture = jd_html_picture(src, NULL, article->document->warnings);
    if (!picture)
        return;
    picture->alt = g_strdup(jd_html_value(img, "alt"));
    if (jd_html_tag(img->parent) == GUMBO_TAG_FIGURE) {
        const GumboNode *caption = first_below(img->parent, GUMBO_TAG_FIGCAPTION);
        picture->caption = caption ? get_text(article->page, caption, NULL) : NULL;
    }
    jd_document_add(article->document, JD_BLOCK_PICTURE, article->section)->picture = picture;
}

static void take(taking *article, const GumboNode *node)
{
    switch (jd_html_tag(node)) {
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
        g_free(article->section[0]);
        article->section[0] = get_text(article->page, node, NULL);
        break;
    case GUMBO_TAG_P:
        add_text(article, JD_BLOCK_PARAGRAPH, node);
        break;
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
        add_text(article, JD_BLOCK_LIST, node);
        break;
    case GUMBO_TAG_IMG:
        add_picture(article, node);
        break;
    default:
        break;
    }
}

gboolean jd_html_article(jd_document *document, const jd_decoded *page, const GumboNode *root,
                         GError **error)
{
    const GumboNode *title = first_below(root, GUMBO_TAG_TITLE);
    g_free(document->title);
    document->title = title ? get_text(page, title, NULL) : g_strdup("Untitled");
    taking article = {.document = document, .page = page, .section = {g_strdup("Main"), NULL}};
    gboolean fits = TRUE;
    for (const GumboNode *node = root; node && fits; node = jd_html_next(node, root, TRUE)) {
        take(&article, node);
        fits = article.bytes <= JD_LIMIT_ARTICLE_TEXT_BYTES;
    }
    g_free(article.section[0]);
    if (!fits)
        jd_set_error(error, JD_ERROR_LIMIT, "read it with the default chunking",
                     "the page's nested lists repeat more than %lld MiB of text",
                     JD_LIMIT_ARTICLE_TEXT_BYTES / JD_MIB);
    return fits;
}
