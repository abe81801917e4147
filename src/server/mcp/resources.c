/*
 * Documents and pictures as resources: jackdaw://document/d1 is a document's text with the places
 * of its pictures, jackdaw://image/i3 a picture's bytes.
 */
#include "base/limits.h"
#include "pipeline.h"
#include "retrieve/json.h"
#include "server/document_json.h"
#include "server/ids.h"
#include "server/mcp/handler.h"
#include "server/mcp/tools.h"

#include <string.h>

#define DOCUMENT "jackdaw://document/"
#define IMAGE "jackdaw://image/"

static void refuse(GError **error, int code, const char *message)
{
    g_set_error_literal(error, JD_MCP_ERROR, code, message);
}

/* ---- the list ---- */

static json_t *document_resource(const jd_document_info *info)
{
    g_autofree char *uri = g_strdup_printf(DOCUMENT "d%" G_GINT64_FORMAT, info->id);
    g_autofree char *description = g_strdup_printf("%s, %u passages, %u pictures", info->media_type,
                                                   info->chunk_count, info->image_count);
    json_t *resource = json_pack("{s:s, s:o, s:o, s:s, s:s}", "uri", uri, "name",
                                 jd_json_string(info->uri), "title", jd_json_string(info->title),
                                 "description", description, "mimeType", "text/markdown");
    g_autoptr(GDateTime) changed = g_date_time_new_from_unix_utc(info->mtime);
    g_autofree char *when = changed ? g_date_time_format_iso8601(changed) : NULL;
    if (when)
        json_object_set_new(resource, "annotations", json_pack("{s:s}", "lastModified", when));
    return resource;
}

/* A cursor is the number of documents that were listed before. */
static gboolean read_cursor(const jd_mcp_call *call, gint64 *offset, GError **error)
{
    json_t *cursor = json_object_get(call->message->params, "cursor");
    guint64 number = 0;
    if (cursor && !json_is_null(cursor) &&
        (!json_is_string(cursor) ||
         !g_ascii_string_to_unsigned(json_string_value(cursor), 10, 1, G_MAXINT, &number, NULL))) {
        refuse(error, JD_RPC_INVALID_PARAMS, "this cursor was not given here");
        return FALSE;
    }
    *offset = (gint64)number;
    return TRUE;
}

json_t *jd_mcp_list_resources(const jd_mcp_call *call, GError **error)
{
    jd_document_query query = {.page = {.limit = JD_SERVER_PAGE_ITEMS}};
    if (!read_cursor(call, &query.page.offset, error))
        return NULL;
    guint64 total;
    g_auto(jd_borrowed) base = jd_bases_borrow(call->host->bases, error);
    jd_filter filter = {.collection = base.kb ? jd_kb_collection(base.kb) : NULL};
    query.filter = &filter;
    g_autoptr(GPtrArray) found =
        base.kb ? jd_store_page_documents(jd_kb_store(base.kb), &query, &total, error) : NULL;
    if (!found)
        return NULL;
    json_t *list = json_array();
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(list, document_resource(found->pdata[i]));
    json_t *result = json_pack("{s:o}", "resources", list);
    guint64 listed = (guint64)query.page.offset + found->len;
    g_autofree char *next = g_strdup_printf("%" G_GUINT64_FORMAT, listed);
    if (listed < total && found->len > 0)
        json_object_set_new(result, "nextCursor", json_string(next));
    return result;
}

json_t *jd_mcp_list_templates(const jd_mcp_call *call, GError **error)
{
    return json_pack("{s:[{s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}]}", "resourceTemplates",
                     "uriTemplate", DOCUMENT "{id}", "name", "document", "title", "A document",
                     "description",
                     "The text of the document with this id (d1) and the ids of its "
                     "pictures",
                     "mimeType", "text/markdown", "uriTemplate", IMAGE "{id}", "name", "image",
                     "title", "A picture", "description", "The picture with this id (i3)");
}

/* ---- reading ---- */

static json_t *text_contents(const char *uri, const char *text)
{
    return json_pack("{s:[{s:s, s:s, s:o}]}", "contents", "uri", uri, "mimeType", "text/markdown",
                     "text", jd_json_string(text));
}

/* Piece by piece, until there is enough. */
static gboolean add_items(GString *text, jd_store *store, const jd_document_info *info,
                          jd_item_kind kind, GError **error)
{
    jd_page page = {.limit = JD_SERVER_PAGE_ITEMS};
    for (;;) {
        g_autoptr(GPtrArray) items = jd_document_items(store, info, kind, &page, error);
        if (!items)
            return FALSE;
        for (guint i = 0; i < items->len; i++) {
            if (text->len > JD_MCP_DOCUMENT_BYTES) {
                g_string_append(text, "(cut here: get_document reads on from any passage)\n");
                return TRUE;
            }
            jd_tool_describe(text, items->pdata[i], 0);
        }
        if (items->len < (guint)page.limit)
            return TRUE;
        page.offset += page.limit;
    }
}

static json_t *read_document(jd_kb *kb, const char *uri, gint64 id, GError **error)
{
    jd_store *store = jd_kb_store(kb);
    g_autoptr(jd_document_info) info = jd_document_find(store, id, error);
    if (!info)
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "# %s\n\n%s\n\n", info->title, info->uri);
    if (!add_items(text, store, info, JD_ITEM_TEXT, error) ||
        !add_items(text, store, info, JD_ITEM_IMAGE, error))
        return NULL;
    return text_contents(uri, text->str);
}

static json_t *read_image(jd_kb *kb, const char *uri, gint64 id, GError **error)
{
    jd_store *store = jd_kb_store(kb);
    g_autoptr(GPtrArray) found = jd_store_get_items(store, JD_ITEM_IMAGE, &id, 1, error);
    const jd_item *item = found ? found->pdata[0] : NULL;
    if (item && !item->sha256)
        jd_set_http_error(error, 404, NULL, "the bytes of this picture are not stored");
    g_autoptr(GBytes) bytes =
        item && item->sha256 ? jd_store_get_picture(store, item->sha256, error) : NULL;
    if (!bytes)
        return NULL;
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autofree char *base64 = g_base64_encode(data, size);
    return json_pack("{s:[{s:s, s:s, s:s}]}", "contents", "uri", uri, "mimeType",
                     item->media_type ? item->media_type : "application/octet-stream", "blob",
                     base64);
}

static json_t *read_uri(jd_kb *kb, const char *uri, GError **error)
{
    gint64 id;
    if (g_str_has_prefix(uri, DOCUMENT) &&
        jd_id_read(uri + strlen(DOCUMENT), "d", "uri", &id, NULL))
        return read_document(kb, uri, id, error);
    if (g_str_has_prefix(uri, IMAGE) && jd_id_read(uri + strlen(IMAGE), "i", "uri", &id, NULL))
        return read_image(kb, uri, id, error);
    jd_set_http_error(error, 404, NULL, "there is no such resource");
    return NULL;
}

json_t *jd_mcp_read_resource(const jd_mcp_call *call, GError **error)
{
    const char *uri = json_string_value(json_object_get(call->message->params, "uri"));
    if (!uri) {
        refuse(error, JD_RPC_INVALID_PARAMS, "uri is to name a resource");
        return NULL;
    }
    g_autoptr(GError) problem = NULL;
    g_auto(jd_borrowed) base = jd_bases_borrow(call->host->bases, error);
    if (!base.kb)
        return NULL;
    json_t *contents = read_uri(base.kb, uri, &problem);
    if (contents)
        return contents;
    if (g_error_matches(problem, JD_HTTP_ERROR, 404) ||
        g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
        refuse(error, JD_RPC_RESOURCE_NOT_FOUND, problem->message);
    else
        g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
