/*
 * BERT and its kin: bert, roberta, xlm-roberta, distilbert, mpnet. Post-norm encoders that differ
 * in names, positions and a few embeddings. Sources: transformers' modeling_bert.py,
 * modeling_roberta.py, modeling_distilbert.py, modeling_mpnet.py.
 */
#include "embed/encoder.h"

#include "base/error.h"
#include "embed/patches.h"
#include "nn/transformer.h"

#include <math.h>
#include <string.h>

/* What tells one kind from another. Names stand behind the checkpoint's prefix. */
typedef struct kind {
    const char *type;
    jd_transformer_names names;
    const char *layers_key, *hidden_key, *heads_key, *wide_key, *activation_key;
    gboolean types;     /* has segment embeddings */
    gboolean pairs;     /* a second text is of segment 1; else all is of segment 0 */
    gboolean after_pad; /* positions count from pad_token_id + 1 */
    gboolean relative;  /* adds a learned bias by distance to the scores (mpnet) */
} kind;

#define BERT_NAMES(q_, k_, v_, out_, norm1_)                                                       \
    {                                                                                              \
        .q = "encoder.layer.%d.attention." q_ ".weight",                                           \
        .k = "encoder.layer.%d.attention." k_ ".weight",                                           \
        .v = "encoder.layer.%d.attention." v_ ".weight",                                           \
        .out = "encoder.layer.%d.attention." out_ ".weight",                                       \
        .norm1 = "encoder.layer.%d.attention." norm1_ ".weight",                                   \
        .up = "encoder.layer.%d.intermediate.dense.weight",                                        \
        .down = "encoder.layer.%d.output.dense.weight",                                            \
        .norm2 = "encoder.layer.%d.output.LayerNorm.weight", .linear_bias = TRUE,                  \
        .norm_bias = TRUE                                                                          \
    }
#define BERT_PARTS                                                                                 \
    BERT_NAMES("self.query", "self.key", "self.value", "output.dense", "output.LayerNorm")
#define BERT_KEYS                                                                                  \
    .layers_key = "num_hidden_layers", .hidden_key = "hidden_size",                                \
    .heads_key = "num_attention_heads", .wide_key = "intermediate_size",                           \
    .activation_key = "hidden_act"

static const kind KINDS[] = {
    {.type = "bert", .names = BERT_PARTS, BERT_KEYS, .types = TRUE, .pairs = TRUE},
    {.type = "roberta", .names = BERT_PARTS, BERT_KEYS, .types = TRUE, .after_pad = TRUE},
    {.type = "xlm-roberta", .names = BERT_PARTS, BERT_KEYS, .types = TRUE, .after_pad = TRUE},
    {.type = "mpnet",
     .names = BERT_NAMES("attn.q", "attn.k", "attn.v", "attn.o", "LayerNorm"),
     BERT_KEYS,
     .after_pad = TRUE,
     .relative = TRUE},
    {.type = "distilbert",
     .names = {.q = "transformer.layer.%d.attention.q_lin.weight",
               .k = "transformer.layer.%d.attention.k_lin.weight",
               .v = "transformer.layer.%d.attention.v_lin.weight",
               .out = "transformer.layer.%d.attention.out_lin.weight",
               .norm1 = "transformer.layer.%d.sa_layer_norm.weight",
               .up = "transformer.layer.%d.ffn.lin1.weight",
               .down = "transformer.layer.%d.ffn.lin2.weight",
               .norm2 = "transformer.layer.%d.output_layer_norm.weight",
               .linear_bias = TRUE,
               .norm_bias = TRUE},
     .layers_key = "n_layers",
     .hidden_key = "dim",
     .heads_key = "n_heads",
     .wide_key = "hidden_dim",
     .activation_key = "activation"},
};

typedef struct bert {
    const kind *kind;
    int hidden, heads, first_position;
    gboolean pooled; /* only the first row is computed to the end */
    const jd_tensor *words, *positions;
    const float *segments; /* types x hidden; NULL: none */
    int segment_count;
    const float *distances; /* buckets x heads; NULL: none */
    int buckets;
    jd_layer_norm norm;
    jd_transformer *layers;
} bert;

static const kind *find_kind(const char *type)
{
    for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++)
        if (strcmp(KINDS[i].type, type) == 0)
            return &KINDS[i];
    return NULL;
}

static gboolean read_config(const kind *k, const jd_config *config, jd_transformer_config *c,
                            GError **error)
{
    *c = (jd_transformer_config){.post_norm = TRUE};
    /* distilbert's is fixed; all others say it. */
    c->epsilon = (float)jd_config_get_number(config, "layer_norm_eps", 1e-12);
    return jd_config_get_int(config, &(jd_config_int){k->layers_key, 1, 256, 0}, &c->layers,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){k->hidden_key, 8, 16384, 0}, &c->hidden,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){k->heads_key, 1, 256, 0}, &c->heads, error) &&
           jd_config_get_int(config, &(jd_config_int){k->wide_key, 8, 65536, 0}, &c->intermediate,
                             error) &&
           jd_config_get_activation(config, k->activation_key, "gelu", &c->activation, error) &&
           jd_transformer_config_check(c, error);
}

/* Checkpoints of whole models put the kind's name in front ("bert.", "roberta."), encoders' own do
 * not. */
static char *find_prefix(const jd_checkpoint *checkpoint, const char *type)
{
    if (jd_checkpoint_has(checkpoint, "embeddings.word_embeddings.weight"))
        return g_strdup("");
    return g_strdup_printf("%s.", strcmp(type, "xlm-roberta") == 0 ? "roberta" : type);
}

static char *full_name(const char *prefix, const char *name)
{
    return g_strconcat(prefix, name, NULL);
}

static const jd_tensor *find_table(const jd_weights *w, const char *prefix, const char *name,
                                   const gint64 shape[2], GError **error)
{
    g_autofree char *full = full_name(prefix, name);
    const jd_tensor_wish wish = {full, 2, {shape[0], shape[1]}};
    return jd_checkpoint_find(w->checkpoint, &wish, error);
}

static gboolean load_small(const float **to, const jd_weights *w, const char *prefix,
                           jd_vector_source source, GError **error)
{
    g_autofree char *full = full_name(prefix, source.name);
    source.name = full;
    *to = jd_weights_vector(w, &source, error);
    return *to != NULL;
}

static gboolean load_embeddings(bert *b, const jd_family_source *source, const char *prefix,
                                jd_model_info *info, GError **error)
{
    const jd_config *config = source->config;
    const jd_weights *w = source->weights;
    int vocabulary;
    int positions;
    int pad = 0;
    if (!jd_config_get_int(config, &(jd_config_int){"vocab_size", 1, 1 << 24, 0}, &vocabulary,
                           error) ||
        !jd_config_get_int(config, &(jd_config_int){"max_position_embeddings", 1, 1 << 20, 512},
                           &positions, error) ||
        (b->kind->after_pad &&
         !jd_config_get_int(config, &(jd_config_int){"pad_token_id", 0, 1 << 20, 1}, &pad, error)))
        return FALSE;
    b->first_position = b->kind->after_pad ? pad + 1 : 0;
    info->max_tokens = positions - b->first_position;
    info->vocabulary = vocabulary;
    g_autofree char *norm = full_name(prefix, "embeddings.LayerNorm.weight");
    return (b->words = find_table(w, prefix, "embeddings.word_embeddings.weight",
                                  (gint64[]){vocabulary, b->hidden}, error)) &&
           (b->positions = find_table(w, prefix, "embeddings.position_embeddings.weight",
                                      (gint64[]){positions, b->hidden}, error)) &&
           jd_weights_norm(w, &(jd_vector_source){norm, "b.norm", (gsize)b->hidden, 0}, TRUE,
                           &b->norm, error);
}

static gboolean load_extras(bert *b, const jd_family_source *source, const char *prefix,
                            GError **error)
{
    const jd_weights *w = source->weights;
    if (b->kind->types) {
        if (!jd_config_get_int(source->config, &(jd_config_int){"type_vocab_size", 1, 64, 2},
                               &b->segment_count, error) ||
            !load_small(&b->segments, w, prefix,
                        (jd_vector_source){"embeddings.token_type_embeddings.weight", "b.seg",
                                           (gsize)b->hidden, (gsize)b->segment_count},
                        error))
            return FALSE;
    }
    if (!b->kind->relative)
        return TRUE;
    return jd_config_get_int(source->config,
                             &(jd_config_int){"relative_attention_num_buckets", 4, 1024, 32},
                             &b->buckets, error) &&
           load_small(&b->distances, w, prefix,
                      (jd_vector_source){"encoder.relative_attention_bias.weight", "b.dist",
                                         (gsize)b->heads, (gsize)b->buckets},
                      error);
}

static void bert_free(void *state)
{
    bert *b = state;
    jd_transformer_free(b->layers);
    g_free(b);
}

static gboolean load_into(bert *b, const jd_family_source *source, gboolean pooled,
                          jd_model_info *info, GError **error)
{
    jd_transformer_config c;
    if (!read_config(b->kind, source->config, &c, error))
        return FALSE;
    c.pooled = b->pooled = pooled;
    b->hidden = c.hidden;
    b->heads = c.heads;
    b->norm.epsilon = c.epsilon;
    g_autofree char *prefix = find_prefix(source->weights->checkpoint, info->family);
    jd_transformer_names names = b->kind->names;
    names.before = prefix;
    if (!load_embeddings(b, source, prefix, info, error) || !load_extras(b, source, prefix, error))
        return FALSE;
    b->layers = jd_transformer_new(source->weights, &c, &names, "b", error);
    return b->layers != NULL;
}

static void *bert_load(const jd_family_source *source, gboolean pooled, jd_model_info *info,
                       GError **error)
{
    bert *b = g_new0(bert, 1);
    b->kind = find_kind(info->family);
    if (load_into(b, source, pooled, info, error))
        return b;
    bert_free(b);
    return NULL;
}

/* ---- running ---- */

static void embed_tokens(const bert *b, const jd_token_batch *batch, float *x)
{
    const gsize hidden = (gsize)b->hidden;
    g_autofree float *row = g_new(float, hidden);
    gsize at = 0;
    for (gsize s = 0; s < batch->count; s++)
        for (gsize i = 0; i < batch->lengths[s]; i++, at++) {
            float *to = x + at * hidden;
            jd_tensor_row(b->words, (gsize)batch->ids[at], to);
            jd_tensor_row(b->positions, (gsize)b->first_position + i, row);
            for (gsize d = 0; d < hidden; d++)
                to[d] += row[d];
            if (!b->segments)
                continue;
            const gint32 type = batch->types && b->kind->pairs ? batch->types[at] : 0;
            const float *segment = b->segments + (gsize)MIN(type, b->segment_count - 1) * hidden;
            for (gsize d = 0; d < hidden; d++)
                to[d] += segment[d];
        }
    jd_layer_norm_run(&b->norm, x, at, x);
}

/* T5's buckets of distance, both directions, as MPNetEncoder.relative_position_bucket with a
 * maximum of 128. */
static int bucket_of(int distance, int buckets)
{
    enum { FAR = 128 };
    const int half = buckets / 2;
    const int near = half / 2;
    const int start = distance > 0 ? half : 0;
    const int apart = ABS(distance);
    if (apart < near)
        return start + apart;
    const float steps = logf((float)apart / (float)near) / logf((float)FAR / (float)near);
    const int bucket = near + (int)(steps * (float)(half - near));
    return start + MIN(bucket, half - 1);
}

static jd_floats *distance_bias(const bert *b, gsize length, GError **error)
{
    jd_floats *bias = jd_floats_new((gsize)b->heads * length * length, error);
    if (!bias)
        return NULL;
    const int last = (int)length - 1;
    g_autofree int *buckets = g_new(int, 2 * length); /* by distance, from -last */
    for (int distance = -last; distance <= last; distance++)
        buckets[distance + last] = bucket_of(distance, b->buckets);
    float *to = bias->data;
    for (int head = 0; head < b->heads; head++)
        for (int i = 0; i <= last; i++)
            for (int j = 0; j <= last; j++)
                *to++ = b->distances[buckets[j - i + last] * b->heads + head];
    return bias;
}

/* A bias belongs to one length: sequences go one by one. */
static gboolean run_one_by_one(const bert *b, const jd_sequences *all, jd_scratch *scratch,
                               GError **error)
{
    const gsize hidden = (gsize)b->hidden;
    jd_sequences one = *all;
    one.count = 1;
    for (gsize s = 0; s < all->count; s++) {
        g_autoptr(jd_floats) bias = distance_bias(b, all->lengths[s], error);
        if (!bias)
            return FALSE;
        one.lengths = all->lengths + s;
        one.bias = bias->data;
        one.rows = all->rows ? all->rows + s : NULL;
        one.pooled = all->pooled ? all->pooled + s * hidden : NULL;
        if (!jd_transformer_run(b->layers, &one, scratch, error))
            return FALSE;
        one.x += all->lengths[s] * hidden;
    }
    return TRUE;
}

gsize jd_token_batch_rows(const jd_token_batch *batch)
{
    gsize rows = 0;
    for (gsize s = 0; s < batch->count; s++)
        rows += batch->lengths[s];
    return rows;
}

static gboolean bert_run(const void *state, const jd_token_batch *batch, jd_pooling pooling,
                         const jd_linear_call *out, GError **error)
{
    const bert *b = state;
    g_autoptr(jd_floats) x = jd_floats_new(jd_token_batch_rows(batch) * (gsize)b->hidden, error);
    if (!x)
        return FALSE;
    embed_tokens(b, batch, x->data);
    g_autofree gsize *first_rows = g_new0(gsize, batch->count);
    jd_sequences sequences = {.x = x->data, .lengths = batch->lengths, .count = batch->count};
    if (b->pooled) {
        sequences.rows = first_rows;
        sequences.pooled = out->y;
    }
    const gboolean ok = b->distances
                            ? run_one_by_one(b, &sequences, out->scratch, error)
                            : jd_transformer_run(b->layers, &sequences, out->scratch, error);
    if (ok && !b->pooled)
        jd_pool_rows(pooling, &(jd_pool_call){x->data, batch->lengths, batch->count, b->hidden},
                     out->y);
    return ok;
}

const jd_encoder jd_encoder_bert = {bert_load, bert_free, bert_run};
