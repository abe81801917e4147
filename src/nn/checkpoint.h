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

/** Whether a tensor of this name is there. */
gboolean jd_checkpoint_has(const jd_checkpoint *checkpoint, const char *name);

/** What a model expects under a name: the shape is checked, and that all numbers are finite. */
typedef struct jd_tensor_wish {
    const char *name;
    int ndim;
    gint64 shape[JD_TENSOR_MAX_DIMS]; /* -1: any */
} jd_tensor_wish;

/**
 * The tensor as f32, converted where needed; the checkpoint's own, valid as long as it. Missing or
 * of another shape: JD_ERROR_INVALID naming the tensor, the shape found and the shape expected.
 * Marks the tensor as used.
 */
const float *jd_checkpoint_get(jd_checkpoint *checkpoint, const jd_tensor_wish *wish,
                               GError **error);

/** Names of tensors that nothing asked for (char *), for naming what is extra; buffers such as
 * position_ids are left out. */
GPtrArray *jd_checkpoint_unused(const jd_checkpoint *checkpoint);

/** SHA-256 over the weights files' names, sizes and bytes, cached by size and mtime beside the
 * packed weights. */
char *jd_checkpoint_hash(const jd_checkpoint *checkpoint, GError **error);

#endif
