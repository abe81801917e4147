/* A list of modules while it is made: modules.c from modules.json, head.c from a classifier's
 * tensors. */
#ifndef JD_EMBED_MODULES_LIST_H
#define JD_EMBED_MODULES_LIST_H

#include "embed/modules.h"

enum { JD_MODULES_MAX = 16 };

/* One layer behind pooling: a dense layer or a norm. */
typedef struct jd_module {
    jd_linear *dense;
    jd_layer_norm norm; /* where dense is NULL */
    int out;
} jd_module;

struct jd_modules {
    jd_pooling pooling;
    jd_module layers[JD_MODULES_MAX];
    int count;
    int width, dimension;
    gboolean pools; /* a Pooling was among the modules */
    gboolean normalised, scores;
};

jd_modules *jd_modules_new(int width);

/** Adds source->in to source->out; source->in must be what the layers so far give. */
gboolean jd_modules_add_dense(jd_modules *modules, const jd_weights *weights,
                              const jd_linear_source *source, GError **error);

typedef struct jd_norm_source {
    const char *name, *short_name; /* as in jd_vector_source */
    gboolean has_bias;
    float epsilon;
} jd_norm_source;

gboolean jd_modules_add_norm(jd_modules *modules, const jd_weights *weights,
                             const jd_norm_source *source, GError **error);

/**
 * The head of a sequence-classification model: what transformers' *ForSequenceClassification puts
 * behind the encoder, one number out. JD_ERROR_UNSUPPORTED where it tells classes apart.
 */
jd_modules *jd_modules_load_head(const jd_family_source *source, int width, GError **error);

#endif
