/*
 * Tensors read from files. Numbers only: nothing in a file is ever executed.
 */
#ifndef JD_NN_TENSOR_H
#define JD_NN_TENSOR_H

#include <glib.h>

typedef enum jd_dtype {
    JD_F32,
    JD_F16,
    JD_BF16,
    JD_F64,
    JD_I64,
    JD_I32,
    JD_I16,
    JD_I8,
    JD_U8,
    JD_BOOL
} jd_dtype;

enum { JD_TENSOR_MAX_DIMS = 8 };

/** A dense, row-major array in memory or in a mapped file. */
typedef struct jd_tensor {
    jd_dtype dtype;
    int ndim;
    gint64 shape[JD_TENSOR_MAX_DIMS];
    gsize count; /* product of the shape */
    const void *data;
    GBytes *owner; /* what keeps `data` alive */
} jd_tensor;

void jd_tensor_free(jd_tensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_tensor, jd_tensor_free)

gsize jd_dtype_size(jd_dtype dtype);
const char *jd_dtype_name(jd_dtype dtype);

/** A copy as f32 (from f32, f16, bf16 or f64). JD_ERROR_UNSUPPORTED for integers; g_free() it. */
float *jd_tensor_to_f32(const jd_tensor *tensor, GError **error);

/**
 * The one tensor of a file, told by its content whatever its name: NumPy's .npy (1.0 to 3.0),
 * torch's zip or older format (a bare tensor, or a list or dict with exactly one), or JSON (a list
 * of numbers, a list of such lists, or an object whose "embedding" is one). Numbers that are not
 * finite or too large for f32 are JD_ERROR_INVALID, naming the row; other kinds of file
 * JD_ERROR_UNSUPPORTED. The tensor shares a mapping of the file: it must not be cut short while the
 * tensor lives.
 */
jd_tensor *jd_tensor_load(const char *path, GError **error);

#endif
