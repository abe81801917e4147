/*
 * The transformer encoder that all of Jackdaw's models share: pre-norm (CLIP, SigLIP, ModernBERT)
 * or post-norm (BERT and its kin), over a batch of sequences of different lengths laid end to end
 * without padding.
 *
 * Where one row of a sequence is all that is wanted (CLS, end of text), the last layer computes
 * keys and values for all rows but queries, output and MLP for that row alone.
 *
 * Sources: transformers' modeling_clip.py, modeling_bert.py, modeling_modernbert.py.
 */
#ifndef JD_NN_TRANSFORMER_H
#define JD_NN_TRANSFORMER_H

#include "nn/weights.h"

typedef struct jd_transformer_config {
    int layers, hidden, heads, intermediate;
    float epsilon;
    jd_activation activation;
    gboolean post_norm;
    gboolean causal;
    gboolean gated;    /* MLP: down(act(a) * b), where up gives a and b side by side */
    int window;        /* > 0: local layers see this many tokens to either side */
    int global_every;  /* with a window: layer i is global where i % global_every == 0 */
    float rope_global; /* theta of rotary positions; 0: none */
    float rope_local;
    gboolean pooled; /* one row of each sequence is wanted: jd_sequences.rows */
} jd_transformer_config;

/** Whether the sizes belong together: JD_ERROR_INVALID where the heads do not divide the hidden
 * size evenly. */
gboolean jd_transformer_config_check(const jd_transformer_config *config, GError **error);

/**
 * Names of a layer's tensors, each with "%d" for the layer's number. Biases: "bias" in place of a
 * final "weight". A name that is NULL is not there: qkv where q, k, v are given, or the other way
 * round.
 */
typedef struct jd_transformer_names {
    const char *before;    /* put in front of every name; NULL: nothing */
    const char *q, *k, *v; /* hidden x hidden each */
    const char *qkv;       /* fused: 3 hidden x hidden */
    const char *out, *up, *down;
    const char *norm1, *norm2; /* attention's and MLP's */
    gboolean linear_bias, norm_bias;
    gboolean first_norm1_absent; /* layer 0 has none (ModernBERT) */
} jd_transformer_names;

typedef struct jd_transformer jd_transformer;

/** `prefix` begins the names of the packed layers: "t" for text, "v" for vision. */
jd_transformer *jd_transformer_new(const jd_weights *weights, const jd_transformer_config *config,
                                   const jd_transformer_names *names, const char *prefix,
                                   GError **error);
void jd_transformer_free(jd_transformer *transformer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_transformer, jd_transformer_free)

typedef struct jd_sequences {
    float *x;             /* sum of lengths x hidden, 64-byte aligned; overwritten */
    const gsize *lengths; /* rows of each sequence */
    gsize count;
    const gsize *rows; /* pooled: the row wanted of each sequence, from its start */
    float *pooled;     /* pooled: count x hidden, the result; else the result is in x */
    const float *bias; /* added to attention scores: heads x length x length, for one sequence only;
                          or NULL */
} jd_sequences;

gboolean jd_transformer_run(const jd_transformer *transformer, const jd_sequences *batch,
                            jd_scratch *scratch, GError **error);

#endif
