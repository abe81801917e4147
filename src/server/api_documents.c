/* /api/v1/documents and /api/v1/collections. */
#include "server/api.h"

#include "pipeline.h"
#include "retrieve/json.h"
#include "server/document_json.h"
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
    json_t *json = base.kb ? jd_collections_to_json(jd_kb_store(base.kb), error) : NULL;
    if (!json)
        return FALSE;
    jd_call_reply_json(call, 200, json);
    return TRUE;
}

/* ---- a whole collection ---- */

static gboolean check_collection(const jd_service *service, const char *name, GError **error)
{
    jd_filter filter = {.collection = name};
    jd_document_query query = {.filter = &filter, .page = {.limit = 1}};
    guint64 total;
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    g_autoptr(GPtrArray) found =
        base.kb ? jd_store_page_documents(jd_kb_store(base.kb), &query, &total, error) : NULL;
    if (found && total == 0)
        jd_set_http_error(error, 404, "GET /api/v1/collections lists those that there are",
                          "there is no collection %s", name);
    return found && total > 0;
}

static gboolean remove_collection(jd_call *call, GError **error)
{
    jd_service *service = jd_call_service(call);
    const char *name = jd_call_part(call, 0);
    if (!check_collection(service, name, error))
        return FALSE;
    json_auto_t *request = json_pack("{s:s}", "collection", name);
    return jd_reply_job(call, "erase", request, error);
}

/* ---- one document ---- */

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
    g_autoptr(jd_document_info) info = store ? jd_document_find(store, id, error) : NULL;
    g_autoptr(GPtrArray) chunks =
        info ? jd_document_items(store, info, JD_ITEM_TEXT, &page, error) : NULL;
    g_autoptr(GPtrArray) images =
        chunks ? jd_document_items(store, info, JD_ITEM_IMAGE, &page, error) : NULL;
    if (!images)
        return FALSE;
    jd_call_reply_json(call, 200, jd_document_whole_to_json(info, chunks, images));
    return TRUE;
}

static gboolean erase(jd_store *store, void *user, GError **error)
{
    const gint64 *id = user;
    g_autoptr(jd_document_info) info = jd_document_find(store, *id, error);
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
    {"DELETE", "/api/v1/documents/{id}", remove_document, JD_ROUTE_WRITES},
    {"GET", "/api/v1/collections", list_collections},
    {"DELETE", "/api/v1/collections/{name...}", remove_collection, JD_ROUTE_WRITES},
    {NULL},
};

const jd_route_table jd_routes_documents = {"/api/v1/", routes, jd_put_error};
