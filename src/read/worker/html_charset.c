/*
 * The encoding of an HTML page. In this order: a byte order mark or UTF-16's zeros; the charset
 * that the page declares in <meta charset>, <meta http-equiv> or its XML declaration; UTF-8 where
 * the page is valid UTF-8; windows-1252, as browsers do.
 *
 * A page that declares a Western encoding of one byte a character, but is valid UTF-8, is UTF-8: no
 * Western text is that by chance, and wrong declarations are common. A page in UTF-8 with single
 * bad bytes is left as it is, gumbo makes U+FFFD of them.
 */
#include "base/error.h"
#include "read/worker/html.h"

#include <string.h>

/* How far a declaration is looked for: browsers read 1024 bytes, exports put long comments first.
 */
enum { DECLARATION_BYTES = 8192 };

/** The first `needle` (ASCII, case ignored) in the text, or NULL. */
static const char *find(const char *text, const char *end, const char *needle)
{
    gsize length = strlen(needle);
    for (const char *p = text; p < end && (gsize)(end - p) >= length; p++)
        if (g_ascii_strncasecmp(p, needle, length) == 0)
            return p;
    return NULL;
}

/** The value behind `name` and "=" within text..end. */
static const char *value_of(const char *text, const char *end, const char *name, gsize *length)
{
    const char *p = find(text, end, name);
    if (!p)
        return NULL;
    p += strlen(name);
    while (p < end && g_ascii_isspace(*p))
        p++;
    if (p == end || *p != '=')
        return NULL;
    p++;
    while (p < end && (g_ascii_isspace(*p) || *p == '"' || *p == '\''))
        p++;
    const char *start = p;
    while (p < end && !g_ascii_isspace(*p) && !strchr("\"';>/?", *p))
        p++;
    *length = p - start;
    return start;
}

/** The encoding's label that the page declares, or NULL. */
static const char *declared(const char *text, gsize size, gsize *length)
{
    const char *end = text + MIN(size, DECLARATION_BYTES);
    if (size > 5 && memcmp(text, "<?xml", 5) == 0) {
        const char *close = memchr(text, '>', end - text);
        const char *label = value_of(text, close ? close : end, "encoding", length);
        if (label)
            return label;
    }
    const char *meta = text;
    while ((meta = find(meta, end, "<meta"))) {
        const char *close = memchr(meta, '>', end - meta);
        const char *label = value_of(meta, close ? close : end, "charset", length);
        if (label)
            return label;
        meta++;
    }
    return NULL;
}

static gboolean is_western(const char *charset)
{
    return g_str_has_prefix(charset, "WINDOWS-125") || g_str_has_prefix(charset, "ISO-8859");
}

static void warn_of_bad_bytes(GPtrArray *warnings, const char *charset, gsize errors)
{
    if (errors > 0)
        g_ptr_array_add(warnings, g_strdup_printf("%" G_GSIZE_FORMAT
                                                  " bytes do not belong to the page's encoding %s",
                                                  errors, charset));
}

/** The converter for a page without mark, NULL where its bytes are to be taken as they are. */
static const char *choose(const char *text, gsize size, GPtrArray *warnings)
{
    gsize length = 0;
    const char *label = declared(text, size, &length);
    const char *charset = label ? jd_charset_find(label, length) : NULL;
    /* Whoever could read "charset=utf-16" byte by byte is not reading UTF-16. */
    if (charset && g_str_has_prefix(charset, "UTF-"))
        charset = "UTF-8";
    const char *bad = NULL;
    gboolean valid = jd_charset_is_utf8(text, size, &bad);
    if (charset && strcmp(charset, "UTF-8") != 0 && !(valid && is_western(charset)))
        return charset;
    if (valid)
        return NULL;
    if (charset && strcmp(charset, "UTF-8") == 0) {
        g_ptr_array_add(warnings,
                        g_strdup_printf("the page declares UTF-8, but byte 0x%02X at offset "
                                        "%" G_GSIZE_FORMAT " is not of it",
                                        (guchar)*bad, (gsize)(bad - text)));
        return NULL;
    }
    g_ptr_array_add(warnings, label ? g_strdup_printf("the page's encoding \"%.*s\" is not known, "
                                                      "read as windows-1252",
                                                      (int)MIN(length, 40), label)
                                    : g_strdup("the page declares no encoding and is not UTF-8, "
                                               "read as windows-1252"));
    return "WINDOWS-1252";
}

gboolean jd_html_decode(jd_decoded *page, const jd_format_input *input, GPtrArray *warnings,
                        GError **error)
{
    gsize mark;
    const char *charset = jd_charset_told(input->data, input->size, &mark);
    jd_format_input rest = {.data = input->data + mark, .size = input->size - mark};
    if (!charset)
        charset = choose(rest.data, rest.size, warnings);
    if (!charset || strcmp(charset, "UTF-8") == 0) {
        *page = (jd_decoded){.text = rest.data, .size = rest.size, .offset = (gint64)mark};
        return TRUE;
    }
    gsize errors = 0;
    if (!jd_decoded_init_from(page, &rest, charset, &errors, error))
        return FALSE;
    warn_of_bad_bytes(warnings, charset, errors);
    return TRUE;
}
