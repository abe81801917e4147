#include "nn/json_tensor.h"

#include "base/error.h"
#include "base/limits.h"

#include <float.h>
#include <jansson.h>
#include <math.h>

static gboolean fill_row(const json_t *row, gsize index, float *out, GError **error)
{
    for (gsize i = 0; i < json_array_size(row); i++) {
        const json_t *number = json_array_get(row, i);
        if (!json_is_number(number)) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "row %zu, element %zu (counted from 0) is no number", index, i);
            return FALSE;
        }
        double value = json_number_value(number);
        if (!(fabs(value) <= FLT_MAX)) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "row %zu, element %zu (counted from 0) is too large: %g", index, i, value);
            return FALSE;
        }
        out[i] = (float)value;
    }
    return TRUE;
}

static gboolean fill_rows(const json_t *rows, gsize columns, float *out, GError **error)
{
    for (gsize i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!json_is_array(row) || json_array_size(row) != columns) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "row %zu (counted from 0) is no list of %zu numbers as row 0 is", i,
                         columns);
            return FALSE;
        }
        if (!fill_row(row, i, out + i * columns, error))
            return FALSE;
    }
    return TRUE;
}

static jd_tensor *tensor_from_list(const json_t *list, GError **error)
{
    const json_t *first = json_array_get(list, 0);
    gboolean nested = json_is_array(first);
    gsize rows = json_array_size(list);
    gsize columns = nested ? json_array_size(first) : 1;
    gsize count, bytes;
    if (!g_size_checked_mul(&count, rows, columns) ||
        !g_size_checked_mul(&bytes, count, sizeof(float)) || bytes > JD_LIMIT_JSON_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, "save them as .npy or .pt",
                     "more than %lld MiB of numbers", JD_LIMIT_JSON_BYTES / JD_MIB);
        return NULL;
    }
    g_autofree float *values = g_try_malloc(MAX(bytes, 1));
    if (!values) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for %zu numbers", count);
        return NULL;
    }
    if (nested ? !fill_rows(list, columns, values, error) : !fill_row(list, 0, values, error))
        return NULL;
    jd_tensor *tensor = g_new0(jd_tensor, 1);
    tensor->dtype = JD_F32;
    tensor->ndim = nested ? 2 : 1;
    tensor->shape[0] = (gint64)rows;
    tensor->shape[1] = nested ? (gint64)columns : 0;
    tensor->count = count;
    tensor->owner = g_bytes_new_take(values, bytes);
    tensor->data = g_bytes_get_data(tensor->owner, NULL);
    g_steal_pointer(&values);
    return tensor;
}

jd_tensor *jd_json_tensor_load(GBytes *file, GError **error)
{
    gsize size;
    const char *text = g_bytes_get_data(file, &size);
    if (size > JD_LIMIT_JSON_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, "save the vectors as .npy or .pt",
                     "%zu bytes of JSON; at most %lld are read", size, JD_LIMIT_JSON_BYTES);
        return NULL;
    }
    json_error_t problem;
    json_t *root = json_loadb(text, size, 0, &problem);
    if (!root) {
        g_autofree char *valid = g_utf8_make_valid(problem.text, -1);
        jd_set_error(error, JD_ERROR_INVALID, NULL, "line %d, column %d: %s", problem.line,
                     problem.column, valid);
        return NULL;
    }
    const json_t *list = json_is_object(root) ? json_object_get(root, "embedding") : root;
    jd_tensor *tensor = NULL;
    if (json_is_array(list))
        tensor = tensor_from_list(list, error);
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "expected a list of numbers, a list of lists of numbers, or an object whose "
                     "\"embedding\" is such a list");
    json_decref(root);
    return tensor;
}
