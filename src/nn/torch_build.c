#include "nn/torch_build.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* Types of the pickle's objects. */
enum { TYPE_STORAGE, TYPE_TENSOR };

typedef struct torch_tensor {
    const jd_torch_storage *storage;
    jd_view view;
} torch_tensor;

static void storage_free(gpointer data)
{
    jd_torch_storage *storage = data;
    g_free(storage->key);
    g_clear_pointer(&storage->bytes, g_bytes_unref);
    g_free(storage);
}

static jd_pickle_value *invalid(GError **error, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "the file is damaged: get it again", "the checkpoint %s",
                 what);
    return NULL;
}

/* Argument `i` where it is an object of `type`; else NULL. */
static jd_pickle_value *object_argument(const jd_pickle_value *args, guint i, int type)
{
    jd_pickle_value *value = jd_pickle_item(args, i, JD_PICKLE_OBJECT);
    return value && value->type == type ? value : NULL;
}

static jd_pickle_value *add_object(jd_pickle *pickle, int type, gpointer object)
{
    jd_pickle_value *value = jd_pickle_add(pickle, JD_PICKLE_OBJECT);
    value->type = type;
    value->object = object;
    return value;
}

/* ---- what the pickle may call ---- */

/* OrderedDict() or OrderedDict([[key, value], ...]), as Python 2 wrote it. */
static jd_pickle_value *call_ordered_dict(jd_pickle *pickle, const jd_pickle_value *args,
                                          GError **error)
{
    jd_pickle_value *dict = jd_pickle_add(pickle, JD_PICKLE_DICT);
    if (args->items->len == 0)
        return dict;
    const jd_pickle_value *pairs = jd_pickle_item(args, 0, JD_PICKLE_LIST);
    if (!pairs || args->items->len != 1)
        return invalid(error, "makes an OrderedDict of what is no list of pairs");
    for (guint i = 0; i < pairs->items->len; i++) {
        const jd_pickle_value *pair = pairs->items->pdata[i];
        gboolean two = (pair->kind == JD_PICKLE_LIST || pair->kind == JD_PICKLE_TUPLE) &&
                       pair->items->len == 2;
        if (!two)
            return invalid(error, "makes an OrderedDict of what is no list of pairs");
        g_ptr_array_add(dict->items, pair->items->pdata[0]);
        g_ptr_array_add(dict->items, pair->items->pdata[1]);
    }
    return dict;
}

/* A tuple of whole numbers. `ndim` gets their number. */
static gboolean read_numbers(const jd_pickle_value *tuple, gint64 *out, int *ndim, GError **error)
{
    if (tuple->items->len > JD_TENSOR_MAX_DIMS) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "the checkpoint has a tensor of %u dimensions; at most %d can be read",
                     tuple->items->len, JD_TENSOR_MAX_DIMS);
        return FALSE;
    }
    *ndim = (int)tuple->items->len;
    for (int i = 0; i < *ndim; i++) {
        const jd_pickle_value *number = jd_pickle_item(tuple, (guint)i, JD_PICKLE_INT);
        if (!number)
            return invalid(error, "has a tensor whose size is no number") != NULL;
        out[i] = number->integer;
    }
    return TRUE;
}

/* _rebuild_tensor(storage, offset, size, stride); _v2 adds requires_grad, hooks and metadata,
 * which say nothing about the numbers. */
static jd_pickle_value *call_rebuild_tensor(jd_pickle *pickle, const jd_pickle_value *args,
                                            GError **error)
{
    jd_torch_build *build = jd_pickle_user(pickle);
    const jd_pickle_value *storage = object_argument(args, 0, TYPE_STORAGE);
    const jd_pickle_value *offset = jd_pickle_item(args, 1, JD_PICKLE_INT);
    const jd_pickle_value *size = jd_pickle_item(args, 2, JD_PICKLE_TUPLE);
    const jd_pickle_value *stride = jd_pickle_item(args, 3, JD_PICKLE_TUPLE);
    if (!storage || !offset || !size || !stride)
        return invalid(error, "rebuilds a tensor from something else than storage, offset, size "
                              "and stride");
    g_autofree torch_tensor *tensor = g_new0(torch_tensor, 1);
    tensor->storage = storage->object;
    jd_view *view = &tensor->view;
    view->dtype = tensor->storage->dtype;
    view->offset = offset->integer;
    int strides = 0;
    if (!read_numbers(size, view->shape, &view->ndim, error) ||
        !read_numbers(stride, view->stride, &strides, error))
        return NULL;
    if (strides != view->ndim)
        return invalid(error, "has a tensor with more strides than dimensions, or fewer");
    if (!jd_view_check(view, tensor->storage->elements, error))
        return NULL;
    g_ptr_array_add(build->tensors, tensor);
    return add_object(pickle, TYPE_TENSOR, g_steal_pointer(&tensor));
}

/* _rebuild_parameter(tensor, requires_grad, hooks) */
static jd_pickle_value *call_rebuild_parameter(jd_pickle *pickle, const jd_pickle_value *args,
                                               GError **error)
{
    jd_pickle_value *tensor = object_argument(args, 0, TYPE_TENSOR);
    return tensor ? tensor : invalid(error, "has a parameter that is no tensor");
}

enum { TAG_NONE = -1 };

static const jd_pickle_global globals[] = {
    {"collections", "OrderedDict", call_ordered_dict, TAG_NONE},
    {"torch._utils", "_rebuild_tensor_v2", call_rebuild_tensor, TAG_NONE},
    {"torch._utils", "_rebuild_tensor", call_rebuild_tensor, TAG_NONE},
    {"torch._utils", "_rebuild_parameter", call_rebuild_parameter, TAG_NONE},
    {"torch", "FloatStorage", NULL, JD_F32},
    {"torch", "HalfStorage", NULL, JD_F16},
    {"torch", "BFloat16Storage", NULL, JD_BF16},
    {"torch", "DoubleStorage", NULL, JD_F64},
    {"torch", "LongStorage", NULL, JD_I64},
    {"torch", "IntStorage", NULL, JD_I32},
    {"torch", "ShortStorage", NULL, JD_I16},
    {"torch", "CharStorage", NULL, JD_I8},
    {"torch", "ByteStorage", NULL, JD_U8},
    {"torch", "BoolStorage", NULL, JD_BOOL},
};

static jd_pickle_value *add_storage(jd_pickle *pickle, const jd_torch_storage *wanted,
                                    GError **error)
{
    jd_torch_build *build = jd_pickle_user(pickle);
    jd_torch_storage *storage = g_hash_table_lookup(build->storages, wanted->key);
    if (!storage) {
        storage = g_new0(jd_torch_storage, 1);
        storage->key = g_strdup(wanted->key);
        storage->dtype = wanted->dtype;
        storage->elements = wanted->elements;
        g_hash_table_insert(build->storages, storage->key, storage);
    }
    if (storage->dtype != wanted->dtype || storage->elements != wanted->elements)
        return invalid(error, "gives one storage two types or sizes");
    return add_object(pickle, TYPE_STORAGE, storage);
}

/* ('storage', type, key, device, elements), and in the older format a view, always None since
 * tensors carry offset and stride. */
static jd_pickle_value *load_persistent(jd_pickle *pickle, const jd_pickle_value *id,
                                        GError **error)
{
    const jd_pickle_value *what = jd_pickle_item(id, 0, JD_PICKLE_STRING);
    const jd_pickle_value *type = jd_pickle_item(id, 1, JD_PICKLE_GLOBAL);
    const jd_pickle_value *key = jd_pickle_item(id, 2, JD_PICKLE_STRING);
    const jd_pickle_value *elements = jd_pickle_item(id, 4, JD_PICKLE_INT);
    if (!what || !g_str_equal(what->string, "storage") || !type || !key || !elements)
        return invalid(error, "has a persistent id that is no storage");
    if (type->global->tag == TAG_NONE || elements->integer < 0)
        return invalid(error, "has a storage of impossible type or size");
    if (id->items->len > 6 || (id->items->len == 6 && !jd_pickle_item(id, 5, JD_PICKLE_NONE))) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it with a newer torch",
                     "the checkpoint has a view of a storage, which torch no longer writes");
        return NULL;
    }
    return add_storage(pickle,
                       &(jd_torch_storage){.key = key->string,
                                           .dtype = (jd_dtype)type->global->tag,
                                           .elements = (guint64)elements->integer},
                       error);
}

jd_torch_build *jd_torch_build_new(gsize file_size)
{
    jd_torch_build *build = g_new0(jd_torch_build, 1);
    build->env = (jd_pickle_env){.globals = globals,
                                 .global_count = G_N_ELEMENTS(globals),
                                 .persistent = load_persistent,
                                 .user = build};
    build->pickle = jd_pickle_new(&build->env);
    build->storages = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, storage_free);
    build->tensors = g_ptr_array_new_with_free_func(g_free);
    build->budget = file_size + JD_LIMIT_TENSOR_COPY_BYTES;
    return build;
}

void jd_torch_build_free(jd_torch_build *build)
{
    if (!build)
        return;
    jd_pickle_free(build->pickle);
    g_ptr_array_unref(build->tensors);
    g_hash_table_unref(build->storages);
    g_free(build);
}

gboolean jd_torch_build_fill(jd_torch_build *build, jd_torch_storage *storage, GBytes *bytes,
                             GError **error)
{
    gsize size = jd_dtype_size(storage->dtype), available;
    gconstpointer data = g_bytes_get_data(bytes, &available);
    guint64 needed;
    if (!g_uint64_checked_mul(&needed, storage->elements, size) || needed > available) {
        jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: get it again",
                     "storage %s has %zu bytes; its %" G_GUINT64_FORMAT " elements need more",
                     storage->key, available, storage->elements);
        return FALSE;
    }
    if (needed == 0 || (guintptr)data % size == 0) {
        storage->bytes = g_bytes_new_from_bytes(bytes, 0, (gsize)needed);
        return TRUE;
    }
    gpointer copy = needed <= build->budget ? g_try_malloc((gsize)needed) : NULL;
    if (!copy) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for storage %s", storage->key);
        return FALSE;
    }
    build->budget -= needed;
    memcpy(copy, data, (gsize)needed);
    storage->bytes = g_bytes_new_take(copy, (gsize)needed);
    return TRUE;
}

/* ---- the tensors by name ---- */

typedef struct collector {
    jd_torch_build *build;
    GHashTable *tensors;
    GString *name;
    guint visits; /* values may be shared: the walk is bounded by its steps, not by their number */
} collector;

static gboolean collect(collector *c, const jd_pickle_value *value, int depth, GError **error);

static gboolean collect_tensor(collector *c, const torch_tensor *found, GError **error)
{
    g_autoptr(GError) problem = NULL;
    jd_tensor *tensor =
        jd_view_to_tensor(&found->view, found->storage->bytes, &c->build->budget, &problem);
    if (tensor && g_hash_table_insert(c->tensors, g_strdup(c->name->str), tensor))
        return TRUE;
    if (tensor)
        jd_set_error(&problem, JD_ERROR_INVALID, NULL, "there are two of that name");
    jd_prefix_error(&problem, "tensor \"%s\": ", c->name->str);
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* Collects below the name "<name so far>.<part>". */
static gboolean collect_named(collector *c, const char *part, const jd_pickle_value *value,
                              int depth, GError **error)
{
    gsize length = c->name->len;
    if (length + strlen(part) + 1 > JD_LIMIT_TENSOR_NAME_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "the checkpoint has a name of over %d bytes",
                     JD_LIMIT_TENSOR_NAME_BYTES);
        return FALSE;
    }
    if (length > 0)
        g_string_append_c(c->name, '.');
    g_string_append(c->name, part);
    gboolean ok = collect(c, value, depth, error);
    g_string_truncate(c->name, length);
    return ok;
}

static gboolean collect_list(collector *c, const GPtrArray *items, int depth, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        char part[16];
        g_snprintf(part, sizeof part, "%u", i);
        if (!collect_named(c, part, items->pdata[i], depth, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean collect_dict(collector *c, const GPtrArray *items, int depth, GError **error)
{
    for (guint i = 0; i + 1 < items->len; i += 2) {
        const jd_pickle_value *key = items->pdata[i];
        char number[24];
        const char *part = number;
        if (key->kind == JD_PICKLE_STRING)
            part = key->string;
        else if (key->kind == JD_PICKLE_INT)
            g_snprintf(number, sizeof number, "%" G_GINT64_FORMAT, key->integer);
        else
            return invalid(error, "has a dict whose key is no text and no whole number") != NULL;
        if (!collect_named(c, part, items->pdata[i + 1], depth, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean collect(collector *c, const jd_pickle_value *value, int depth, GError **error)
{
    if (depth > JD_LIMIT_PICKLE_DEPTH || ++c->visits > JD_LIMIT_PICKLE_VALUES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "the checkpoint nests more than %d dicts and lists, or holds more than %d "
                     "values",
                     JD_LIMIT_PICKLE_DEPTH, JD_LIMIT_PICKLE_VALUES);
        return FALSE;
    }
    switch (value->kind) {
    case JD_PICKLE_OBJECT:
        return value->type != TYPE_TENSOR || collect_tensor(c, value->object, error);
    case JD_PICKLE_TUPLE:
    case JD_PICKLE_LIST:
        return collect_list(c, value->items, depth + 1, error);
    case JD_PICKLE_DICT:
        return collect_dict(c, value->items, depth + 1, error);
    default:
        return TRUE; /* numbers and texts beside the tensors */
    }
}

static void tensor_free(gpointer data)
{
    jd_tensor_free(data);
}

GHashTable *jd_torch_build_collect(jd_torch_build *build, const jd_pickle_value *root,
                                   GError **error)
{
    g_autoptr(GHashTable) tensors =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, tensor_free);
    g_autoptr(GString) name = g_string_new(NULL);
    collector c = {.build = build, .tensors = tensors, .name = name};
    return collect(&c, root, 0, error) ? g_steal_pointer(&tensors) : NULL;
}
