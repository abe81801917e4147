/* Pictures of an HTML page, embedded ones decoded. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "read/worker/html.h"

#include <string.h>

/* An embedded picture of fewer pixels on both sides is a dot, a line or a blurred stand-in. */
enum { EMBEDDED_MIN_SIDE = 8 };

/* A shorter data: URI without alt text stands for a picture that a script puts in its place. */
enum { STAND_IN_BYTES = 256 };

/** The bytes of a data: URI (RFC 2397), or NULL where it is malformed. */
static GBytes *data_uri_bytes(const char *uri)
{
    const char *comma = strchr(uri, ',');
    if (!comma)
        return NULL;
    static const char mark[] = ";base64";
    gsize mark_length = sizeof mark - 1;
    gboolean base64 = (gsize)(comma - uri) > mark_length &&
                      g_ascii_strncasecmp(comma - mark_length, mark, mark_length) == 0;
    g_autoptr(GBytes) plain = g_uri_unescape_bytes(comma + 1, -1, NULL, NULL);
    if (!plain || !base64)
        return g_steal_pointer(&plain);
    gsize size;
    const char *text = g_bytes_get_data(plain, &size);
    g_autofree char *encoded = g_strndup(text ? text : "", size);
    gsize decoded_size;
    guchar *decoded = g_base64_decode(encoded, &decoded_size);
    return g_bytes_new_take(decoded, decoded_size);
}

static gboolean decode(jd_picture *picture, const char *uri, GError **error)
{
    if (strlen(uri) / 4 * 3 > JD_LIMIT_PICTURE_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "it has more than %lld MiB",
                     JD_LIMIT_PICTURE_BYTES / JD_MIB);
        return FALSE;
    }
    picture->bytes = data_uri_bytes(uri);
    if (!picture->bytes || g_bytes_get_size(picture->bytes) == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "its data: address is malformed");
        return FALSE;
    }
    return jd_picture_check(picture, error);
}

jd_picture *jd_html_picture(const char *source, const char *alt, GPtrArray *warnings)
{
    jd_picture *picture = jd_picture_new();
    if (g_ascii_strncasecmp(source, "data:", 5) != 0) {
        picture->source = g_strdup(source);
    } else {
        g_autoptr(GError) error = NULL;
        gboolean drawing = g_ascii_strncasecmp(source, "data:image/svg", 14) == 0;
        gboolean done = !drawing && decode(picture, source, &error);
        if (error && (alt || strlen(source) >= STAND_IN_BYTES))
            g_ptr_array_add(
                warnings, g_strdup_printf("an embedded picture was left out: %s", error->message));
        if (!done || (picture->width < EMBEDDED_MIN_SIDE && picture->height < EMBEDDED_MIN_SIDE)) {
            jd_picture_free(picture);
            return NULL;
        }
    }
    g_autofree char *words = alt ? jd_text_collapse(alt, -1) : NULL;
    if (words && *words)
        picture->alt = g_steal_pointer(&words);
    return picture;
}
