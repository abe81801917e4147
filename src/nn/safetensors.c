#include "nn/safetensors.h"

#include "base/error.h"

#include <jansson.h>
#include <string.h>

#define MAX_HEADER 100000000U /* as the reference reader has it */

typedef struct reader {
    GBytes *file;
    gsize data_start; /* of the tensors' bytes in the file */
    gsize data_size;
    GHashTable *tensors;
    GArray *spans; /* span */
} reader;

/* Where a tensor's bytes are, relative to data_start. */
typedef struct span {
    gsize start, end;
    const char *name; /* the hash table's key */
} span;

static gboolean invalid(GError **error, const char *name, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "fetch the file again", "safetensors: tensor %s: %s",
                 name, what);
    return FALSE;
}

static gboolean parse_dtype(const char *text, jd_dtype *dtype)
{
    static const struct {
        const char *name;
        jd_dtype dtype;
    } names[] = {{"F32", JD_F32}, {"F16", JD_F16},  {"BF16", JD_BF16}, {"F64", JD_F64},
                 {"I64", JD_I64}, {"I32", JD_I32},  {"I16", JD_I16},   {"I8", JD_I8},
                 {"U8", JD_U8},   {"BOOL", JD_BOOL}};
    for (gsize i = 0; text && i < G_N_ELEMENTS(names); i++)
        if (strcmp(text, names[i].name) == 0) {
            *dtype = names[i].dtype;
            return TRUE;
        }
    return FALSE;
}

static gboolean parse_shape(const json_t *shape, jd_tensor *tensor)
{
    if (!json_is_array(shape) || json_array_size(shape) > JD_TENSOR_MAX_DIMS)
        return FALSE;
    tensor->ndim = (int)json_array_size(shape);
    tensor->count = 1;
    for (int i = 0; i < tensor->ndim; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return FALSE;
        tensor->shape[i] = json_integer_value(size);
        if (!g_size_checked_mul(&tensor->count, tensor->count, (gsize)tensor->shape[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean parse_offsets(const json_t *offsets, gsize limit, span *where)
{
    const json_t *start = json_array_get(offsets, 0);
    const json_t *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(start) || !json_is_integer(end) ||
        json_integer_value(start) < 0 || json_integer_value(end) < json_integer_value(start) ||
        (guint64)json_integer_value(end) > limit)
        return FALSE;
    where->start = (gsize)json_integer_value(start);
    where->end = (gsize)json_integer_value(end);
    return TRUE;
}

/* The header's length sets where numbers begin: those off their natural alignment are copied. */
static void point_at(jd_tensor *tensor, GBytes *file, gsize offset, gsize bytes)
{
    const char *data = (const char *)g_bytes_get_data(file, NULL) + offset;
    if (GPOINTER_TO_SIZE(data) % jd_dtype_size(tensor->dtype) == 0)
        tensor->owner = g_bytes_ref(file);
    else
        tensor->owner = g_bytes_new(data, bytes);
    tensor->data = tensor->owner == file ? data : g_bytes_get_data(tensor->owner, NULL);
}

static gboolean read_tensor(reader *in, const char *name, const json_t *entry, GError **error)
{
    g_autoptr(jd_tensor) tensor = g_new0(jd_tensor, 1);
    span where = {0};
    gsize bytes;
    if (!parse_dtype(json_string_value(json_object_get(entry, "dtype")), &tensor->dtype))
        return invalid(error, name,
                       "its dtype is missing or none of F32, F16, BF16, F64, I8 to I64, U8, BOOL");
    if (!parse_shape(json_object_get(entry, "shape"), tensor))
        return invalid(error, name, "its shape is missing, absurd or of over 8 dimensions");
    if (!parse_offsets(json_object_get(entry, "data_offsets"), in->data_size, &where))
        return invalid(error, name,
                       "its data_offsets are missing or run beyond the end of the file");
    if (!g_size_checked_mul(&bytes, tensor->count, jd_dtype_size(tensor->dtype)) ||
        bytes != where.end - where.start)
        return invalid(error, name, "its size does not fit its shape");
    point_at(tensor, in->file, in->data_start + where.start, bytes);
    char *key = g_strdup(name);
    where.name = key;
    g_array_append_val(in->spans, where);
    g_hash_table_insert(in->tensors, key, g_steal_pointer(&tensor));
    return TRUE;
}

static int compare_spans(gconstpointer a, gconstpointer b)
{
    const span *x = a;
    const span *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* The tensors cover the data without holes and without overlap. */
static gboolean check_spans(reader *in, GError **error)
{
    gsize at = 0;
    g_array_sort(in->spans, compare_spans);
    for (guint i = 0; i < in->spans->len; i++) {
        const span *s = &g_array_index(in->spans, span, i);
        if (s->start != at)
            return invalid(error, s->name,
                           s->start < at ? "it overlaps another" : "there is a hole before it");
        at = s->end;
    }
    if (at == in->data_size)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, "fetch the file again",
                 "safetensors: %" G_GSIZE_FORMAT " bytes after the last tensor",
                 in->data_size - at);
    return FALSE;
}

static json_t *read_header(GBytes *file, gsize *data_start, GError **error)
{
    gsize size;
    const char *data = g_bytes_get_data(file, &size);
    guint64 length = 0;
    if (size >= sizeof length) {
        memcpy(&length, data, sizeof length);
        length = GUINT64_FROM_LE(length);
    }
    if (size < sizeof length || length > MAX_HEADER || length > size - sizeof length ||
        length < 2 || data[sizeof length] != '{') {
        jd_set_error(error, JD_ERROR_INVALID, "fetch the file again",
                     "not a safetensors file, or one that was cut: its header does not fit");
        return NULL;
    }
    json_error_t where;
    json_t *header = json_loadb(data + sizeof length, length, JSON_REJECT_DUPLICATES, &where);
    if (!json_is_object(header)) {
        json_decref(header);
        jd_set_error(error, JD_ERROR_INVALID, "fetch the file again",
                     "safetensors: the header is no JSON object: %s", where.text);
        return NULL;
    }
    *data_start = sizeof length + length;
    return header;
}

GHashTable *jd_safetensors_load(GBytes *file, GError **error)
{
    reader in = {.file = file};
    json_auto_t *header = read_header(file, &in.data_start, error);
    if (!header)
        return NULL;
    in.data_size = g_bytes_get_size(file) - in.data_start;
    in.tensors =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)jd_tensor_free);
    in.spans = g_array_new(FALSE, FALSE, sizeof(span));
    const char *name;
    json_t *entry;
    gboolean ok = TRUE;
    json_object_foreach(header, name, entry)
    {
        if (ok && strcmp(name, "__metadata__") != 0)
            ok = read_tensor(&in, name, entry, error);
    }
    ok = ok && check_spans(&in, error);
    g_array_unref(in.spans);
    if (!ok)
        g_clear_pointer(&in.tensors, g_hash_table_unref);
    return in.tensors;
}
