/*
 * CLIP: both towers, of OpenAI, LAION and MetaCLIP. Source: transformers' modeling_clip.py.
 *
 * The text tower is causal and pools the row of the end-of-text token; nothing after that row can
 * reach it, so that padding is never computed. The vision tower pools its class row.
 */
#include "embed/patches.h"
#include "embed/tower.h"

#include <string.h>

typedef struct clip {
    int dimension;

    gint32 end_id; /* 0: the row of the highest id */
    jd_text_tables tables;
    jd_transformer *text;
    jd_layer_norm text_norm;
    jd_linear *text_projection;

    jd_patches patches;
    const float *class_row;
    jd_layer_norm pre_norm, post_norm;
    jd_transformer *vision;
    jd_linear *visual_projection;
} clip;

/* As transformers' CLIPTextConfig and CLIPVisionConfig have them. */
static const jd_tower_defaults TEXT_DEFAULTS = {12, 512, 8, 2048, 1e-5, "quick_gelu"};
static const jd_tower_defaults VISION_DEFAULTS = {12, 768, 12, 3072, 1e-5, "quick_gelu"};
static const jd_text_sizes TEXT_SIZES = {49408, 77};

static gboolean load_text(clip *c, const jd_family_source *source, jd_model_info *info,
                          GError **error)
{
    const jd_config *config = jd_config_object(source->config, "text_config");
    const jd_weights *w = source->weights;
    jd_transformer_config tower;
    int end_id;
    if (!jd_tower_read(config, &TEXT_DEFAULTS, &tower, error) ||
        !jd_config_get_int(config, &(jd_config_int){"eos_token_id", 0, 1 << 24, 49407}, &end_id,
                           error))
        return FALSE;
    c->tables.hidden = (gsize)tower.hidden;
    if (!jd_text_tables_load(&c->tables, source, &TEXT_SIZES, info, error))
        return FALSE;
    tower.pooled = TRUE;
    tower.causal = TRUE;
    /* Configs of 2021 say 2 where the end is the highest id: transformers knows them by that 2. */
    c->end_id = end_id == 2 ? 0 : end_id;
    const jd_vector_source norm = {"text_model.final_layer_norm.weight", "t.norm",
                                   (gsize)tower.hidden, 0};
    const jd_linear_source projection = {.name = "text_projection.weight",
                                         .short_name = "t.proj",
                                         .in = tower.hidden,
                                         .out = c->dimension,
                                         .precision_f32 = TRUE};
    c->text_norm.epsilon = tower.epsilon;
    return jd_weights_norm(w, &norm, TRUE, &c->text_norm, error) &&
           (c->text = jd_tower_load(w, &tower, FALSE, error)) &&
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
    if (!jd_tower_read(config, &VISION_DEFAULTS, &tower, error) ||
        !jd_patches_init(&c->patches, config, &tower, info, error))
        return FALSE;
    tower.pooled = TRUE;
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
           (c->vision = jd_tower_load(w, &tower, TRUE, error)) &&
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

static gboolean clip_texts(const void *state, const jd_token_batch *batch, float *out,
                           jd_scratch *scratch, GError **error)
{
    const clip *c = state;
    const gsize hidden = c->tables.hidden;
    g_autofree gsize *lengths = g_new(gsize, batch->count);
    g_autofree gsize *rows = g_new(gsize, batch->count);
    const gint32 *ids = batch->ids;
    gsize total = 0;
    for (gsize s = 0; s < batch->count; ids += batch->lengths[s++]) {
        lengths[s] = used_length(c, ids, batch->lengths[s]);
        rows[s] = lengths[s] - 1;
        total += lengths[s];
    }
    g_autoptr(jd_floats) x = jd_floats_new(total * hidden, error);
    g_autoptr(jd_floats) pooled = jd_floats_new(batch->count * hidden, error);
    if (!x || !pooled)
        return FALSE;
    float *to = x->data;
    ids = batch->ids;
    for (gsize s = 0; s < batch->count; ids += batch->lengths[s++]) {
        jd_text_tables_embed(&c->tables, ids, lengths[s], to);
        to += lengths[s] * hidden;
    }
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
