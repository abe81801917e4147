/* /api/v1/chunks and /api/v1/images: passages, and pictures with their bytes. */
#include "server/api.h"

#include "pipeline.h"
#include "retrieve/json.h"
#include "server/ids.h"
#include "server/params.h"
#include "server/service.h"

#include <string.h>

static jd_item *find(const jd_call *call, jd_kb *kb, jd_item_kind kind, GError **error)
{
    gint64 id;
    if (!kb || !jd_path_id(call, 0, kind == JD_ITEM_TEXT ? 't' : 'i', &id, error))
        return NULL;
    g_autoptr(GPtrArray) found = jd_store_get_items(jd_kb_store(kb), kind, &id, 1, error);
    if (!found)
        return NULL;
    g_ptr_array_set_free_func(found, NULL);
    return found->pdata[0];
}

static gboolean show(jd_call *call, jd_item_kind kind, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_item) item = find(call, base.kb, kind, error);
    if (!item)
        return FALSE;
    jd_call_reply_json(call, 200, jd_item_to_json(item));
    return TRUE;
}

static gboolean show_chunk(jd_call *call, GError **error)
{
    return show(call, JD_ITEM_TEXT, error);
}

static gboolean show_image(jd_call *call, GError **error)
{
    return show(call, JD_ITEM_IMAGE, error);
}

/* ---- bytes ---- */

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

static jd_item *find_picture(const jd_call *call, jd_kb *kb, GError **error)
{
    g_autoptr(jd_item) item = find(call, kb, JD_ITEM_IMAGE, error);
    if (item && !item->sha256) {
        jd_set_http_error(error, 404, NULL, "the bytes of this picture are not stored");
        return NULL;
    }
    return g_steal_pointer(&item);
}

static gboolean bytes(jd_call *call, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_item) item = find_picture(call, base.kb, error);
    if (!item)
        return FALSE;
    if (is_known(call, item->sha256))
        return TRUE;
    g_autoptr(GBytes) picture = jd_store_get_picture(jd_kb_store(base.kb), item->sha256, error);
    if (!picture)
        return FALSE;
    jd_call_reply_bytes(call, 200, served_type(item->media_type), picture);
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

static gboolean thumbnail(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    int size = 256;
    if (!jd_params_init(&params, call, error) ||
        !jd_params_integer(&params, "size", (jd_range){1, 1024}, &size, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    jd_service *service = jd_call_service(call);
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    g_autoptr(jd_item) item = find_picture(call, base.kb, error);
    if (!item)
        return FALSE;
    jd_thumbnail_wish wish = {.sha256 = item->sha256, .side = rounded_side(size)};
    g_autofree char *tag = g_strdup_printf("%s-%d", wish.sha256, wish.side);
    if (is_known(call, tag))
        return TRUE;
    jd_thumbnail made;
    if (!jd_thumbnails_get(service->thumbnails, base.kb, &wish, &made, error))
        return FALSE;
    jd_call_reply_bytes(call, 200, made.media_type, made.bytes);
    g_bytes_unref(made.bytes);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/chunks/{id}", show_chunk},
    {"GET", "/api/v1/images/{id}", show_image},
    {"GET", "/api/v1/images/{id}/bytes", bytes},
    {"GET", "/api/v1/images/{id}/thumbnail", thumbnail},
    {NULL},
};

const jd_route_table jd_routes_items = {"/api/v1/", routes, jd_put_error};
