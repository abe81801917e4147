/*
 * What an HTML page says about itself.
 *
 *  - Title: <title>, else og:title. (Without both the first h1, when the blocks are built.)
 *  - Language: html lang or xml:lang, else content-language, else og:locale, else the first element
 *    of the page that declares one; its two-letter code.
 *  - Base: the first base href.
 *  - Date: article:published_time and its like in meta elements, else a time element that is marked
 *    as the publication's (pubdate, dt-published, datePublished), else the first time element.
 *  - Authors: author and its like in meta elements, else what is marked as author in the text
 *    (rel=author, p-author, itemprop=author); joined by ", ", no one twice.
 *
 * Of several values of one rank the first counts.
 */
#include "base/text.h"
#include "read/worker/declared.h"
#include "read/worker/html.h"
#include "read/worker/html_tree.h"

#include <string.h>

/* More or longer ones are no names of authors. */
enum { AUTHORS = 50, AUTHOR_BYTES = 200 };

typedef struct meta {
    char *title, *og_title;
    char *lang, *content_language, *og_locale, *any_lang;
    char *base;
    char *meta_date, *marked_date, *any_date;
    GPtrArray *meta_authors, *marked_authors; /* char * */
} meta;

/** The collapsed text below a node. */
static char *inner_text(const GumboNode *top)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (const GumboNode *node = top; node; node = jd_html_next(node, top, TRUE)) {
        const char *piece = jd_html_text(node);
        if (piece)
            g_string_append(text, piece);
    }
    return jd_text_collapse(text->str, (gssize)text->len);
}

static void add_author(GPtrArray *authors, char *name)
{
    gboolean address = g_str_has_prefix(name, "http") || g_str_has_prefix(name, "@");
    if (*name == '\0' || address || strlen(name) > AUTHOR_BYTES || authors->len == AUTHORS ||
        g_ptr_array_find_with_equal_func(authors, name, g_str_equal, NULL))
        g_free(name);
    else
        g_ptr_array_add(authors, name);
}

static gboolean is_one_of(const char *name, const char *const *names, gsize count)
{
    for (gsize i = 0; i < count; i++)
        if (g_ascii_strcasecmp(name, names[i]) == 0)
            return TRUE;
    return FALSE;
}

static void read_meta_element(meta *found, const GumboNode *node)
{
    static const char *const dates[] = {"article:published_time",
                                        "datePublished",
                                        "date",
                                        "dc.date",
                                        "dcterms.date",
                                        "dcterms.created",
                                        "citation_publication_date",
                                        "citation_date",
                                        "pubdate",
                                        "publish-date",
                                        "parsely-pub-date"};
    static const char *const authors[] = {"author",          "article:author",  "dc.creator",
                                          "dcterms.creator", "citation_author", "parsely-author"};
    const char *content = jd_html_value(node, "content");
    const char *name = jd_html_value(node, "property");
    if (!name)
        name = jd_html_value(node, "name");
    if (!name)
        name = jd_html_value(node, "itemprop");
    if (!name)
        name = jd_html_value(node, "http-equiv");
    if (!content || !name)
        return;
    if (is_one_of(name, dates, G_N_ELEMENTS(dates)))
        jd_declare(&found->meta_date, jd_declared_date(content));
    else if (is_one_of(name, authors, G_N_ELEMENTS(authors)))
        add_author(found->meta_authors, jd_text_collapse(content, -1));
    else if (g_ascii_strcasecmp(name, "og:title") == 0)
        jd_declare(&found->og_title, jd_text_collapse(content, -1));
    else if (g_ascii_strcasecmp(name, "og:locale") == 0)
        jd_declare(&found->og_locale, g_strdup(content));
    else if (g_ascii_strcasecmp(name, "content-language") == 0)
        jd_declare(&found->content_language, g_strdup(content));
}

static void read_time(meta *found, const GumboNode *node)
{
    const char *datetime = jd_html_value(node, "datetime");
    if (!datetime)
        return;
    static const char *const published[] = {"dt-published", "published", "entry-date"};
    const char *classes = jd_html_value(node, "class");
    const char *itemprop = jd_html_value(node, "itemprop");
    gboolean marked = jd_html_attribute(node, "pubdate") ||
                      (itemprop && strcmp(itemprop, "datePublished") == 0) ||
                      (classes && jd_html_has_word(classes, published, G_N_ELEMENTS(published)));
    jd_declare(marked ? &found->marked_date : &found->any_date, jd_declared_date(datetime));
}

static void read_marks(meta *found, const GumboNode *node)
{
    static const char *const author[] = {"author"};
    static const char *const author_class[] = {"p-author"};
    const char *rel = jd_html_value(node, "rel");
    const char *classes = jd_html_value(node, "class");
    const char *itemprop = jd_html_value(node, "itemprop");
    if ((rel && jd_html_has_word(rel, author, 1)) ||
        (classes && jd_html_has_word(classes, author_class, 1)) ||
        (itemprop && strcmp(itemprop, "author") == 0))
        add_author(found->marked_authors, inner_text(node));
}

static void read_element(meta *found, const GumboNode *node)
{
    if (node->v.element.attributes.length == 0 && node->v.element.tag != GUMBO_TAG_TITLE)
        return;
    const char *lang = jd_html_value(node, "lang");
    if (!lang)
        lang = jd_html_value(node, "xml:lang");
    switch (jd_html_tag(node)) {
    case GUMBO_TAG_HTML:
        jd_declare(&found->lang, g_strdup(lang));
        return;
    case GUMBO_TAG_TITLE:
        jd_declare(&found->title, inner_text(node));
        return;
    case GUMBO_TAG_BASE:
        jd_declare(&found->base, g_strdup(jd_html_value(node, "href")));
        return;
    case GUMBO_TAG_META:
        read_meta_element(found, node);
        return;
    case GUMBO_TAG_TIME:
        read_time(found, node);
        return;
    case GUMBO_TAG_LINK:
        return;
    default:
        jd_declare(&found->any_lang, g_strdup(lang));
        read_marks(found, node);
        return;
    }
}

static void store(jd_document *document, meta *found)
{
    const char *language = found->lang               ? found->lang
                           : found->content_language ? found->content_language
                           : found->og_locale        ? found->og_locale
                                                     : found->any_lang;
    jd_declare(&document->language, jd_declared_language(language));
    jd_declare(&document->title, g_strdup(found->title));
    jd_declare(&document->title, g_strdup(found->og_title));
    jd_declare(&document->base, g_strdup(found->base));
    jd_declare(&document->published, g_strdup(found->meta_date));
    jd_declare(&document->published, g_strdup(found->marked_date));
    jd_declare(&document->published, g_strdup(found->any_date));
    GPtrArray *authors = found->meta_authors->len > 0 ? found->meta_authors : found->marked_authors;
    g_ptr_array_add(authors, NULL);
    jd_declare(&document->authors, g_strjoinv(", ", (char **)authors->pdata));
}

void jd_html_meta(jd_document *document, const GumboNode *root)
{
    meta found = {.meta_authors = g_ptr_array_new_with_free_func(g_free),
                  .marked_authors = g_ptr_array_new_with_free_func(g_free)};
    for (const GumboNode *node = root; node; node = jd_html_next(node, root, TRUE))
        if (node->type == GUMBO_NODE_ELEMENT)
            read_element(&found, node);
    store(document, &found);
    char *const owned[] = {found.title,       found.og_title, found.lang, found.content_language,
                           found.og_locale,   found.any_lang, found.base, found.meta_date,
                           found.marked_date, found.any_date};
    for (gsize i = 0; i < G_N_ELEMENTS(owned); i++)
        g_free(owned[i]);
    g_ptr_array_unref(found.meta_authors);
    g_ptr_array_unref(found.marked_authors);
}
