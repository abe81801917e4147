/* The tools that show what is there: get_document, get_image, list_collections. */
#include "server/mcp/tools.h"

#include "base/limits.h"
#include "pipeline.h"
#include "retrieve/json.h"
#include "server/document_json.h"
#include "server/ids.h"
#include "server/search_params.h"

static gboolean read_id(jd_params *params, const char *letters, gint64 *id, GError **error)
{
    const char *text = NULL;
    return jd_params_text(params, "id", &text, error) &&
           jd_id_read(text ? text : "", letters, "id", id, error);
}

/* ---- a document ---- */

json_t *jd_tool_get_document(jd_tool_call *call, GError **error)
{
    gint64 id;
    jd_page page;
    jd_store *store = jd_kb_store(call->kb);
    if (!read_id(&call->params, "d", &id, error) || !jd_page_read(&page, &call->params, error) ||
        !jd_params_end(&call->params, error))
        return NULL;
    g_autoptr(jd_document_info) info = jd_document_find(store, id, error);
    g_autoptr(GPtrArray) chunks =
        info ? jd_document_items(store, info, JD_ITEM_TEXT, &page, error) : NULL;
    g_autoptr(GPtrArray) images =
        chunks ? jd_document_items(store, info, JD_ITEM_IMAGE, &page, error) : NULL;
    if (!images)
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(
        text, "\"%s\" (%s), %u passages and %u pictures; from %" G_GINT64_FORMAT " on:\n\n",
        info->title, info->uri, info->chunk_count, info->image_count, page.offset);
    for (guint i = 0; i < chunks->len; i++)
        jd_tool_describe(text, chunks->pdata[i], 0);
    for (guint i = 0; i < images->len; i++)
        jd_tool_describe(text, images->pdata[i], 0);
    jd_tool_say(call, text->str);
    return jd_document_whole_to_json(info, chunks, images);
}

/* ---- a picture ---- */

/* As a model takes it: PNG or JPEG, no larger than asked for. */
static GBytes *render(jd_kb *kb, const jd_item *item, int max_side, const char **media_type,
                      GError **error)
{
    if (!item->sha256) {
        jd_set_http_error(error, 404, NULL, "the bytes of this picture are not stored");
        return NULL;
    }
    jd_reader_pool *readers = jd_kb_readers(kb, error);
    g_autoptr(GBytes) stored =
        readers ? jd_store_get_picture(jd_kb_store(kb), item->sha256, error) : NULL;
    if (!stored)
        return NULL;
    g_autoptr(GPtrArray) pictures = g_ptr_array_new();
    g_ptr_array_add(pictures, stored);
    jd_render_request request = {.pictures = pictures, .max_side = max_side};
    return jd_reader_pool_render(readers, &request, media_type, error);
}

static void show_picture(jd_tool_call *call, GBytes *bytes, const char *media_type)
{
    gsize size;
    const guchar *data = g_bytes_get_data(bytes, &size);
    g_autofree char *base64 = g_base64_encode(data, size);
    json_array_append_new(call->content, json_pack("{s:s, s:s, s:s}", "type", "image", "data",
                                                   base64, "mimeType", media_type));
}

json_t *jd_tool_get_image(jd_tool_call *call, GError **error)
{
    gint64 id;
    int max_side = JD_ASK_PICTURE_SIDE;
    const char *media_type;
    if (!read_id(&call->params, "i", &id, error) ||
        !jd_params_integer(&call->params, "max_side", (jd_range){16, JD_MCP_PICTURE_SIDE},
                           &max_side, error) ||
        !jd_params_end(&call->params, error))
        return NULL;
    g_autoptr(GPtrArray) found =
        jd_store_get_items(jd_kb_store(call->kb), JD_ITEM_IMAGE, &id, 1, error);
    g_autoptr(GBytes) bytes =
        found ? render(call->kb, found->pdata[0], max_side, &media_type, error) : NULL;
    if (!bytes)
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    jd_tool_describe(text, found->pdata[0], 0);
    show_picture(call, bytes, media_type);
    jd_tool_say(call, text->str);
    return json_pack("{s:o}", "image", jd_item_to_json(found->pdata[0]));
}

/* ---- collections ---- */

json_t *jd_tool_list_collections(jd_tool_call *call, GError **error)
{
    if (!jd_params_end(&call->params, error))
        return NULL;
    json_t *json = jd_collections_to_json(jd_kb_store(call->kb), error);
    if (!json)
        return NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *list = json_object_get(json, "collections");
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        g_string_append_printf(text,
                               "%s: %" JSON_INTEGER_FORMAT " documents, %" JSON_INTEGER_FORMAT
                               " passages, %" JSON_INTEGER_FORMAT " pictures\n",
                               json_string_value(json_object_get(one, "name")),
                               json_integer_value(json_object_get(one, "documents")),
                               json_integer_value(json_object_get(one, "chunks")),
                               json_integer_value(json_object_get(one, "images")));
    }
    jd_tool_say(call, text->len ? text->str : "There are no documents yet.");
    return json;
}
