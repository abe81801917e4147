/* /api/v1/documents and /api/v1/collections. */
#include "server/api.h"

#include "pipeline.h"
#include "retrieve/json.h"
#include "server/ids.h"
#include "server/search_params.h"
#include "server/service.h"

/* ---- lists ---- */

static gboolean list(jd_call *call, GError **error)
{
    static const char *const orders[] = {"oldest", "newest", "title", "changed", NULL};
    g_auto(jd_params) params = {0};
    jd_filter filter = {0};
    jd_document_query query = {.filter = &filter};
    int order = JD_ORDER_OLDEST;
    if (!jd_params_init(&params, call, error) || !jd_filter_read(&filter, &params, error) ||
        !jd_page_read(&query.page, &params, error) ||
        !jd_params_choice(&params, "order", orders, &order, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    query.order = (jd_document_order)order;
    guint64 total;
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(GPtrArray) found =
        base.kb ? jd_store_page_documents(jd_kb_store(base.kb), &query, &total, error) : NULL;
    if (!found)
        return FALSE;
    json_t *documents = json_array();
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(documents, jd_document_to_json_full(found->pdata[i]));
    jd_call_reply_json(call, 200,
                       json_pack("{s:o, s:I}", "documents", documents, "total", (json_int_t)total));
    return TRUE;
}

static gboolean list_collections(jd_call *call, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(GPtrArray) found =
        base.kb ? jd_store_list_collections(jd_kb_store(base.kb), error) : NULL;
    if (!found)
        return FALSE;
    json_t *collections = json_array();
    for (guint i = 0; i < found->len; i++) {
        const jd_collection_info *info = found->pdata[i];
        json_array_append_new(
            collections,
            json_pack("{s:o, s:I, s:I, s:I, s:I}", "name", jd_json_string(info->name), "documents",
                      (json_int_t)info->documents, "chunks", (json_int_t)info->chunks, "images",
                      (json_int_t)info->images, "bytes", (json_int_t)info->bytes));
    }
    jd_call_reply_json(call, 200, json_pack("{s:o}", "collections", collections));
    return TRUE;
}

/* ---- one document ---- */

static jd_document_info *find(jd_store *store, gint64 id, GError **error)
{
    jd_filter filter = {.document = id};
    g_autoptr(GPtrArray) found = jd_store_list_documents(store, &filter, error);
    if (found && found->len > 0)
        return jd_document_info_ref(found->pdata[0]);
    if (found)
        jd_set_http_error(error, 404, NULL, "there is no document d%" G_GINT64_FORMAT, id);
    return NULL;
}

static json_t *items(jd_store *store, gint64 document, jd_item_kind kind, const jd_page *page,
                     GError **error)
{
    jd_item_range range = {.document = document,
                           .kind = kind,
                           .first = (int)page->offset,
                           .last = (int)MIN(page->offset + page->limit - 1, G_MAXINT)};
    g_autoptr(GPtrArray) found = jd_store_get_range(store, &range, error);
    if (!found)
        return NULL;
    json_t *array = json_array();
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(array, jd_item_to_json(found->pdata[i]));
    return array;
}

static gboolean show(jd_call *call, GError **error)
{
    gint64 id;
    g_auto(jd_params) params = {0};
    jd_page page;
    if (!jd_path_id(call, 0, 'd', &id, error) || !jd_params_init(&params, call, error) ||
        !jd_page_read(&page, &params, error) || !jd_params_end(&params, error))
        return FALSE;
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    jd_store *store = base.kb ? jd_kb_store(base.kb) : NULL;
    g_autoptr(jd_document_info) info = store ? find(store, id, error) : NULL;
    if (!info)
        return FALSE;
    json_auto_t *chunks = items(store, id, JD_ITEM_TEXT, &page, error);
    json_auto_t *images = chunks ? items(store, id, JD_ITEM_IMAGE, &page, error) : NULL;
    if (!images)
        return FALSE;
    jd_call_reply_json(call, 200,
                       json_pack("{s:o, s:O, s:O}", "document", jd_document_to_json_full(info),
                                 "chunks", chunks, "images", images));
    return TRUE;
}

static gboolean erase(jd_store *store, void *user, GError **error)
{
    const gint64 *id = user;
    g_autoptr(jd_document_info) info = find(store, *id, error);
    return info && jd_store_remove_document(store, *id, error) && jd_store_compact(store, error);
}

static gboolean remove_document(jd_call *call, GError **error)
{
    gint64 id;
    if (!jd_path_id(call, 0, 'd', &id, error) ||
        !jd_scribe_write(jd_call_service(call)->scribe, erase, &id, error))
        return FALSE;
    jd_call_reply_empty(call, 204);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/documents", list},
    {"GET", "/api/v1/documents/{id}", show},
    {"DELETE", "/api/v1/documents/{id}", remove_document},
    {"GET", "/api/v1/collections", list_collections},
    {NULL},
};

const jd_route_table jd_routes_documents = {"/api/v1/", routes, jd_put_error};
