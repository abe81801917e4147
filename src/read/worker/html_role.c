#include "read/worker/html_role.h"

#include "read/worker/html_tree.h"

#include <string.h>

static const guint8 roles[GUMBO_TAG_LAST + 1] = {
    [GUMBO_TAG_HEAD] = JD_HTML_SKIP,
    [GUMBO_TAG_SCRIPT] = JD_HTML_SKIP,
    [GUMBO_TAG_STYLE] = JD_HTML_SKIP,
    [GUMBO_TAG_TEMPLATE] = JD_HTML_SKIP,
    [GUMBO_TAG_TITLE] = JD_HTML_SKIP,
    [GUMBO_TAG_IFRAME] = JD_HTML_SKIP,
    [GUMBO_TAG_EMBED] = JD_HTML_SKIP,
    [GUMBO_TAG_VIDEO] = JD_HTML_SKIP,
    [GUMBO_TAG_AUDIO] = JD_HTML_SKIP,
    [GUMBO_TAG_CANVAS] = JD_HTML_SKIP,
    [GUMBO_TAG_SELECT] = JD_HTML_SKIP,
    [GUMBO_TAG_DATALIST] = JD_HTML_SKIP,
    [GUMBO_TAG_TEXTAREA] = JD_HTML_SKIP,
    [GUMBO_TAG_NOEMBED] = JD_HTML_SKIP,
    [GUMBO_TAG_RT] = JD_HTML_SKIP,
    [GUMBO_TAG_RP] = JD_HTML_SKIP,
    [GUMBO_TAG_BODY] = JD_HTML_BLOCK,
    [GUMBO_TAG_ADDRESS] = JD_HTML_BLOCK,
    [GUMBO_TAG_ARTICLE] = JD_HTML_BLOCK,
    [GUMBO_TAG_ASIDE] = JD_HTML_BLOCK,
    [GUMBO_TAG_CENTER] = JD_HTML_BLOCK,
    [GUMBO_TAG_DETAILS] = JD_HTML_BLOCK,
    [GUMBO_TAG_DIV] = JD_HTML_BLOCK,
    [GUMBO_TAG_FIELDSET] = JD_HTML_BLOCK,
    [GUMBO_TAG_FOOTER] = JD_HTML_BLOCK,
    [GUMBO_TAG_FORM] = JD_HTML_BLOCK,
    [GUMBO_TAG_HEADER] = JD_HTML_BLOCK,
    [GUMBO_TAG_HGROUP] = JD_HTML_BLOCK,
    [GUMBO_TAG_HR] = JD_HTML_BLOCK,
    [GUMBO_TAG_LEGEND] = JD_HTML_BLOCK,
    [GUMBO_TAG_MAIN] = JD_HTML_BLOCK,
    [GUMBO_TAG_NAV] = JD_HTML_BLOCK,
    [GUMBO_TAG_NOFRAMES] = JD_HTML_SKIP,
    [GUMBO_TAG_OPTION] = JD_HTML_BLOCK,
    [GUMBO_TAG_P] = JD_HTML_BLOCK,
    [GUMBO_TAG_SECTION] = JD_HTML_BLOCK,
    [GUMBO_TAG_SUMMARY] = JD_HTML_BLOCK,
    [GUMBO_TAG_BR] = JD_HTML_BREAK,
    [GUMBO_TAG_H1] = JD_HTML_HEADING,
    [GUMBO_TAG_H2] = JD_HTML_HEADING,
    [GUMBO_TAG_H3] = JD_HTML_HEADING,
    [GUMBO_TAG_H4] = JD_HTML_HEADING,
    [GUMBO_TAG_H5] = JD_HTML_HEADING,
    [GUMBO_TAG_H6] = JD_HTML_HEADING,
    [GUMBO_TAG_BLOCKQUOTE] = JD_HTML_QUOTE,
    [GUMBO_TAG_UL] = JD_HTML_LIST,
    [GUMBO_TAG_OL] = JD_HTML_LIST,
    [GUMBO_TAG_DL] = JD_HTML_LIST,
    [GUMBO_TAG_MENU] = JD_HTML_LIST,
    [GUMBO_TAG_DIR] = JD_HTML_LIST,
    [GUMBO_TAG_LI] = JD_HTML_ITEM,
    [GUMBO_TAG_DT] = JD_HTML_ITEM,
    [GUMBO_TAG_DD] = JD_HTML_DESCRIPTION,
    [GUMBO_TAG_TABLE] = JD_HTML_TABLE,
    [GUMBO_TAG_TR] = JD_HTML_ROW,
    [GUMBO_TAG_TD] = JD_HTML_CELL,
    [GUMBO_TAG_TH] = JD_HTML_CELL,
    [GUMBO_TAG_CAPTION] = JD_HTML_TABLE_CAPTION,
    [GUMBO_TAG_PRE] = JD_HTML_CODE,
    [GUMBO_TAG_LISTING] = JD_HTML_CODE,
    [GUMBO_TAG_XMP] = JD_HTML_CODE,
    [GUMBO_TAG_PLAINTEXT] = JD_HTML_CODE,
    [GUMBO_TAG_FIGURE] = JD_HTML_FIGURE,
    [GUMBO_TAG_FIGCAPTION] = JD_HTML_FIGCAPTION,
    [GUMBO_TAG_IMG] = JD_HTML_IMAGE,
    [GUMBO_TAG_IMAGE] = JD_HTML_IMAGE,
    [GUMBO_TAG_NOSCRIPT] = JD_HTML_NOSCRIPT,
    [GUMBO_TAG_Q] = JD_HTML_QUOTATION,
};

static gboolean says(const GumboNode *element, const char *attribute, const char *value)
{
    const char *found = jd_html_attribute(element, attribute);
    return found && g_ascii_strcasecmp(found, value) == 0;
}

static gboolean is_hidden(const GumboNode *element)
{
    const char *hidden = jd_html_attribute(element, "hidden");
    if (hidden && g_ascii_strcasecmp(hidden, "until-found") != 0)
        return TRUE;
    if (says(element, "aria-hidden", "true"))
        return TRUE;
    const char *style = jd_html_value(element, "style");
    const char *display = style ? strstr(style, "display:") : NULL;
    if (!display)
        return FALSE;
    display += strlen("display:");
    return g_str_has_prefix(display + strspn(display, " "), "none");
}

/** Marks beside headings, numbers beside code and words for screen readers alone. */
static gboolean is_ornament(const char *classes)
{
    static const char *const ornaments[] = {
        "headerlink",     "header-anchor", "anchor-link",     "mw-editsection",
        "gutter",         "linenos",       "lineno",          "rouge-gutter",
        "sr-only",        "skip-link",     "visually-hidden", "screen-reader-text",
        "MathJax_Preview"};
    return jd_html_has_word(classes, ornaments, G_N_ELEMENTS(ornaments));
}

static gboolean is_caption(const char *classes)
{
    static const char *const captions[] = {"wp-caption-text", "tr-caption", "gallery-caption",
                                           "image-caption"};
    return jd_html_has_word(classes, captions, G_N_ELEMENTS(captions));
}

/** A heading that begins no section: Medium's exports have one below the title. */
static gboolean is_subtitle(const char *classes)
{
    static const char *const subtitles[] = {"graf--subtitle", "subtitle"};
    return jd_html_has_word(classes, subtitles, G_N_ELEMENTS(subtitles));
}

/** A footer of the whole page rather than of an article in it. */
static gboolean is_page_footer(const GumboNode *footer)
{
    for (const GumboNode *node = footer->parent; node; node = node->parent) {
        switch (jd_html_tag(node)) {
        case GUMBO_TAG_ARTICLE:
        case GUMBO_TAG_MAIN:
        case GUMBO_TAG_SECTION:
        case GUMBO_TAG_BLOCKQUOTE:
        case GUMBO_TAG_FIGURE:
            return FALSE;
        default:
            break;
        }
    }
    return TRUE;
}

static gboolean is_boilerplate(const GumboNode *element)
{
    GumboTag tag = jd_html_tag(element);
    return tag == GUMBO_TAG_NAV || says(element, "role", "navigation") ||
           (tag == GUMBO_TAG_FOOTER && is_page_footer(element)) ||
           says(element, "role", "contentinfo");
}

static gboolean in_heading(const GumboNode *element)
{
    const GumboNode *parent = element->parent;
    return parent && jd_html_is_element(parent) && roles[parent->v.element.tag] == JD_HTML_HEADING;
}

static jd_html_role role_of_script(const GumboNode *script)
{
    const char *type = jd_html_value(script, "type");
    return type && g_str_has_prefix(type, "math/tex") ? JD_HTML_FORMULA : JD_HTML_SKIP;
}

static jd_html_role role_of_foreign(const GumboElement *element)
{
    if (element->tag_namespace == GUMBO_NAMESPACE_SVG)
        return JD_HTML_SKIP;
    return element->tag == GUMBO_TAG_MATH ? JD_HTML_FORMULA : JD_HTML_INLINE;
}

jd_html_role jd_html_role_of(const GumboNode *node, gboolean boilerplate)
{
    const GumboElement *element = &node->v.element;
    if (element->tag_namespace != GUMBO_NAMESPACE_HTML)
        return role_of_foreign(element);
    jd_html_role role =
        element->tag <= GUMBO_TAG_LAST ? (jd_html_role)roles[element->tag] : JD_HTML_INLINE;
    if (element->tag == GUMBO_TAG_SCRIPT)
        return role_of_script(node);
    if (element->tag == GUMBO_TAG_BUTTON)
        return in_heading(node) ? JD_HTML_INLINE : JD_HTML_SKIP;
    if (boilerplate && (element->tag == GUMBO_TAG_NAV || element->tag == GUMBO_TAG_FOOTER) &&
        is_boilerplate(node))
        return JD_HTML_SKIP;
    if (role == JD_HTML_SKIP || element->attributes.length == 0)
        return role;
    if (is_hidden(node) || (boilerplate && is_boilerplate(node)))
        return JD_HTML_SKIP;
    if (element->tag == GUMBO_TAG_INPUT)
        return says(node, "type", "checkbox") ? JD_HTML_CHECKBOX : JD_HTML_SKIP;
    const char *classes = jd_html_value(node, "class");
    if (!classes || role == JD_HTML_IMAGE)
        return role;
    if (is_ornament(classes))
        return JD_HTML_SKIP;
    if (role == JD_HTML_HEADING && is_subtitle(classes))
        return JD_HTML_BLOCK;
    return is_caption(classes) ? JD_HTML_FIGCAPTION : role;
}

gboolean jd_html_is_layout(const GumboNode *table)
{
    static const char *const layout_class[] = {"tr-caption-container"};
    const char *classes = jd_html_value(table, "class");
    if (says(table, "role", "presentation") || says(table, "role", "none") ||
        (classes && jd_html_has_word(classes, layout_class, 1)))
        return TRUE;
    guint rows = 0;
    guint cells = 0;
    guint paragraphs = 0;
    for (const GumboNode *node = jd_html_next(table, table, TRUE); node;
         node = jd_html_next(node, table, TRUE)) {
        if (!jd_html_is_element(node))
            continue;
        switch (roles[node->v.element.tag]) {
        case JD_HTML_TABLE:
        case JD_HTML_HEADING:
        case JD_HTML_CODE:
        case JD_HTML_FIGURE:
        case JD_HTML_QUOTE:
            return TRUE;
        case JD_HTML_ROW:
            rows++;
            break;
        case JD_HTML_CELL:
            cells++;
            break;
        default:
            paragraphs += jd_html_tag(node) == GUMBO_TAG_P;
        }
    }
    /* One column, or running text in the cells. */
    return cells <= rows || paragraphs > 2 * cells;
}

const GumboNode *jd_html_main(const GumboNode *root)
{
    const GumboNode *found = NULL;
    for (const GumboNode *node = root; node; node = jd_html_next(node, root, TRUE)) {
        if (jd_html_tag(node) != GUMBO_TAG_MAIN &&
            !(node->type == GUMBO_NODE_ELEMENT && says(node, "role", "main")))
            continue;
        if (found)
            return NULL;
        found = node;
    }
    return found;
}

char *jd_html_formula(const GumboNode *element)
{
    const char *alternative = jd_html_value(element, "alttext");
    if (alternative)
        return g_strdup(alternative);
    GString *all = g_string_new(NULL);
    for (const GumboNode *node = element; node; node = jd_html_next(node, element, TRUE)) {
        const char *text = jd_html_text(node);
        if (!text)
            continue;
        const char *encoding = jd_html_value(node->parent, "encoding");
        if (encoding && strcmp(encoding, "application/x-tex") == 0) {
            g_string_assign(all, text);
            break;
        }
        g_string_append(all, text);
    }
    return g_string_free(all, FALSE);
}
