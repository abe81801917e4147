/*
 * Multi-head attention: softmax(scale q k^T + mask) v, in f32, for one sequence.
 */
#ifndef JD_NN_ATTENTION_H
#define JD_NN_ATTENTION_H

#include <glib.h>

typedef struct jd_attention {
    const float *q, *k, *v; /* rows of heads * head_size floats, `stride` floats apart */
    gsize q_stride, kv_stride;
    int heads, head_size;
    gsize queries, keys; /* rows of q, and of k and v */
    gsize first_query;   /* which row of the sequence the first row of q is */
    float scale;         /* usually 1 / sqrt(head_size) */
    gboolean causal;     /* query i sees keys 0..i only */
    int window;          /* > 0: query i sees keys with |i - j| <= window */
    const float *bias;   /* added to the scores: heads x keys x keys, of which the rows from
                          first_query on are used; or NULL */
    float *out;          /* queries x (heads * head_size), `out_stride` floats apart */
    gsize out_stride;
} jd_attention;

/** FALSE with JD_ERROR_LIMIT where memory ran out. */
gboolean jd_attention_run(const jd_attention *attention, GError **error);

#endif
