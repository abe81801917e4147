#include "nn/tensor.h"

#include "base/error.h"
#include "base/limits.h"
#include "nn/half.h"
#include "nn/json_tensor.h"
#include "nn/npy.h"
#include "nn/torch.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tensor files are little-endian and their bytes are used where they lie. */
G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);

static const struct {
    const char *name;
    gsize size;
} dtypes[] = {
    [JD_F32] = {"float32", 4}, [JD_F16] = {"float16", 2}, [JD_BF16] = {"bfloat16", 2},
    [JD_F64] = {"float64", 8}, [JD_I64] = {"int64", 8},   [JD_I32] = {"int32", 4},
    [JD_I16] = {"int16", 2},   [JD_I8] = {"int8", 1},     [JD_U8] = {"uint8", 1},
    [JD_BOOL] = {"bool", 1},
};

gsize jd_dtype_size(jd_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *jd_dtype_name(jd_dtype dtype)
{
    return dtypes[dtype].name;
}

void jd_tensor_free(jd_tensor *tensor)
{
    if (!tensor)
        return;
    g_bytes_unref(tensor->owner);
    g_free(tensor);
}

static gboolean is_float(jd_dtype dtype)
{
    return dtype == JD_F32 || dtype == JD_F16 || dtype == JD_BF16 || dtype == JD_F64;
}

static double element(const jd_tensor *tensor, gsize i)
{
    switch (tensor->dtype) {
    case JD_F16:
        return jd_f16_to_f32(((const guint16 *)tensor->data)[i]);
    case JD_BF16:
        return jd_bf16_to_f32(((const guint16 *)tensor->data)[i]);
    case JD_F64:
        return ((const double *)tensor->data)[i];
    default:
        return ((const float *)tensor->data)[i];
    }
}

float *jd_tensor_to_f32(const jd_tensor *tensor, GError **error)
{
    if (!is_float(tensor->dtype)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it as float32",
                     "a tensor of %s where floating point numbers are needed",
                     jd_dtype_name(tensor->dtype));
        return NULL;
    }
    gsize bytes;
    float *values = g_size_checked_mul(&bytes, tensor->count, sizeof(float))
                        ? g_try_malloc(MAX(bytes, sizeof(float)))
                        : NULL;
    if (!values) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for %zu numbers", tensor->count);
        return NULL;
    }
    for (gsize i = 0; i < tensor->count; i++)
        values[i] = (float)element(tensor, i);
    return values;
}

/* Finite, and small enough for f32. */
static gboolean check_numbers(const jd_tensor *tensor, GError **error)
{
    if (!is_float(tensor->dtype))
        return TRUE;
    gsize row_size = tensor->ndim > 1 && tensor->shape[0] > 0
                         ? tensor->count / (gsize)tensor->shape[0]
                         : MAX(tensor->count, 1);
    for (gsize i = 0; i < tensor->count; i++) {
        double value = element(tensor, i);
        if (fabs(value) <= FLT_MAX)
            continue;
        const char *what = isnan(value)   ? "NaN"
                           : isinf(value) ? "infinite"
                                          : "too large for a 32-bit number";
        jd_set_error(error, JD_ERROR_INVALID, "make the vectors again",
                     "row %zu, element %zu (counted from 0) is %s", i / row_size, i % row_size,
                     what);
        return FALSE;
    }
    return TRUE;
}

static jd_tensor *only_tensor(GBytes *file, GError **error)
{
    g_autoptr(GHashTable) tensors = jd_torch_load(file, error);
    if (!tensors)
        return NULL;
    guint n = g_hash_table_size(tensors);
    if (n != 1) {
        jd_set_error(error, JD_ERROR_INVALID, "save the one tensor alone: torch.save(tensor, path)",
                     "the checkpoint holds %u tensors; expected exactly one", n);
        return NULL;
    }
    GHashTableIter iter;
    gpointer name, tensor;
    g_hash_table_iter_init(&iter, tensors);
    g_hash_table_iter_next(&iter, &name, &tensor);
    g_hash_table_iter_steal(&iter);
    g_free(name);
    return tensor;
}

static gboolean begins_with(GBytes *file, const char *magic, gsize length)
{
    gsize size;
    const char *data = g_bytes_get_data(file, &size);
    return size >= length && memcmp(data, magic, length) == 0;
}

static gboolean looks_like_json(GBytes *file)
{
    gsize size, i = 0;
    const char *data = g_bytes_get_data(file, &size);
    while (i < size && g_ascii_isspace(data[i]))
        i++;
    return i < size && (data[i] == '[' || data[i] == '{');
}

static jd_tensor *load_by_content(GBytes *file, GError **error)
{
    if (g_bytes_get_size(file) == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the file is empty");
        return NULL;
    }
    if (begins_with(file, "\x93NUMPY", 6))
        return jd_npy_load(file, error);
    if (begins_with(file, "PK\x03\x04", 4) || begins_with(file, "\x80\x02", 2))
        return only_tensor(file, error);
    if (looks_like_json(file))
        return jd_json_tensor_load(file, error);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it with numpy.save, torch.save or as JSON",
                 "this is no .npy file, no checkpoint of torch.save and no JSON list");
    return NULL;
}

static GBytes *map_file(const char *path, GError **error)
{
    /* Not blocking: a pipe without a writer must not hang us before we can refuse it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0) {
        jd_set_error_errno(error, errno, "cannot open it");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    GBytes *bytes = NULL;
    g_autoptr(GError) problem = NULL;
    g_autoptr(GMappedFile) map = NULL;
    if (!S_ISREG(info.st_mode))
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "it is no regular file");
    else if (info.st_size > JD_LIMIT_VECTOR_FILE_BYTES)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%lld bytes; at most %lld GiB are read",
                     (long long)info.st_size, JD_LIMIT_VECTOR_FILE_BYTES / JD_GIB);
    else if (!(map = g_mapped_file_new_from_fd(fd, FALSE, &problem)))
        jd_set_error(error, JD_ERROR_IO, NULL, "cannot map it: %s", problem->message);
    else
        bytes = g_mapped_file_get_bytes(map);
    close(fd);
    return bytes;
}

jd_tensor *jd_tensor_load(const char *path, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GBytes) file = map_file(path, &problem);
    g_autoptr(jd_tensor) tensor = file ? load_by_content(file, &problem) : NULL;
    if (tensor && check_numbers(tensor, &problem))
        return g_steal_pointer(&tensor);
    jd_prefix_error(&problem, "%s: ", path);
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
