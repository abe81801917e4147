#include "server/document_json.h"

#include "retrieve/json.h"
#include "server/problem.h"

jd_document_info *jd_document_find(jd_store *store, gint64 id, GError **error)
{
    jd_filter filter = {.document = id};
    g_autoptr(GPtrArray) found = jd_store_list_documents(store, &filter, error);
    if (found && found->len > 0)
        return jd_document_info_ref(found->pdata[0]);
    if (found)
        jd_set_http_error(error, 404, NULL, "there is no document d%" G_GINT64_FORMAT, id);
    return NULL;
}

GPtrArray *jd_document_items(jd_store *store, const jd_document_info *document, jd_item_kind kind,
                             const jd_page *page, GError **error)
{
    jd_item_range range = {.document = document->id,
                           .kind = kind,
                           .first = (int)page->offset,
                           .last = (int)MIN(page->offset + page->limit - 1, G_MAXINT)};
    return jd_store_get_range(store, &range, error);
}

json_t *jd_items_to_json(const GPtrArray *items)
{
    json_t *array = json_array();
    for (guint i = 0; i < items->len; i++)
        json_array_append_new(array, jd_item_to_json(items->pdata[i]));
    return array;
}

json_t *jd_document_whole_to_json(const jd_document_info *document, const GPtrArray *chunks,
                                  const GPtrArray *images)
{
    return json_pack("{s:o, s:o, s:o}", "document", jd_document_to_json_full(document), "chunks",
                     jd_items_to_json(chunks), "images", jd_items_to_json(images));
}

json_t *jd_collections_to_json(jd_store *store, GError **error)
{
    g_autoptr(GPtrArray) found = jd_store_list_collections(store, error);
    if (!found)
        return NULL;
    json_t *collections = json_array();
    for (guint i = 0; i < found->len; i++) {
        const jd_collection_info *info = found->pdata[i];
        json_array_append_new(
            collections,
            json_pack("{s:o, s:I, s:I, s:I, s:I}", "name", jd_json_string(info->name), "documents",
                      (json_int_t)info->documents, "chunks", (json_int_t)info->chunks, "images",
                      (json_int_t)info->images, "bytes", (json_int_t)info->bytes));
    }
    return json_pack("{s:o}", "collections", collections);
}
