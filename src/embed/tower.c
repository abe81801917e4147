#include "embed/tower.h"

gboolean jd_tower_read(const jd_config *config, const jd_tower_defaults *defaults,
                       jd_transformer_config *tower, GError **error)
{
    *tower = (jd_transformer_config){0};
    tower->epsilon = (float)jd_config_get_number(config, "layer_norm_eps", defaults->epsilon);
    const struct {
        jd_config_int wish;
        int *value;
    } sizes[] = {
        {{"num_hidden_layers", 1, 256, defaults->layers}, &tower->layers},
        {{"hidden_size", 8, 16384, defaults->hidden}, &tower->hidden},
        {{"num_attention_heads", 1, 256, defaults->heads}, &tower->heads},
        {{"intermediate_size", 8, 65536, defaults->intermediate}, &tower->intermediate},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
        if (!jd_config_get_int(config, &sizes[i].wish, sizes[i].value, error))
            return FALSE;
    return jd_config_get_activation(config, "hidden_act", defaults->activation, &tower->activation,
                                    error) &&
           jd_transformer_config_check(tower, error);
}

jd_transformer *jd_tower_load(const jd_weights *weights, const jd_transformer_config *config,
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

gboolean jd_text_tables_load(jd_text_tables *tables, const jd_family_source *source,
                             const jd_text_sizes *defaults, jd_model_info *info, GError **error)
{
    const jd_config *config = jd_config_object(source->config, "text_config");
    jd_checkpoint *checkpoint = source->weights->checkpoint;
    if (!jd_config_get_int(config, &(jd_config_int){"vocab_size", 1, 1 << 24, defaults->vocabulary},
                           &info->vocabulary, error) ||
        !jd_config_get_int(
            config, &(jd_config_int){"max_position_embeddings", 2, 8192, defaults->positions},
            &info->max_tokens, error))
        return FALSE;
    const gint64 hidden = (gint64)tables->hidden;
    const jd_tensor_wish tokens = {
        "text_model.embeddings.token_embedding.weight", 2, {info->vocabulary, hidden}};
    const jd_tensor_wish positions = {
        "text_model.embeddings.position_embedding.weight", 2, {info->max_tokens, hidden}};
    return (tables->tokens = jd_checkpoint_find(checkpoint, &tokens, error)) &&
           (tables->positions = jd_checkpoint_find(checkpoint, &positions, error));
}

void jd_text_tables_embed(const jd_text_tables *tables, const gint32 *ids, gsize count, float *x)
{
    const gsize hidden = tables->hidden;
    g_autofree float *position = g_new(float, hidden);
    for (gsize i = 0; i < count; i++, x += hidden) {
        jd_tensor_row(tables->tokens, (gsize)ids[i], x);
        jd_tensor_row(tables->positions, i, position);
        for (gsize d = 0; d < hidden; d++)
            x[d] += position[d];
    }
}
