/*
 * CLIP: both towers, of OpenAI, LAION and MetaCLIP. Source: transformers' modeling_clip.py.
 *
 * The text tower is causal and pools the row of the end-of-text token; nothing after that row can
 * reach it, so that padding is never computed. The vision tower pools its class row.
 */
#include "embed/family.h"

#include "base/error.h"
#include "embed/patches.h"
#include "nn/transformer.h"

#include <string.h>

typedef struct clip {
    int dimension;

    int text_hidden;
    gint32 end_id; /* 0: the row of the highest id */
    const jd_tensor *tokens, *positions;
    jd_transformer *text;
    jd_layer_norm text_norm;
    jd_linear *text_projection;

    jd_patches patches;
    const float *class_row;
    jd_layer_norm pre_norm, post_norm;
    jd_transformer *vision;
    jd_linear *visual_projection;
} clip;

/* What both towers' configurations have in common. */
static gboolean read_tower(const jd_config *config, jd_transformer_config *tower, GError **error)
{
    *tower = (jd_transformer_config){.pooled = TRUE};
    tower->epsilon = (float)jd_config_get_number(config, "layer_norm_eps", 1e-5);
    return jd_config_get_int(config, &(jd_config_int){"num_hidden_layers", 1, 256, 12},
                             &tower->layers, error) &&
           jd_config_get_int(config, &(jd_config_int){"hidden_size", 8, 16384, 0}, &tower->hidden,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){"num_attention_heads", 1, 256, 0},
                             &tower->heads, error) &&
           jd_config_get_int(config, &(jd_config_int){"intermediate_size", 8, 65536, 0},
                             &tower->intermediate, error) &&
           jd_config_get_activation(config, "hidden_act", "quick_gelu", &tower->activation,
                                    error) &&
           jd_transformer_config_check(tower, error);
}

static jd_transformer *load_tower(const jd_weights *weights, const jd_transformer_config *config,
                                  gboolean vision, GError **error)
{
#define LAYER(tower, part) tower "_model.encoder.layers.%d." part ".weight"
#define NAMES(tower)                                                                               \
    {                                                                                              \
        .q = LAYER(tower, "self_attn.q_proj"), .k = LAYER(tower, "self_attn.k_proj"),              \
        .v = LAYER(tower, "self_attn.v_proj"), .out = LAYER(tower, "self_attn.out_proj"),          \
        .up = LAYER(tower, "mlp.fc1"), .down = LAYER(tower, "mlp.fc2"),                            \
        .norm1 = LAYER(tower, "layer_norm1"), .norm2 = LAYER(tower, "layer_norm2"),                \
        .linear_bias = TRUE, .norm_bias = TRUE                                                     \
    }
    static const jd_transformer_names text_names = NAMES("text");
    static const jd_transformer_names vision_names = NAMES("vision");
#undef NAMES
#undef LAYER
    return jd_transformer_new(weights, config, vision ? &vision_names : &text_names,
                              vision ? "v" : "t", error);
}

static gboolean load_text(clip *c, const jd_family_source *source, jd_model_info *info,
                          GError **error)
{
    const jd_config *config = jd_config_object(source->config, "text_config");
    const jd_weights *w = source->weights;
    jd_transformer_config tower;
    int vocabulary;
    int end_id;
    if (!read_tower(config, &tower, error) ||
        !jd_config_get_int(config, &(jd_config_int){"vocab_size", 1, 1 << 24, 49408}, &vocabulary,
                           error) ||
        !jd_config_get_int(config, &(jd_config_int){"max_position_embeddings", 2, 8192, 77},
                           &info->max_tokens, error) ||
        !jd_config_get_int(config, &(jd_config_int){"eos_token_id", 0, 1 << 24, 49407}, &end_id,
                           error))
        return FALSE;
    tower.causal = TRUE;
    /* Configs of 2021 say 2 where the end is the highest id: transformers knows them by that 2. */
    c->end_id = end_id == 2 ? 0 : end_id;
    c->text_hidden = tower.hidden;
    const jd_tensor_wish tokens = {
        "text_model.embeddings.token_embedding.weight", 2, {vocabulary, tower.hidden}};
    const jd_tensor_wish positions = {
        "text_model.embeddings.position_embedding.weight", 2, {info->max_tokens, tower.hidden}};
    const jd_vector_source norm = {"text_model.final_layer_norm.weight", "t.norm",
                                   (gsize)tower.hidden, 0};
    const jd_linear_source projection = {.name = "text_projection.weight",
                                         .short_name = "t.proj",
                                         .in = tower.hidden,
                                         .out = c->dimension,
                                         .precision_f32 = TRUE};
    c->text_norm.epsilon = tower.epsilon;
    return (c->tokens = jd_checkpoint_find(w->checkpoint, &tokens, error)) &&
           (c->positions = jd_checkpoint_find(w->checkpoint, &positions, error)) &&
           jd_weights_norm(w, &norm, TRUE, &c->text_norm, error) &&
           (c->text = load_tower(w, &tower, FALSE, error)) &&
           (c->text_projection = jd_weights_linear(w, &projection, error));
}

static gboolean load_vision_norms(clip *c, const jd_weights *w, const jd_transformer_config *tower,
                                  GError **error)
{
    const gsize hidden = (gsize)tower->hidden;
    /* "pre_layrnorm" is the name in every checkpoint. */
    const jd_vector_source pre = {"vision_model.pre_layrnorm.weight", "v.pre", hidden, 0};
    const jd_vector_source post = {"vision_model.post_layernorm.weight", "v.post", hidden, 0};
    c->pre_norm.epsilon = c->post_norm.epsilon = tower->epsilon;
    return jd_weights_norm(w, &pre, TRUE, &c->pre_norm, error) &&
           jd_weights_norm(w, &post, TRUE, &c->post_norm, error);
}

static gboolean load_vision(clip *c, const jd_family_source *source, jd_model_info *info,
                            GError **error)
{
    const jd_config *config = jd_config_object(source->config, "vision_config");
    const jd_weights *w = source->weights;
    jd_transformer_config tower;
    if (!read_tower(config, &tower, error) ||
        !jd_patches_init(&c->patches, config, &tower, info, error))
        return FALSE;
    const jd_vector_source class_row = {"vision_model.embeddings.class_embedding", "v.class",
                                        (gsize)tower.hidden, 0};
    const jd_linear_source projection = {.name = "visual_projection.weight",
                                         .short_name = "v.proj",
                                         .in = tower.hidden,
                                         .out = c->dimension,
                                         .precision_f32 = TRUE};
    c->patches.class_rows = 1;
    return jd_patches_load(&c->patches, w, FALSE, error) &&
           (c->class_row = jd_weights_vector(w, &class_row, error)) &&
           load_vision_norms(c, w, &tower, error) &&
           (c->vision = load_tower(w, &tower, TRUE, error)) &&
           (c->visual_projection = jd_weights_linear(w, &projection, error));
}

static void clip_free(void *state)
{
    clip *c = state;
    jd_transformer_free(c->text);
    jd_transformer_free(c->vision);
    jd_linear_free(c->text_projection);
    jd_linear_free(c->visual_projection);
    jd_patches_clear(&c->patches);
    g_free(c);
}

static void *clip_load(const jd_family_source *source, jd_model_info *info, GError **error)
{
    clip *c = g_new0(clip, 1);
    if (jd_config_get_int(source->config, &(jd_config_int){"projection_dim", 1, 8192, 512},
                          &c->dimension, error) &&
        load_text(c, source, info, error) && load_vision(c, source, info, error)) {
        info->dimension = c->dimension;
        info->texts = info->pictures = TRUE;
        return c;
    }
    clip_free(c);
    return NULL;
}

/* Number of tokens up to the row that is pooled, that row included. */
static gsize used_length(const clip *c, const gint32 *ids, gsize length)
{
    gsize best = 0;
    for (gsize i = 0; i < length; i++) {
        if (c->end_id && ids[i] == c->end_id)
            return i + 1;
        if (!c->end_id && ids[i] > ids[best])
            best = i;
    }
    /* Without an end of text transformers pools the first row. */
    return c->end_id ? 1 : best + 1;
}

static void embed_tokens(const clip *c, const jd_token_batch *batch, const gsize *lengths, float *x)
{
    const gsize hidden = (gsize)c->text_hidden;
    g_autofree float *position = g_new(float, hidden);
    const gint32 *ids = batch->ids;
    for (gsize s = 0; s < batch->count; s++) {
        for (gsize i = 0; i < lengths[s]; i++, x += hidden) {
            jd_tensor_row(c->tokens, (gsize)ids[i], x);
            jd_tensor_row(c->positions, i, position);
            for (gsize d = 0; d < hidden; d++)
                x[d] += position[d];
        }
        ids += batch->lengths[s];
    }
}

static gboolean clip_texts(const void *state, const jd_token_batch *batch, float *out,
                           jd_scratch *scratch, GError **error)
{
    const clip *c = state;
    const gsize hidden = (gsize)c->text_hidden;
    g_autofree gsize *lengths = g_new(gsize, batch->count);
    g_autofree gsize *rows = g_new(gsize, batch->count);
    const gint32 *ids = batch->ids;
    gsize total = 0;
    for (gsize s = 0; s < batch->count; s++) {
        lengths[s] = used_length(c, ids, batch->lengths[s]);
        rows[s] = lengths[s] - 1;
        total += lengths[s];
        ids += batch->lengths[s];
    }
    g_autoptr(jd_floats) x = jd_floats_new(total * hidden, error);
    g_autoptr(jd_floats) pooled = jd_floats_new(batch->count * hidden, error);
    if (!x || !pooled)
        return FALSE;
    embed_tokens(c, batch, lengths, x->data);
    const jd_sequences sequences = {x->data, lengths, batch->count, rows, pooled->data, NULL};
    if (!jd_transformer_run(c->text, &sequences, scratch, error))
        return FALSE;
    jd_layer_norm_run(&c->text_norm, pooled->data, batch->count, pooled->data);
    return jd_linear_run(c->text_projection,
                         &(jd_linear_call){pooled->data, out, batch->count, scratch}, error);
}

static gboolean clip_pictures(const void *state, const jd_pictures *pictures, float *out,
                              jd_scratch *scratch, GError **error)
{
    const clip *c = state;
    const jd_patches *p = &c->patches;
    const gsize hidden = (gsize)p->hidden;
    const gsize length = p->count + 1;
    g_autoptr(jd_floats) x = jd_floats_new(pictures->count * length * hidden, error);
    g_autoptr(jd_floats) pooled = jd_floats_new(pictures->count * hidden, error);
    g_autofree gsize *lengths = g_new(gsize, pictures->count);
    g_autofree gsize *rows = g_new0(gsize, pictures->count);
    if (!x || !pooled)
        return FALSE;
    for (gsize i = 0; i < pictures->count; i++) {
        float *rows_of_picture = x->data + i * length * hidden;
        lengths[i] = length;
        memcpy(rows_of_picture, c->class_row, hidden * sizeof(float));
        if (!jd_patches_run(p, pictures->items[i], rows_of_picture, scratch, error))
            return FALSE;
    }
    jd_layer_norm_run(&c->pre_norm, x->data, pictures->count * length, x->data);
    const jd_sequences sequences = {x->data, lengths, pictures->count, rows, pooled->data, NULL};
    if (!jd_transformer_run(c->vision, &sequences, scratch, error))
        return FALSE;
    jd_layer_norm_run(&c->post_norm, pooled->data, pictures->count, pooled->data);
    return jd_linear_run(c->visual_projection,
                         &(jd_linear_call){pooled->data, out, pictures->count, scratch}, error);
}

const jd_family jd_family_clip = {
    .model_type = "clip",
    .load = clip_load,
    .free = clip_free,
    .run_texts = clip_texts,
    .run_pictures = clip_pictures,
};
