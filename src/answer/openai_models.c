/* What an OpenAI-compatible server has. */
#include "answer/probe.h"

#include <string.h>

/* Most servers say nothing about pictures: they count as taking them until they refuse one. */
static jd_server_model *read_model(const json_t *entry)
{
    const char *id = json_string_value(json_object_get(entry, "id"));
    if (!id)
        return NULL;
    jd_server_model *model = jd_server_model_new(id);
    const json_t *modalities =
        json_object_get(json_object_get(entry, "architecture"), "input_modalities");
    model->answers = !g_strstr_len(id, -1, "embed");
    model->told = json_is_array(modalities);
    model->vision = !model->told || jd_json_has_string(modalities, "image");
    return model;
}

GPtrArray *jd_openai_models(jd_probe *probe, gboolean *llama_server, GError **error)
{
    json_t *answer = jd_probe_ask(probe, "/models", NULL, error);
    if (!answer)
        return NULL;
    GPtrArray *models = jd_server_models_new();
    const json_t *list = json_object_get(answer, "data");
    gboolean llama = FALSE;
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *owner = json_string_value(json_object_get(entry, "owned_by"));
        llama |= g_strcmp0(owner, "llamacpp") == 0;
        jd_server_model *model = read_model(entry);
        if (model)
            g_ptr_array_add(models, model);
    }
    if (llama_server)
        *llama_server = llama;
    json_decref(answer);
    return models;
}

void jd_openai_look(jd_probe *probe, jd_server_model *model)
{
    /* /props stands beside /v1, not under it. */
    g_autofree char *root = g_strdup(probe->base);
    if (g_str_has_suffix(root, "/v1"))
        root[strlen(root) - strlen("/v1")] = '\0';
    jd_probe aside = {
        .base = root, .key = probe->key, .offline = probe->offline, .cancel = probe->cancel};
    json_t *props = jd_probe_ask(&aside, "/props", NULL, NULL);
    jd_probe_clear(&aside);
    const json_t *vision = json_object_get(json_object_get(props, "modalities"), "vision");
    const json_t *settings = json_object_get(props, "default_generation_settings");
    json_int_t context = json_integer_value(json_object_get(settings, "n_ctx"));
    if (json_is_boolean(vision)) {
        model->vision = json_is_true(vision);
        model->told = TRUE;
    }
    if (context > 0)
        model->context_tokens = (int)MIN(context, G_MAXINT);
    json_decref(props);
}
