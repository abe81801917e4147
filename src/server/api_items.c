/* /api/v1/chunks and /api/v1/images: passages, and pictures with their bytes. */
#include "server/api.h"

#include "pipeline.h"
#include "retrieve/json.h"
#include "server/ids.h"
#include "server/picture_reply.h"
#include "server/service.h"

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
    return item && jd_picture_reply(call, base.kb, item, error);
}

static gboolean thumbnail(jd_call *call, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_item) item = find_picture(call, base.kb, error);
    return item && jd_thumbnail_reply(call, base.kb, item, error);
}

static const jd_route routes[] = {
    {"GET", "/api/v1/chunks/{id}", show_chunk},
    {"GET", "/api/v1/images/{id}", show_image},
    {"GET", "/api/v1/images/{id}/bytes", bytes},
    {"GET", "/api/v1/images/{id}/thumbnail", thumbnail},
    {NULL},
};

const jd_route_table jd_routes_items = {"/api/v1/", routes, jd_put_error};
