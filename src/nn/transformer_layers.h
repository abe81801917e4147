/* A loaded transformer: transformer.c loads it, transformer_run.c runs it. */
#ifndef JD_NN_TRANSFORMER_LAYERS_H
#define JD_NN_TRANSFORMER_LAYERS_H

#include "nn/transformer.h"

typedef struct jd_layer {
    jd_linear *qkv; /* NULL in a pooled last layer, which has q and kv instead */
    jd_linear *q, *kv;
    jd_linear *out, *up, *down;
    jd_layer_norm norm1, norm2; /* gain NULL: there is none */
} jd_layer;

struct jd_transformer {
    jd_transformer_config config;
    jd_layer *layers;
};

#endif
