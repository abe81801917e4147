/*
 * A model's weights by name, from a Hugging Face folder: model.safetensors, a sharded index
 * (model.safetensors.index.json), or pytorch_model.bin (and its index). safetensors files are
 * mapped, not read. Every offset, size and name is checked; nothing is executed.
 */
#ifndef JD_NN_CHECKPOINT_H
#define JD_NN_CHECKPOINT_H

#include "nn/tensor.h"

typedef struct jd_checkpoint jd_checkpoint;

/** Opens the weights in `folder`. JD_ERROR_NOT_FOUND where it has none, JD_ERROR_INVALID naming the
 * file and what is wrong. */
jd_checkpoint *jd_checkpoint_open(const char *folder, GError **error);
/** Opens one weights file (.safetensors, .bin, .pt). */
jd_checkpoint *jd_checkpoint_open_file(const char *path, GError **error);
void jd_checkpoint_free(jd_checkpoint *checkpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_checkpoint, jd_checkpoint_free)

/** Whether a tensor of this name is there. Older files' x.gamma and x.beta are x.weight and x.bias.
 */
gboolean jd_checkpoint_has(const jd_checkpoint *checkpoint, const char *name);

/** What a model expects under a name: the shape is checked, and that all numbers are finite. */
typedef struct jd_tensor_wish {
    const char *name;
    int ndim;
    gint64 shape[JD_TENSOR_MAX_DIMS]; /* -1: any */
} jd_tensor_wish;

/**
 * The tensor as f32, converted where needed; the checkpoint's own, valid as long as it. Missing, of
 * another shape, or with a number that is not finite: JD_ERROR_INVALID naming the tensor, what was
 * found and what was expected.
 */
const float *jd_checkpoint_get(jd_checkpoint *checkpoint, const jd_tensor_wish *wish,
                               GError **error);

/** Frees what was converted to f32: what jd_checkpoint_get() returned is gone, unless the file
 * itself is f32. */
void jd_checkpoint_drop_floats(jd_checkpoint *checkpoint);

/** The tensor as it is, its shape checked: for tables of which only a few rows are wanted (see
 * jd_tensor_row()). */
const jd_tensor *jd_checkpoint_find(jd_checkpoint *checkpoint, const jd_tensor_wish *wish,
                                    GError **error);

/** One row of a two-dimensional tensor of floating point numbers, as f32. */
void jd_tensor_row(const jd_tensor *tensor, gsize row, float *values);

/** Names of tensors that were never asked for (char *). */
GPtrArray *jd_checkpoint_unused(const jd_checkpoint *checkpoint);

/**
 * SHA-256 over the files' names, sizes and modification times: tells one checkpoint from another
 * without reading gigabytes. A key for caches, not a proof of what the files hold.
 */
char *jd_checkpoint_key(const jd_checkpoint *checkpoint);

#endif
