#include "server/picture_reply.h"

#include "pipeline.h"
#include "server/params.h"
#include "server/service.h"

#include <string.h>

/* What an id stands for never changes, so a browser may keep it. Replies where it has it already.
 */
static gboolean is_known(jd_call *call, const char *tag)
{
    g_autofree char *etag = g_strdup_printf("\"%s\"", tag);
    const char *known = jd_call_header(call, "if-none-match");
    jd_call_set_header(call, "ETag", etag);
    jd_call_set_header(call, "Cache-Control", "private, max-age=86400, immutable");
    if (!known || !strstr(known, etag))
        return FALSE;
    jd_call_reply_empty(call, 304);
    return TRUE;
}

/* Only pictures are ever served as what they are: nothing that a browser would run. */
static const char *served_type(const char *media_type)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/webp", "image/gif"};
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_strcmp0(media_type, types[i]) == 0)
            return types[i];
    return "application/octet-stream";
}

gboolean jd_picture_reply(jd_call *call, jd_kb *kb, const jd_item *picture, GError **error)
{
    if (is_known(call, picture->sha256))
        return TRUE;
    g_autoptr(GBytes) bytes = jd_store_get_picture(jd_kb_store(kb), picture->sha256, error);
    if (!bytes)
        return FALSE;
    jd_call_reply_bytes(call, 200, served_type(picture->media_type), bytes);
    return TRUE;
}

/* A few sizes, so that a client cannot have any number of them made. */
static int rounded_side(int side)
{
    static const int sides[] = {64, 128, 256, 512, 1024};
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++)
        if (side <= sides[i])
            return sides[i];
    return sides[G_N_ELEMENTS(sides) - 1];
}

gboolean jd_thumbnail_reply(jd_call *call, jd_kb *kb, const jd_item *picture, GError **error)
{
    g_auto(jd_params) params = {0};
    int size = 256;
    if (!jd_params_init(&params, call, error) ||
        !jd_params_integer(&params, "size", (jd_range){1, 1024}, &size, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    jd_thumbnail_wish wish = {.sha256 = picture->sha256, .side = rounded_side(size)};
    g_autofree char *tag = g_strdup_printf("%s-%d", wish.sha256, wish.side);
    if (is_known(call, tag))
        return TRUE;
    jd_thumbnail made;
    if (!jd_thumbnails_get(jd_call_service(call)->thumbnails, kb, &wish, &made, error))
        return FALSE;
    jd_call_reply_bytes(call, 200, made.media_type, made.bytes);
    g_bytes_unref(made.bytes);
    return TRUE;
}
