/*
 * SigLIP, and SigLIP 2 of one picture size. Source: transformers' modeling_siglip.py.
 *
 * Texts are padded to the full length, pads included in attention, and the last row is pooled: it
 * was trained so. Pictures have no class row: a learned probe attends to all patches.
 */
#include "embed/patches.h"
#include "embed/tower.h"

#include "base/error.h"
#include "nn/attention.h"

#include <math.h>

typedef struct siglip {
    int dimension;
    gint32 pad_id;
    gsize text_length;
    jd_text_tables tables;
    jd_transformer *text;
    jd_layer_norm text_norm;
    jd_linear *text_head;

    int heads, intermediate; /* of the vision tower and its head */
    jd_patches patches;
    jd_transformer *vision;
    jd_layer_norm post_norm;

    const float *query;  /* of the probe, projected: hidden */
    jd_linear *kv, *out; /* the head's attention */
    jd_layer_norm head_norm;
    jd_linear *up, *down; /* the head's MLP */
} siglip;

/* As transformers' SiglipTextConfig and SiglipVisionConfig have them. */
static const jd_tower_defaults DEFAULTS = {12, 768, 12, 3072, 1e-6, "gelu_pytorch_tanh"};
static const jd_text_sizes TEXT_SIZES = {32000, 64};
/* SiglipImageProcessor's, where the folder does not say. */
static const jd_picture_spec SIGLIP_PICTURES = {
    .prepare.square = TRUE, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};

/* SigLIP 2 was trained on lower-cased text, but its tokenizer is Gemma's, which keeps case. */
static gboolean has_gemma_tokenizer(const char *folder)
{
    g_autoptr(jd_config) config = jd_config_load(folder, "tokenizer_config.json", NULL);
    const char *name = config ? jd_config_get_string(config, "tokenizer_class", "") : "";
    return g_str_has_prefix(name, "Gemma") || g_str_has_prefix(name, "Siglip2");
}

static gboolean read_text(siglip *s, const jd_family_source *source, jd_transformer_config *tower,
                          jd_model_info *info, GError **error)
{
    const jd_config *config = jd_config_object(source->config, "text_config");
    int pad;
    if (!jd_tower_read(config, &DEFAULTS, tower, error) ||
        !jd_config_get_int(config, &(jd_config_int){"projection_size", 1, 8192, tower->hidden},
                           &s->dimension, error) ||
        !jd_config_get_int(config, &(jd_config_int){"pad_token_id", 0, 1 << 24, 1}, &pad, error))
        return FALSE;
    tower->pooled = TRUE;
    s->tables.hidden = (gsize)tower->hidden;
    if (!jd_text_tables_load(&s->tables, source, &TEXT_SIZES, info, error))
        return FALSE;
    s->text_length = (gsize)info->max_tokens;
    /* The tokenizer knows better: SigLIP 2's configurations leave out their 0. */
    const gint32 own = source->tokenizer ? jd_tokenizer_pad_id(source->tokenizer) : -1;
    s->pad_id = own >= 0 ? own : pad;
    if (s->pad_id < info->vocabulary)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, "do config.json and tokenizer.json belong together?",
                 "config.json: text_config: the padding's id %d is beyond the vocabulary of %d",
                 s->pad_id, info->vocabulary);
    return FALSE;
}

static gboolean load_text(siglip *s, const jd_family_source *source, jd_model_info *info,
                          GError **error)
{
    const jd_weights *w = source->weights;
    jd_transformer_config tower;
    if (!read_text(s, source, &tower, info, error))
        return FALSE;
    info->lower_case = has_gemma_tokenizer(source->folder);
    const jd_vector_source norm = {"text_model.final_layer_norm.weight", "t.norm",
                                   (gsize)tower.hidden, 0};
    const jd_linear_source head = {.name = "text_model.head.weight",
                                   .short_name = "t.head",
                                   .in = tower.hidden,
                                   .out = s->dimension,
                                   .has_bias = TRUE,
                                   .precision_f32 = TRUE};
    s->text_norm.epsilon = tower.epsilon;
    return jd_weights_norm(w, &norm, TRUE, &s->text_norm, error) &&
           (s->text = jd_tower_load(w, &tower, FALSE, error)) &&
           (s->text_head = jd_weights_linear(w, &head, error));
}

/* ---- the vision tower's head ---- */

/* torch.nn.MultiheadAttention's three projections, one under the other. */
typedef struct projections {
    const float *weight; /* 3 hidden x hidden */
    const float *bias;   /* 3 hidden */
} projections;

static gboolean find_projections(const jd_weights *w, gsize hidden, projections *in, GError **error)
{
    const gint64 n = (gint64)hidden;
    const jd_tensor_wish weight = {"vision_model.head.attention.in_proj_weight", 2, {3 * n, n}};
    const jd_tensor_wish bias = {"vision_model.head.attention.in_proj_bias", 1, {3 * n}};
    return (in->weight = jd_checkpoint_get(w->checkpoint, &weight, error)) &&
           (in->bias = jd_checkpoint_get(w->checkpoint, &bias, error));
}

/* The probe is the same for every picture, so its query is computed once. */
static const float *make_query(const jd_weights *w, gsize hidden, GError **error)
{
    const gsize bytes = hidden * sizeof(float);
    const float *kept = jd_pack_get(w->pack, "v.query", bytes);
    if (kept)
        return kept;
    projections in;
    const jd_tensor_wish wish = {"vision_model.head.probe", 3, {1, 1, (gint64)hidden}};
    const float *probe = jd_checkpoint_get(w->checkpoint, &wish, error);
    if (!probe || !find_projections(w, hidden, &in, error))
        return NULL;
    float *query = jd_pack_add(w->pack, "v.query", bytes, error);
    for (gsize row = 0; query && row < hidden; row++) {
        double sum = in.bias[row];
        for (gsize i = 0; i < hidden; i++)
            sum += (double)in.weight[row * hidden + i] * probe[i];
        query[row] = (float)sum;
    }
    return query;
}

static jd_linear *load_keys_values(const jd_weights *w, gsize hidden, GError **error)
{
    jd_linear_spec spec = {.name = "v.kv",
                           .has_bias = TRUE,
                           .in = (int)hidden,
                           .out = 2 * (int)hidden,
                           .precision = w->precision};
    projections in;
    if (!jd_pack_is_mapped(w->pack)) {
        if (!find_projections(w, hidden, &in, error))
            return NULL;
        spec.weight = in.weight + hidden * hidden;
        spec.bias = in.bias + hidden;
    }
    return jd_linear_new(w->engine, w->pack, &spec, error);
}

static gboolean load_head(siglip *s, const jd_weights *w, const jd_transformer_config *tower,
                          GError **error)
{
    const int hidden = tower->hidden;
    const jd_vector_source norm = {"vision_model.head.layernorm.weight", "v.hnorm", (gsize)hidden,
                                   0};
    /* One row a picture: all in f32. */
    const jd_linear_source out = {.name = "vision_model.head.attention.out_proj.weight",
                                  .short_name = "v.hout",
                                  .in = hidden,
                                  .out = hidden,
                                  .has_bias = TRUE,
                                  .precision_f32 = TRUE};
    const jd_linear_source up = {.name = "vision_model.head.mlp.fc1.weight",
                                 .short_name = "v.hup",
                                 .in = hidden,
                                 .out = tower->intermediate,
                                 .has_bias = TRUE,
                                 .activation = tower->activation,
                                 .precision_f32 = TRUE};
    const jd_linear_source down = {.name = "vision_model.head.mlp.fc2.weight",
                                   .short_name = "v.hdown",
                                   .in = tower->intermediate,
                                   .out = hidden,
                                   .has_bias = TRUE,
                                   .accumulate = TRUE,
                                   .precision_f32 = TRUE};
    s->head_norm.epsilon = tower->epsilon;
    return (s->query = make_query(w, (gsize)hidden, error)) &&
           (s->kv = load_keys_values(w, (gsize)hidden, error)) &&
           (s->out = jd_weights_linear(w, &out, error)) &&
           jd_weights_norm(w, &norm, TRUE, &s->head_norm, error) &&
           (s->up = jd_weights_linear(w, &up, error)) &&
           (s->down = jd_weights_linear(w, &down, error));
}

static gboolean load_vision(siglip *s, const jd_family_source *source, jd_model_info *info,
                            GError **error)
{
    const jd_config *config = jd_config_object(source->config, "vision_config");
    const jd_weights *w = source->weights;
    jd_transformer_config tower;
    if (!jd_tower_read(config, &DEFAULTS, &tower, error))
        return FALSE;
    if (tower.hidden != s->dimension || !jd_config_get_bool(config, "vision_use_head", TRUE)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "config.json: pictures become %d numbers%s, texts %d", tower.hidden,
                     tower.hidden == s->dimension ? " a patch" : "", s->dimension);
        return FALSE;
    }
    const jd_vector_source norm = {"vision_model.post_layernorm.weight", "v.post",
                                   (gsize)tower.hidden, 0};
    if (info->picture.prepare.size == 0)
        info->picture = SIGLIP_PICTURES;
    s->heads = tower.heads;
    s->intermediate = tower.intermediate;
    s->post_norm.epsilon = tower.epsilon;
    return jd_patches_init(&s->patches, config, &tower, info, error) &&
           jd_patches_load(&s->patches, w, TRUE, error) &&
           (s->vision = jd_tower_load(w, &tower, TRUE, error)) &&
           jd_weights_norm(w, &norm, TRUE, &s->post_norm, error) && load_head(s, w, &tower, error);
}

static void siglip_free(void *state)
{
    siglip *s = state;
    jd_linear *const all[] = {s->text_head, s->kv, s->out, s->up, s->down};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        jd_linear_free(all[i]);
    jd_transformer_free(s->text);
    jd_transformer_free(s->vision);
    jd_patches_clear(&s->patches);
    g_free(s);
}

static void *siglip_load(const jd_family_source *source, jd_model_info *info, GError **error)
{
    siglip *s = g_new0(siglip, 1);
    if (load_text(s, source, info, error) && load_vision(s, source, info, error)) {
        info->dimension = s->dimension;
        info->texts = info->pictures = TRUE;
        return s;
    }
    siglip_free(s);
    return NULL;
}

/* ---- running ---- */

/* The text's ids with the padding behind them. */
static void embed_padded(const siglip *s, const gint32 *ids, gsize length, float *x)
{
    g_autofree gint32 *padded = g_new(gint32, s->text_length);
    for (gsize i = 0; i < s->text_length; i++)
        padded[i] = i < length ? ids[i] : s->pad_id;
    jd_text_tables_embed(&s->tables, padded, s->text_length, x);
}

static gboolean siglip_texts(const void *state, const jd_token_batch *batch, float *out,
                             jd_scratch *scratch, GError **error)
{
    const siglip *s = state;
    const gsize hidden = s->tables.hidden;
    const gsize length = s->text_length;
    g_autofree gsize *lengths = g_new(gsize, batch->count);
    g_autofree gsize *rows = g_new(gsize, batch->count);
    g_autoptr(jd_floats) x = jd_floats_new(batch->count * length * hidden, error);
    g_autoptr(jd_floats) pooled = jd_floats_new(batch->count * hidden, error);
    if (!x || !pooled)
        return FALSE;
    const gint32 *ids = batch->ids;
    for (gsize i = 0; i < batch->count; ids += batch->lengths[i++]) {
        lengths[i] = length;
        rows[i] = length - 1;
        embed_padded(s, ids, batch->lengths[i], x->data + i * length * hidden);
    }
    const jd_sequences sequences = {x->data, lengths, batch->count, rows, pooled->data, NULL};
    if (!jd_transformer_run(s->text, &sequences, scratch, error))
        return FALSE;
    jd_layer_norm_run(&s->text_norm, pooled->data, batch->count, pooled->data);
    return jd_linear_run(s->text_head, &(jd_linear_call){pooled->data, out, batch->count, scratch},
                         error);
}

/* The probe against all patches of each picture, from x (rows x patches x hidden) to y (rows x
 * hidden). */
static gboolean attend(const siglip *s, const jd_linear_call *call, GError **error)
{
    const gsize hidden = (gsize)s->dimension;
    const gsize length = s->patches.count;
    const gsize patches = call->rows * length;
    g_autoptr(jd_floats) kv = jd_floats_new(patches * 2 * hidden, error);
    if (!kv ||
        !jd_linear_run(s->kv, &(jd_linear_call){call->x, kv->data, patches, call->scratch}, error))
        return FALSE;
    const int head_size = s->dimension / s->heads;
    for (gsize i = 0; i < call->rows; i++) {
        const float *own = kv->data + i * length * 2 * hidden;
        const jd_attention a = {.q = s->query,
                                .k = own,
                                .v = own + hidden,
                                .q_stride = hidden,
                                .kv_stride = 2 * hidden,
                                .heads = s->heads,
                                .head_size = head_size,
                                .queries = 1,
                                .keys = length,
                                .scale = 1 / sqrtf((float)head_size),
                                .out = call->y + i * hidden,
                                .out_stride = hidden};
        if (!jd_attention_run(&a, error))
            return FALSE;
    }
    return TRUE;
}

/* y = a + MLP(norm(a)), where a is what the probe's attention gave. */
static gboolean run_head(const siglip *s, const jd_linear_call *call, GError **error)
{
    const gsize count = call->rows;
    jd_scratch *scratch = call->scratch;
    const gsize hidden = (gsize)s->dimension;
    g_autoptr(jd_floats) context = jd_floats_new(count * hidden, error);
    g_autoptr(jd_floats) wide = jd_floats_new(count * (gsize)s->intermediate, error);
    if (!context || !wide ||
        !attend(s, &(jd_linear_call){call->x, context->data, count, scratch}, error) ||
        !jd_linear_run(s->out, &(jd_linear_call){context->data, call->y, count, scratch}, error))
        return FALSE;
    jd_layer_norm_run(&s->head_norm, call->y, count, context->data);
    return jd_linear_run(s->up, &(jd_linear_call){context->data, wide->data, count, scratch},
                         error) &&
           jd_linear_run(s->down, &(jd_linear_call){wide->data, call->y, count, scratch}, error);
}

static gboolean siglip_pictures(const void *state, const jd_pictures *pictures, float *out,
                                jd_scratch *scratch, GError **error)
{
    const siglip *s = state;
    const gsize hidden = (gsize)s->dimension;
    const gsize length = s->patches.count;
    g_autoptr(jd_floats) x = jd_floats_new(pictures->count * length * hidden, error);
    g_autofree gsize *lengths = g_new(gsize, pictures->count);
    if (!x)
        return FALSE;
    for (gsize i = 0; i < pictures->count; i++) {
        lengths[i] = length;
        if (!jd_patches_run(&s->patches, pictures->items[i], x->data + i * length * hidden, scratch,
                            error))
            return FALSE;
    }
    const jd_sequences sequences = {.x = x->data, .lengths = lengths, .count = pictures->count};
    if (!jd_transformer_run(s->vision, &sequences, scratch, error))
        return FALSE;
    jd_layer_norm_run(&s->post_norm, x->data, pictures->count * length, x->data);
    return run_head(s, &(jd_linear_call){x->data, out, pictures->count, scratch}, error);
}

const jd_family jd_family_siglip = {
    .model_type = "siglip",
    .load = siglip_load,
    .free = siglip_free,
    .run_texts = siglip_texts,
    .run_pictures = siglip_pictures,
};
