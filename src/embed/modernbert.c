/*
 * ModernBERT: a pre-norm encoder with gated MLPs, rotary positions and, in most layers, attention
 * to the neighbourhood alone. Source: transformers' modeling_modernbert.py and
 * configuration_modernbert.py.
 */
#include "embed/encoder.h"

#include "base/error.h"
#include "embed/patches.h"
#include "nn/transformer.h"

#include <string.h>

typedef struct modernbert {
    int hidden;
    gboolean pooled; /* only the first row is computed to the end */
    const jd_tensor *tokens;
    jd_layer_norm norm, final_norm;
    jd_transformer *layers;
} modernbert;

/*
 * Global layers are every n-th from the first on: older files say n, newer ones list the layers'
 * kinds.
 */
static gboolean read_layer_types(const jd_config *config, jd_transformer_config *c, GError **error)
{
    if (!jd_config_has(config, "layer_types"))
        return jd_config_get_int(config, &(jd_config_int){"global_attn_every_n_layers", 1, 256, 3},
                                 &c->global_every, error);
    int second = c->layers;
    gboolean known = TRUE;
    for (int i = 0; i < c->layers; i++) {
        const char *type = jd_config_get_nth(config, "layer_types", (gsize)i, "");
        const gboolean global = strcmp(type, "full_attention") == 0;
        if (global && i > 0 && second == c->layers)
            second = i;
        known = known && (global || strcmp(type, "sliding_attention") == 0) &&
                global == (i % second == 0);
    }
    c->global_every = second;
    if (!known)
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "config.json: layer_types; expected full_attention in every n-th layer from "
                     "the first on and sliding_attention in all others");
    return known;
}

/* Newer files have an object for each kind of layer. */
static gboolean read_rope(const jd_config *config, const char *kind, const char *old_key,
                          float *theta, GError **error)
{
    const jd_config *all = jd_config_object(config, "rope_parameters");
    const jd_config *own = jd_config_object(all, kind);
    const char *type = jd_config_get_string(own, "rope_type", "default");
    const double value =
        jd_config_get_number(own, "rope_theta", jd_config_get_number(config, old_key, *theta));
    if (strcmp(type, "default") != 0 || jd_config_has(config, "rope_scaling") || !(value > 0) ||
        value > 1e12) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "config.json: rotary positions of type \"%s\" with theta %g; known is "
                     "\"default\" without scaling",
                     type, value);
        return FALSE;
    }
    *theta = (float)value;
    return TRUE;
}

static gboolean read_attention(const jd_config *config, jd_transformer_config *c, GError **error)
{
    int local;
    c->rope_global = 160000;
    c->rope_local = 10000;
    if (!jd_config_get_int(config, &(jd_config_int){"local_attention", 2, 1 << 20, 128}, &local,
                           error))
        return FALSE;
    c->window = local / 2;
    return read_layer_types(config, c, error) &&
           read_rope(config, "full_attention", "global_rope_theta", &c->rope_global, error) &&
           read_rope(config, "sliding_attention", "local_rope_theta", &c->rope_local, error);
}

static gboolean read_config(const jd_config *config, jd_transformer_config *c, GError **error)
{
    *c = (jd_transformer_config){.gated = TRUE};
    c->epsilon = (float)jd_config_get_number(config, "norm_eps", 1e-5);
    return jd_config_get_int(config, &(jd_config_int){"num_hidden_layers", 1, 256, 22}, &c->layers,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){"hidden_size", 8, 16384, 768}, &c->hidden,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){"num_attention_heads", 1, 256, 12}, &c->heads,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){"intermediate_size", 8, 65536, 1152},
                             &c->intermediate, error) &&
           jd_config_get_activation(config, "hidden_activation", "gelu", &c->activation, error) &&
           read_attention(config, c, error) && jd_transformer_config_check(c, error);
}

static gboolean read_biases(const jd_config *config, jd_transformer_names *names, GError **error)
{
    names->linear_bias = jd_config_get_bool(config, "attention_bias", FALSE);
    names->norm_bias = jd_config_get_bool(config, "norm_bias", FALSE);
    if (names->linear_bias == jd_config_get_bool(config, "mlp_bias", FALSE))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "config.json: attention_bias and mlp_bias differ");
    return FALSE;
}

/* Where the norms outside the layers are. */
typedef struct norms {
    const jd_weights *weights;
    const char *prefix; /* of their names */
    gboolean has_bias;
} norms;

static gboolean load_norm(const norms *in, const char *name, jd_layer_norm *norm, GError **error)
{
    g_autofree char *full = g_strdup_printf("%s%s.weight", in->prefix, name);
    g_autofree char *brief = g_strdup_printf("b.%s", name);
    return jd_weights_norm(in->weights, &(jd_vector_source){full, brief, (gsize)norm->size, 0},
                           in->has_bias, norm, error);
}

static gboolean load_outside(modernbert *m, const jd_family_source *source, const char *prefix,
                             jd_model_info *info, GError **error)
{
    const jd_config *config = source->config;
    const jd_weights *w = source->weights;
    const norms in = {w, prefix, jd_config_get_bool(config, "norm_bias", FALSE)};
    g_autofree char *tokens = g_strconcat(prefix, "embeddings.tok_embeddings.weight", NULL);
    if (!jd_config_get_int(config, &(jd_config_int){"vocab_size", 1, 1 << 24, 50368},
                           &info->vocabulary, error) ||
        !jd_config_get_int(config, &(jd_config_int){"max_position_embeddings", 1, 1 << 20, 8192},
                           &info->max_tokens, error))
        return FALSE;
    const jd_tensor_wish wish = {tokens, 2, {info->vocabulary, m->hidden}};
    return (m->tokens = jd_checkpoint_find(w->checkpoint, &wish, error)) &&
           load_norm(&in, "embeddings.norm", &m->norm, error) &&
           load_norm(&in, "final_norm", &m->final_norm, error);
}

static gboolean load_into(modernbert *m, const jd_family_source *source, gboolean pooled,
                          jd_model_info *info, GError **error)
{
    jd_transformer_config c;
    jd_transformer_names names = {.qkv = "layers.%d.attn.Wqkv.weight",
                                  .out = "layers.%d.attn.Wo.weight",
                                  .up = "layers.%d.mlp.Wi.weight",
                                  .down = "layers.%d.mlp.Wo.weight",
                                  .norm1 = "layers.%d.attn_norm.weight",
                                  .norm2 = "layers.%d.mlp_norm.weight",
                                  .first_norm1_absent = TRUE};
    if (!read_config(source->config, &c, error) || !read_biases(source->config, &names, error))
        return FALSE;
    /* Checkpoints with a head have everything else under "model.". */
    names.before =
        jd_checkpoint_has(source->weights->checkpoint, "final_norm.weight") ? "" : "model.";
    c.pooled = m->pooled = pooled;
    m->hidden = m->norm.size = m->final_norm.size = c.hidden;
    m->norm.epsilon = m->final_norm.epsilon = c.epsilon;
    if (!load_outside(m, source, names.before, info, error))
        return FALSE;
    m->layers = jd_transformer_new(source->weights, &c, &names, "b", error);
    return m->layers != NULL;
}

static void modernbert_free(void *state)
{
    modernbert *m = state;
    jd_transformer_free(m->layers);
    g_free(m);
}

static void *modernbert_load(const jd_family_source *source, gboolean pooled, jd_model_info *info,
                             GError **error)
{
    modernbert *m = g_new0(modernbert, 1);
    if (load_into(m, source, pooled, info, error))
        return m;
    modernbert_free(m);
    return NULL;
}

static gboolean modernbert_run(const void *state, const jd_token_batch *batch, jd_pooling pooling,
                               const jd_linear_call *out, GError **error)
{
    const modernbert *m = state;
    const gsize hidden = (gsize)m->hidden;
    const gsize rows = jd_token_batch_rows(batch);
    g_autoptr(jd_floats) x = jd_floats_new(rows * hidden, error);
    if (!x)
        return FALSE;
    for (gsize i = 0; i < rows; i++)
        jd_tensor_row(m->tokens, (gsize)batch->ids[i], x->data + i * hidden);
    jd_layer_norm_run(&m->norm, x->data, rows, x->data);
    g_autofree gsize *first_rows = g_new0(gsize, batch->count);
    jd_sequences sequences = {.x = x->data, .lengths = batch->lengths, .count = batch->count};
    if (m->pooled) {
        sequences.rows = first_rows;
        sequences.pooled = out->y;
    }
    if (!jd_transformer_run(m->layers, &sequences, out->scratch, error))
        return FALSE;
    if (m->pooled) {
        jd_layer_norm_run(&m->final_norm, out->y, batch->count, out->y);
        return TRUE;
    }
    jd_layer_norm_run(&m->final_norm, x->data, rows, x->data);
    jd_pool_rows(pooling, &(jd_pool_call){x->data, batch->lengths, batch->count, m->hidden},
                 out->y);
    return TRUE;
}

const jd_encoder jd_encoder_modernbert = {modernbert_load, modernbert_free, modernbert_run};
