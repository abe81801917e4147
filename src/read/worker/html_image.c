/*
 * Which picture an img element shows.
 *
 * The candidates are src, srcset, the attributes that lazy loading keeps the real source in, and
 * the sources of the picture element around it. A candidate that lies beside the document beats one
 * that must be fetched: browsers that save a page rewrite src alone. Among equals the widest wins,
 * up to what is worth having. A source that is named or made like a placeholder comes last.
 */
#include "read/worker/html.h"
#include "read/worker/html_tree.h"

#include <stdlib.h>
#include <string.h>

enum {
    SENSIBLE_WIDTH = 2048, /* pixels; wider ones only where nothing else is there */
    SENSIBLE_DENSITY = 2,  /* "2x" */
    EMBEDDED_BYTES = 1024, /* a data: URI longer than this is a picture, no placeholder */
    DECORATION_PIXELS = 8  /* given width and height up to this: spacers, tracking dots */
};

typedef enum locality {
    PLACEHOLDER,
    REMOTE,
    ROOT_RELATIVE, /* "/images/x.png": beside the document only on its server */
    BESIDE,
    EMBEDDED
} locality;

typedef struct candidate {
    char *source;
    locality where;
    double quality;
} candidate;

static gboolean has_prefix(const char *text, gsize length, const char *prefix)
{
    gsize prefix_length = strlen(prefix);
    return length >= prefix_length && g_ascii_strncasecmp(text, prefix, prefix_length) == 0;
}

static locality locality_of(const char *url, gsize length)
{
    static const char *const placeholders[] = {"spacer.",     "blank.",       "pixel.",  "/1x1.",
                                               "placeholder", "transparent.", "grey.gif"};
    if (has_prefix(url, length, "data:"))
        return length >= EMBEDDED_BYTES && !has_prefix(url, length, "data:image/svg") ? EMBEDDED
                                                                                      : PLACEHOLDER;
    for (gsize i = 0; i < G_N_ELEMENTS(placeholders); i++)
        if (g_strstr_len(url, (gssize)length, placeholders[i]))
            return PLACEHOLDER;
    if (has_prefix(url, length, "http:") || has_prefix(url, length, "https:") ||
        has_prefix(url, length, "//"))
        return REMOTE;
    return *url == '/' ? ROOT_RELATIVE : BESIDE;
}

static void consider(candidate *best, const char *url, gsize length, double quality)
{
    while (length > 0 && g_ascii_isspace(*url)) {
        url++;
        length--;
    }
    while (length > 0 && g_ascii_isspace(url[length - 1]))
        length--;
    if (length == 0 || has_prefix(url, length, "javascript:") || has_prefix(url, length, "blob:"))
        return;
    locality where = locality_of(url, length);
    if (best->source && (where < best->where || (where == best->where && quality <= best->quality)))
        return;
    g_free(best->source);
    *best = (candidate){g_strndup(url, length), where, quality};
}

/** "640w" or "2x" as a number to compare by; what is larger than sensible counts little. */
static double quality_of(const char *descriptor)
{
    double number = g_ascii_strtod(descriptor, NULL);
    if (!(number > 0))
        return 1;
    double sensible = strchr(descriptor, 'x') ? SENSIBLE_DENSITY : SENSIBLE_WIDTH;
    return number <= sensible ? 1 + number : 1 / number;
}

/** The candidates of a srcset attribute, as the HTML standard splits it. */
static void consider_srcset(candidate *best, const char *srcset)
{
    static const char blank[] = " \t\r\n\f";
    if (!srcset)
        return;
    const char *p = srcset;
    while (*(p += strspn(p, " \t\r\n\f,"))) {
        gsize length = strcspn(p, blank);
        const char *url = p;
        p += length;
        if (url[length - 1] == ',') {
            while (length > 0 && url[length - 1] == ',')
                length--;
            consider(best, url, length, 1);
            continue;
        }
        p += strspn(p, blank);
        gsize descriptor_length = strcspn(p, ",");
        g_autofree char *descriptor = g_strndup(p, MIN(descriptor_length, 32));
        consider(best, url, length, quality_of(descriptor));
        p += descriptor_length;
    }
}

static void consider_element(candidate *best, const GumboNode *element)
{
    static const char *const lazy[] = {"data-src", "data-original", "data-lazy-src", "data-lazy",
                                       "data-hi-res-src"};
    static const char *const sets[] = {"srcset", "data-srcset", "data-lazy-srcset"};
    const char *src = jd_html_attribute(element, "src");
    if (src)
        consider(best, src, strlen(src), 0);
    for (gsize i = 0; i < G_N_ELEMENTS(lazy); i++) {
        const char *url = jd_html_attribute(element, lazy[i]);
        if (url)
            consider(best, url, strlen(url), 0.5);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(sets); i++)
        consider_srcset(best, jd_html_attribute(element, sets[i]));
}

/** The sources of the picture element around an img, but for formats that nothing here decodes. */
static void consider_sources(candidate *best, const GumboNode *img)
{
    const GumboNode *parent = img->parent;
    /* By its name: gumbo 0.10 has no tag for it, later ones have. */
    if (!parent || !jd_html_is_element(parent) ||
        !has_prefix(parent->v.element.original_tag.data, parent->v.element.original_tag.length,
                    "<picture"))
        return;
    const GumboVector *children = jd_html_children(parent);
    for (unsigned i = 0; i < children->length; i++) {
        const GumboNode *source = children->data[i];
        if (jd_html_tag(source) != GUMBO_TAG_SOURCE)
            continue;
        const char *type = jd_html_value(source, "type");
        if (!type || strcmp(type, "image/webp") == 0 || strcmp(type, "image/jpeg") == 0 ||
            strcmp(type, "image/png") == 0 || strcmp(type, "image/gif") == 0)
            consider_element(best, source);
    }
}

static gboolean is_dot(const GumboNode *img)
{
    const char *width = jd_html_value(img, "width");
    const char *height = jd_html_value(img, "height");
    return width && height && g_ascii_isdigit(*width) && g_ascii_isdigit(*height) &&
           !strchr(width, '%') && atoi(width) <= DECORATION_PIXELS &&
           atoi(height) <= DECORATION_PIXELS;
}

jd_html_image_kind jd_html_image(const GumboNode *img, char **source)
{
    static const char *const inline_classes[] = {"emoji",
                                                 "wp-smiley",
                                                 "latex",
                                                 "tex",
                                                 "mwe-math-fallback-image-inline",
                                                 "mwe-math-fallback-image-display"};
    const char *classes = jd_html_value(img, "class");
    if (classes && jd_html_value(img, "alt") &&
        jd_html_has_word(classes, inline_classes, G_N_ELEMENTS(inline_classes)))
        return JD_HTML_IMAGE_INLINE;
    if (is_dot(img))
        return JD_HTML_IMAGE_NONE;
    candidate best = {0};
    consider_element(&best, img);
    consider_sources(&best, img);
    if (!best.source)
        return JD_HTML_IMAGE_NONE;
    *source = best.source;
    return JD_HTML_IMAGE_PICTURE;
}
