#include "retrieve/article_list.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "nn/tensor.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

static void item_free(gpointer data)
{
    jd_article_item *item = data;
    g_free(item->title);
    g_free(item->section);
    g_free(item->text);
    g_free(item->image_path);
    g_free(item->caption);
    g_free(item);
}

void jd_article_list_free(jd_article_list *list)
{
    if (!list)
        return;
    g_ptr_array_unref(list->items);
    g_free(list->vectors);
    g_free(list->sha256);
    g_free(list);
}

static const char *json_kind(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object",    [JSON_ARRAY] = "a list",  [JSON_STRING] = "text",
        [JSON_INTEGER] = "a number",    [JSON_REAL] = "a number", [JSON_TRUE] = "a truth value",
        [JSON_FALSE] = "a truth value", [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

/* The text of a field; NULL with an error that names it. */
static char *take_field(const json_t *object, gsize index, const char *name, GError **error)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        return g_strdup(json_string_value(value));
    if (value)
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "item %zu (counted from 0): \"%s\" is %s; expected text", index, name,
                     json_kind(value));
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL, "item %zu (counted from 0) has no \"%s\"",
                     index, name);
    return NULL;
}

static gboolean read_item(jd_article_list *list, const json_t *object, gsize index, GError **error)
{
    if (!json_is_object(object)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "item %zu (counted from 0) is %s; expected an object", index,
                     json_kind(object));
        return FALSE;
    }
    jd_article_item *item = g_new0(jd_article_item, 1);
    g_ptr_array_add(list->items, item);
    gboolean text = list->kind == JD_ITEM_TEXT;
    const struct {
        const char *name;
        char **to;
    } fields[] = {{"article_title", &item->title},
                  {"section", &item->section},
                  {text ? "text" : "image_path", text ? &item->text : &item->image_path},
                  {"caption", &item->caption}};
    for (gsize i = 0; i < (text ? 3 : 4); i++)
        if (!(*fields[i].to = take_field(object, index, fields[i].name, error)))
            return FALSE;
    return TRUE;
}

static gboolean read_items(jd_article_list *list, const char *data, gsize size, GError **error)
{
    json_error_t problem;
    json_t *root = json_loadb(data, size, 0, &problem);
    if (!root) {
        g_autofree char *valid = g_utf8_make_valid(problem.text, -1);
        jd_set_error(error, JD_ERROR_INVALID, NULL, "line %d, column %d: %s", problem.line,
                     problem.column, valid);
        return FALSE;
    }
    gboolean ok = json_is_array(root);
    if (!ok)
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the file holds %s; expected a list of items",
                     json_kind(root));
    for (gsize i = 0; ok && i < json_array_size(root); i++)
        ok = read_item(list, json_array_get(root, i), i, error);
    json_decref(root);
    return ok;
}

static gboolean load_items(jd_article_list *list, const char *path, GError **error)
{
    GStatBuf info;
    if (g_stat(path, &info) != 0) {
        jd_set_error_errno(error, errno, "cannot open it");
        return FALSE;
    }
    if (!S_ISREG(info.st_mode)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "it is no regular file");
        return FALSE;
    }
    if (info.st_size > JD_LIMIT_JSON_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%lld bytes of JSON; at most %lld are read",
                     (long long)info.st_size, JD_LIMIT_JSON_BYTES);
        return FALSE;
    }
    g_autofree char *data = NULL;
    gsize size;
    g_autoptr(GError) problem = NULL;
    if (!g_file_get_contents(path, &data, &size, &problem)) {
        jd_set_error(error, JD_ERROR_IO, NULL, "%s", problem->message);
        return FALSE;
    }
    list->sha256 = jd_sha256(data, size);
    list->size = (gint64)size;
    list->mtime = info.st_mtime;
    return read_items(list, data, size, error);
}

static gboolean load_vectors(jd_article_list *list, const char *path, GError **error)
{
    g_autoptr(jd_tensor) tensor = jd_tensor_load(path, error);
    if (!tensor)
        return FALSE;
    if (tensor->ndim != 2 || tensor->shape[1] < 1 || tensor->shape[1] > JD_LIMIT_DIMENSION) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "%s: expected one row of 1 to %d numbers for each item; found an array of %d "
                     "dimension%s",
                     path, JD_LIMIT_DIMENSION, tensor->ndim, tensor->ndim == 1 ? "" : "s");
        return FALSE;
    }
    if (tensor->shape[0] != (gint64)list->items->len) {
        jd_set_error(error, JD_ERROR_INVALID, "give the embeddings that were made of this list",
                     "%s has %" G_GINT64_FORMAT " rows; the list has %u items", path,
                     tensor->shape[0], list->items->len);
        return FALSE;
    }
    list->dimension = (gsize)tensor->shape[1];
    list->vectors = jd_tensor_to_f32(tensor, error);
    if (!list->vectors)
        jd_prefix_error(error, "%s: ", path);
    return list->vectors != NULL;
}

jd_article_list *jd_article_list_load(jd_item_kind kind, const char *list, const char *embeddings,
                                      GError **error)
{
    g_autoptr(jd_article_list) loaded = g_new0(jd_article_list, 1);
    loaded->kind = kind;
    loaded->items = g_ptr_array_new_with_free_func(item_free);
    g_autoptr(GError) problem = NULL;
    if (!load_items(loaded, list, &problem)) {
        jd_prefix_error(&problem, "%s: ", list);
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    if (embeddings && !load_vectors(loaded, embeddings, error))
        return NULL;
    return g_steal_pointer(&loaded);
}
