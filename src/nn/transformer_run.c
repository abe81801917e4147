/* Runs a loaded transformer over a batch: see transformer.h. */
#include "nn/transformer_layers.h"

#include "base/error.h"
#include "nn/attention.h"
#include "nn/rope.h"

#include <string.h>

/* Working memory of one batch. */
typedef struct run {
    const jd_transformer_config *config;
    const jd_sequences *batch;
    jd_scratch *scratch;
    GError **error;
    gsize rows;     /* of all sequences */
    float *normed;  /* rows x hidden */
    float *qkv;     /* rows x 3 hidden; in a pooled last layer rows x 2 hidden: keys and values */
    float *context; /* rows x hidden */
    float *wide;    /* rows x intermediate, twice that when gated */
    float *queries; /* count x hidden, pooled only */
} run;

static float *take(float **block, gsize count)
{
    enum { ALIGN_FLOATS = 16 };
    float *start = *block;
    *block += (count + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
    return start;
}

static gboolean run_init(run *r)
{
    const gsize hidden = (gsize)r->config->hidden;
    const gsize wide = (gsize)r->config->intermediate * (r->config->gated ? 2 : 1);
    r->rows = 0;
    for (gsize i = 0; i < r->batch->count; i++)
        r->rows += r->batch->lengths[i];
    const gsize padding = 5 * 16;
    const gsize floats = r->rows * (5 * hidden + wide) + r->batch->count * hidden + padding;
    float *block = jd_scratch_block(r->scratch, floats * sizeof(float));
    if (!block) {
        jd_set_error(r->error, JD_ERROR_LIMIT, "embed fewer or shorter texts at once",
                     "not enough memory for a batch of %" G_GSIZE_FORMAT " tokens", r->rows);
        return FALSE;
    }
    r->normed = take(&block, r->rows * hidden);
    r->qkv = take(&block, r->rows * 3 * hidden);
    r->context = take(&block, r->rows * hidden);
    r->wide = take(&block, r->rows * wide);
    r->queries = take(&block, r->batch->count * hidden);
    return TRUE;
}

static gboolean multiply(const run *r, const jd_linear *linear, const jd_linear_call *call)
{
    jd_linear_call with_scratch = *call;
    with_scratch.scratch = r->scratch;
    return jd_linear_run(linear, &with_scratch, r->error);
}

static gboolean is_local(const jd_transformer_config *c, int index)
{
    return c->window > 0 && index % c->global_every != 0;
}

static float layer_theta(const jd_transformer_config *c, int index)
{
    return is_local(c, index) ? c->rope_local : c->rope_global;
}

/* One sequence's attention as every layer has it; the caller fills in where queries, keys and
 * values are. */
static jd_attention attention_of(const run *r, int index)
{
    const jd_transformer_config *c = r->config;
    const int head_size = c->hidden / c->heads;
    return (jd_attention){.heads = c->heads,
                          .head_size = head_size,
                          .scale = 1 / sqrtf((float)head_size),
                          .causal = c->causal,
                          .window = is_local(c, index) ? c->window : 0,
                          .bias = r->batch->bias,
                          .out_stride = (gsize)c->hidden};
}

static gboolean attend_all(const run *r, int index)
{
    const gsize hidden = (gsize)r->config->hidden;
    const gsize stride = 3 * hidden;
    const float theta = layer_theta(r->config, index);
    jd_attention a = attention_of(r, index);
    gsize row = 0;
    for (gsize i = 0; i < r->batch->count; i++) {
        float *qkv = r->qkv + row * stride;
        a.queries = a.keys = r->batch->lengths[i];
        /* Queries and keys stand side by side: they turn together. */
        if (theta > 0)
            jd_rope_run(
                &(jd_rope){theta, 2 * a.heads, a.head_size, a.keys, .first = 0, .stride = stride},
                qkv);
        a.q = qkv;
        a.k = qkv + hidden;
        a.v = qkv + 2 * hidden;
        a.q_stride = a.kv_stride = stride;
        a.out = r->context + row * hidden;
        if (!jd_attention_run(&a, r->error))
            return FALSE;
        row += a.keys;
    }
    return TRUE;
}

/* The wanted row of each sequence against all its keys. */
static gboolean attend_pooled(const run *r, int index)
{
    const gsize hidden = (gsize)r->config->hidden;
    const gsize stride = 2 * hidden;
    const float theta = layer_theta(r->config, index);
    jd_attention a = attention_of(r, index);
    gsize row = 0;
    for (gsize i = 0; i < r->batch->count; i++) {
        float *kv = r->qkv + row * stride;
        float *q = r->queries + i * hidden;
        a.keys = r->batch->lengths[i];
        a.queries = 1;
        a.first_query = r->batch->rows[i];
        if (theta > 0) {
            jd_rope_run(&(jd_rope){theta, a.heads, a.head_size, a.keys, 0, stride}, kv);
            jd_rope_run(&(jd_rope){theta, a.heads, a.head_size, 1, a.first_query, hidden}, q);
        }
        a.q = q;
        a.q_stride = hidden;
        a.k = kv;
        a.v = kv + hidden;
        a.kv_stride = stride;
        a.out = r->context + i * hidden;
        if (!jd_attention_run(&a, r->error))
            return FALSE;
        row += a.keys;
    }
    return TRUE;
}

/* The wanted row of every sequence, from rows x hidden to count x hidden. */
static void gather(const run *r, const float *x, float *to)
{
    const gsize hidden = (gsize)r->config->hidden;
    gsize row = 0;
    for (gsize i = 0; i < r->batch->count; i++) {
        memcpy(to + i * hidden, x + (row + r->batch->rows[i]) * hidden, hidden * sizeof(float));
        row += r->batch->lengths[i];
    }
}

/* wide = act(a) * b, where the up projection gave a and b side by side. */
static void gate(const run *r, gsize rows)
{
    const gsize size = (gsize)r->config->intermediate;
    for (gsize row = 0; row < rows; row++) {
        const float *ab = r->wide + row * 2 * size;
        float *out = r->wide + row * size;
        jd_activate(ab, size, r->config->activation, out);
        for (gsize i = 0; i < size; i++)
            out[i] *= ab[size + i];
    }
}

static const float *norm_or_same(const run *r, const jd_layer_norm *norm, const float *x,
                                 gsize rows)
{
    if (!norm->gain)
        return x;
    jd_layer_norm_run(norm, x, rows, r->normed);
    return r->normed;
}

/* x += MLP(x) with the norm before or after it. */
static gboolean feed_forward(const run *r, const jd_layer *l, float *x, gsize rows)
{
    const gboolean post = r->config->post_norm;
    const float *in = post ? x : norm_or_same(r, &l->norm2, x, rows);
    if (!multiply(r, l->up, &(jd_linear_call){.x = in, .y = r->wide, .rows = rows}))
        return FALSE;
    if (r->config->gated)
        gate(r, rows);
    if (!multiply(r, l->down, &(jd_linear_call){.x = r->wide, .y = x, .rows = rows}))
        return FALSE;
    if (post)
        jd_layer_norm_run(&l->norm2, x, rows, x);
    return TRUE;
}

/* x += attention's output, then the MLP. */
static gboolean finish_layer(const run *r, const jd_layer *l, float *x, gsize rows)
{
    if (!multiply(r, l->out, &(jd_linear_call){.x = r->context, .y = x, .rows = rows}))
        return FALSE;
    if (r->config->post_norm)
        jd_layer_norm_run(&l->norm1, x, rows, x);
    return feed_forward(r, l, x, rows);
}

static gboolean run_layer(const run *r, const jd_layer *l, int index)
{
    float *x = r->batch->x;
    const float *in = r->config->post_norm ? x : norm_or_same(r, &l->norm1, x, r->rows);
    return multiply(r, l->qkv, &(jd_linear_call){.x = in, .y = r->qkv, .rows = r->rows}) &&
           attend_all(r, index) && finish_layer(r, l, x, r->rows);
}

static gboolean run_pooled_layer(const run *r, const jd_layer *l, int index)
{
    const gsize count = r->batch->count;
    float *pooled = r->batch->pooled;
    const float *x = r->batch->x;
    const float *in = r->config->post_norm ? x : norm_or_same(r, &l->norm1, x, r->rows);
    gather(r, in,
           pooled); /* queries come from the normed row, in a place that is free until then */
    if (!multiply(r, l->q, &(jd_linear_call){.x = pooled, .y = r->queries, .rows = count}) ||
        !multiply(r, l->kv, &(jd_linear_call){.x = in, .y = r->qkv, .rows = r->rows}) ||
        !attend_pooled(r, index))
        return FALSE;
    gather(r, x, pooled);
    return finish_layer(r, l, pooled, count);
}

gboolean jd_transformer_run(const jd_transformer *transformer, const jd_sequences *batch,
                            jd_scratch *scratch, GError **error)
{
    run r = {.config = &transformer->config, .batch = batch, .scratch = scratch, .error = error};
    if (!run_init(&r))
        return FALSE;
    for (int i = 0; i < r.config->layers; i++) {
        const jd_layer *l = &transformer->layers[i];
        if (!(l->qkv ? run_layer : run_pooled_layer)(&r, l, i))
            return FALSE;
    }
    return TRUE;
}
