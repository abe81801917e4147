#include "nn/transformer.h"

#include "base/error.h"
#include "nn/transformer_layers.h"

#include <string.h>

gboolean jd_transformer_config_check(const jd_transformer_config *config, GError **error)
{
    if (config->hidden % config->heads == 0 && config->hidden / config->heads % 2 == 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, "is config.json damaged?",
                 "a hidden size of %d cannot be divided among %d attention heads", config->hidden,
                 config->heads);
    return FALSE;
}

typedef struct loader {
    const jd_weights *weights;
    const jd_transformer_config *config;
    const jd_transformer_names *names;
    const char *prefix;
    int layer;
} loader;

/* "encoder.layers.%d.mlp.weight" -> "encoder.layers.3.mlp.weight" */
static char *layer_name(const loader *load, const char *pattern)
{
    const char *number = strstr(pattern, "%d");
    const char *before = load->names->before ? load->names->before : "";
    return g_strdup_printf("%s%.*s%d%s", before, (int)(number - pattern), pattern, load->layer,
                           number + 2);
}

static char *short_name(const loader *load, const char *part)
{
    return g_strdup_printf("%s%d.%s", load->prefix, load->layer, part);
}

static jd_linear *load_linear(const loader *load, const char *pattern, const char *part,
                              jd_linear_source source, GError **error)
{
    g_autofree char *name = layer_name(load, pattern);
    g_autofree char *brief = short_name(load, part);
    source.name = name;
    source.short_name = brief;
    source.has_bias = load->names->linear_bias;
    return jd_weights_linear(load->weights, &source, error);
}

static gboolean load_norm(const loader *load, const char *pattern, const char *part,
                          jd_layer_norm *norm, GError **error)
{
    g_autofree char *name = layer_name(load, pattern);
    g_autofree char *brief = short_name(load, part);
    norm->epsilon = load->config->epsilon;
    return jd_weights_norm(load->weights,
                           &(jd_vector_source){name, brief, (gsize)load->config->hidden, 0},
                           load->names->norm_bias, norm, error);
}

/* Which of query (0), key (1) and value (2) a fused matrix holds, one under the other. */
typedef struct parts {
    int first, count;
} parts;

typedef struct fused {
    float *weight; /* count * hidden x hidden */
    float *bias;   /* count * hidden */
} fused;

/* From one tensor that holds all three. */
static gboolean slice_parts(const loader *load, parts which, fused to, GError **error)
{
    const gsize hidden = (gsize)load->config->hidden;
    const gint64 rows = 3 * (gint64)hidden;
    g_autofree char *name = layer_name(load, load->names->qkv);
    jd_checkpoint *checkpoint = load->weights->checkpoint;
    const float *weight =
        jd_checkpoint_get(checkpoint, &(jd_tensor_wish){name, 2, {rows, (gint64)hidden}}, error);
    if (!weight)
        return FALSE;
    memcpy(to.weight, weight + (gsize)which.first * hidden * hidden,
           (gsize)which.count * hidden * hidden * sizeof(float));
    if (!load->names->linear_bias)
        return TRUE;
    g_autofree char *bias_name = jd_bias_name(name);
    const float *bias =
        jd_checkpoint_get(checkpoint, &(jd_tensor_wish){bias_name, 1, {rows}}, error);
    if (bias)
        memcpy(to.bias, bias + (gsize)which.first * hidden,
               (gsize)which.count * hidden * sizeof(float));
    return bias != NULL;
}

/* From a tensor each. */
static gboolean join_parts(const loader *load, parts which, fused to, GError **error)
{
    const gsize hidden = (gsize)load->config->hidden;
    const char *const patterns[] = {load->names->q, load->names->k, load->names->v};
    jd_checkpoint *checkpoint = load->weights->checkpoint;
    for (int i = 0; i < which.count; i++) {
        g_autofree char *name = layer_name(load, patterns[which.first + i]);
        g_autofree char *bias_name = jd_bias_name(name);
        const float *weight = jd_checkpoint_get(
            checkpoint, &(jd_tensor_wish){name, 2, {(gint64)hidden, (gint64)hidden}}, error);
        if (!weight)
            return FALSE;
        memcpy(to.weight + (gsize)i * hidden * hidden, weight, hidden * hidden * sizeof(float));
        if (!load->names->linear_bias)
            continue;
        const float *bias =
            jd_checkpoint_get(checkpoint, &(jd_tensor_wish){bias_name, 1, {(gint64)hidden}}, error);
        if (!bias)
            return FALSE;
        memcpy(to.bias + (gsize)i * hidden, bias, hidden * sizeof(float));
    }
    return TRUE;
}

static jd_linear *load_fused(const loader *load, parts which, const char *part, GError **error)
{
    const gsize hidden = (gsize)load->config->hidden;
    const gsize out = (gsize)which.count * hidden;
    g_autofree char *brief = short_name(load, part);
    jd_linear_spec spec = {.name = brief,
                           .has_bias = load->names->linear_bias,
                           .in = (int)hidden,
                           .out = (int)out,
                           .precision = load->weights->precision};
    g_autofree float *weight = NULL;
    g_autofree float *bias = NULL;
    if (!jd_pack_is_mapped(load->weights->pack)) {
        weight = g_try_new(float, out *hidden);
        bias = g_new0(float, out);
        if (!weight) {
            jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory to load the model");
            return NULL;
        }
        const fused to = {weight, bias};
        if (!(load->names->qkv ? slice_parts : join_parts)(load, which, to, error))
            return NULL;
        spec.weight = weight;
        spec.bias = bias;
    }
    return jd_linear_new(load->weights->engine, load->weights->pack, &spec, error);
}

static gboolean load_queries(const loader *load, jd_layer *to, GError **error)
{
    if (!load->config->pooled || load->layer + 1 < load->config->layers) {
        to->qkv = load_fused(load, (parts){0, 3}, "qkv", error);
        return to->qkv != NULL;
    }
    to->q = load_fused(load, (parts){0, 1}, "q", error);
    to->kv = to->q ? load_fused(load, (parts){1, 2}, "kv", error) : NULL;
    return to->kv != NULL;
}

static gboolean load_layer(const loader *load, jd_layer *to, GError **error)
{
    const jd_transformer_config *c = load->config;
    const jd_transformer_names *names = load->names;
    const gboolean no_norm1 = names->first_norm1_absent && load->layer == 0;
    if (!no_norm1 && !load_norm(load, names->norm1, "n1", &to->norm1, error))
        return FALSE;
    if (!load_norm(load, names->norm2, "n2", &to->norm2, error) || !load_queries(load, to, error))
        return FALSE;
    to->out = load_linear(load, names->out, "out",
                          (jd_linear_source){.in = c->hidden, .out = c->hidden, .accumulate = TRUE},
                          error);
    if (!to->out)
        return FALSE;
    to->up = load_linear(load, names->up, "up",
                         (jd_linear_source){.in = c->hidden,
                                            .out = c->intermediate * (c->gated ? 2 : 1),
                                            .activation = c->gated ? JD_ACT_NONE : c->activation},
                         error);
    if (!to->up)
        return FALSE;
    to->down = load_linear(
        load, names->down, "down",
        (jd_linear_source){.in = c->intermediate, .out = c->hidden, .accumulate = TRUE}, error);
    return to->down != NULL;
}

jd_transformer *jd_transformer_new(const jd_weights *weights, const jd_transformer_config *config,
                                   const jd_transformer_names *names, const char *prefix,
                                   GError **error)
{
    g_autoptr(jd_transformer) transformer = g_new0(jd_transformer, 1);
    transformer->config = *config;
    transformer->layers = g_new0(jd_layer, config->layers);
    for (int i = 0; i < config->layers; i++) {
        const loader load = {weights, config, names, prefix, i};
        if (!load_layer(&load, &transformer->layers[i], error))
            return NULL;
    }
    return g_steal_pointer(&transformer);
}

void jd_transformer_free(jd_transformer *transformer)
{
    if (!transformer)
        return;
    for (int i = 0; i < transformer->config.layers; i++) {
        jd_layer *l = &transformer->layers[i];
        jd_linear *const all[] = {l->qkv, l->q, l->kv, l->out, l->up, l->down};
        for (gsize j = 0; j < G_N_ELEMENTS(all); j++)
            jd_linear_free(all[j]);
    }
    g_free(transformer->layers);
    g_free(transformer);
}
