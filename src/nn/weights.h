/*
 * Layers and vectors from a checkpoint into the pack: what the loading of every model shares. Where
 * the pack is mapped, the checkpoint's weights are not touched.
 */
#ifndef JD_NN_WEIGHTS_H
#define JD_NN_WEIGHTS_H

#include "nn/checkpoint.h"
#include "nn/kernels.h"

/** Where layers come from and how they are packed. */
typedef struct jd_weights {
    jd_engine *engine;
    jd_pack *pack;
    jd_checkpoint *checkpoint;
    jd_precision precision;
} jd_weights;

typedef struct jd_linear_source {
    const char *name;       /* the tensor: "visual_projection.weight" */
    const char *short_name; /* in the pack, at most 50 bytes */
    int in, out;
    gboolean has_bias; /* "visual_projection.bias" */
    jd_activation activation;
    gboolean accumulate;
    gboolean precision_f32; /* in f32 whatever the rest is in */
} jd_linear_source;

/** A linear layer; free it before the pack. */
jd_linear *jd_weights_linear(const jd_weights *weights, const jd_linear_source *source,
                             GError **error);

typedef struct jd_vector_source {
    const char *name; /* the tensor */
    const char *short_name;
    gsize size;
    gsize rows; /* > 0: a matrix of rows x size */
} jd_vector_source;

/** The numbers as f32; the pack's own. */
const float *jd_weights_vector(const jd_weights *weights, const jd_vector_source *source,
                               GError **error);

/** A layer norm's gain (a name that ends in "weight") and, with has_bias, its bias; `epsilon` is
 * left to the caller. */
gboolean jd_weights_norm(const jd_weights *weights, const jd_vector_source *source,
                         gboolean has_bias, jd_layer_norm *norm, GError **error);

/** "x.weight" -> "x.bias" */
char *jd_bias_name(const char *weight);

#endif
