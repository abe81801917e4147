/* The models of an Ollama server: which there are, and what they can do. */
#include "answer/probe.h"
#include "answer/url.h"
#include "base/limits.h"

#include <string.h>

/* The article's model's architecture, which Ollama's engine lost in this version. */
#define LOST_ARCHITECTURE "mllama"
enum { LOST_MAJOR = 0, LOST_MINOR = 30 };

json_t *jd_ollama_name(const char *name)
{
    json_t *object = json_object();
    json_object_set_new(object, "model", json_string(name));
    return object;
}

char *jd_ollama_base(const char *server, GError **error)
{
    return jd_url_ollama(server ? server : g_getenv("OLLAMA_HOST"), error);
}

char *jd_ollama_version(jd_probe *probe)
{
    json_t *answer = jd_probe_ask(probe, "/api/version", NULL, NULL);
    char *version = g_strdup(json_string_value(json_object_get(answer, "version")));
    json_decref(answer);
    return version;
}

/* FALSE where the server does not tell. */
static gboolean take_capabilities(jd_server_model *model, const json_t *capabilities)
{
    if (!json_is_array(capabilities))
        return FALSE;
    model->answers = jd_json_has_string(capabilities, "completion");
    model->vision = jd_json_has_string(capabilities, "vision");
    model->thinks = jd_json_has_string(capabilities, "thinking");
    return TRUE;
}

static gboolean is_set(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text;
}

static void take_architecture(jd_server_model *model, const char *name)
{
    if (!name || !*name)
        return;
    g_free(model->architecture);
    model->architecture = g_strdup(name);
}

/* One entry of /api/tags. A model whose capabilities are not told counts as one that answers. */
static jd_server_model *read_tag(const json_t *tag)
{
    const char *name = json_string_value(json_object_get(tag, "name"));
    if (!name)
        name = json_string_value(json_object_get(tag, "model"));
    if (!name)
        return NULL;
    jd_server_model *model = jd_server_model_new(name);
    const json_t *details = json_object_get(tag, "details");
    const json_t *families = json_object_get(details, "families");
    take_architecture(model, json_string_value(json_object_get(details, "family")));
    model->context_tokens =
        (int)CLAMP(json_integer_value(json_object_get(details, "context_length")), 0, G_MAXINT);
    model->elsewhere = is_set(tag, "remote_host") || is_set(tag, "remote_model") ||
                       g_str_has_suffix(name, "-cloud") || g_str_has_suffix(name, ":cloud");
    model->told = take_capabilities(model, json_object_get(tag, "capabilities"));
    if (!model->told) {
        model->answers =
            !jd_json_has_string(families, "bert") && !jd_json_has_string(families, "nomic-bert");
        model->vision =
            jd_json_has_string(families, "clip") || jd_json_has_string(families, LOST_ARCHITECTURE);
    }
    return model;
}

static gboolean is_lost(const jd_server_model *model)
{
    return g_strcmp0(model->architecture, LOST_ARCHITECTURE) == 0;
}

/* Says of a model that this server cannot load it. */
static void judge(jd_probe *probe, jd_server_model *model)
{
    if (!is_lost(model) || model->problem)
        return;
    g_autofree char *version = jd_ollama_version(probe);
    if (jd_version_at_least(version, LOST_MAJOR, LOST_MINOR))
        model->problem =
            g_strdup_printf("Ollama %s cannot load %s: its architecture (mllama) works "
                            "up to Ollama 0.24 only",
                            version, model->name);
}

GPtrArray *jd_ollama_models(jd_probe *probe, GError **error)
{
    json_t *answer = jd_probe_ask(probe, "/api/tags", NULL, error);
    if (!answer)
        return NULL;
    GPtrArray *models = jd_server_models_new();
    const json_t *list = json_object_get(answer, "models");
    for (gsize i = 0; i < json_array_size(list); i++) {
        jd_server_model *model = read_tag(json_array_get(list, i));
        if (!model)
            continue;
        judge(probe, model);
        g_ptr_array_add(models, model);
    }
    json_decref(answer);
    return models;
}

gboolean jd_ollama_look(jd_probe *probe, jd_server_model *model, GError **error)
{
    json_t *answer = jd_probe_ask(probe, "/api/show", jd_ollama_name(model->name), error);
    if (!answer)
        return FALSE;
    const json_t *info = json_object_get(answer, "model_info");
    const char *architecture = json_string_value(json_object_get(info, "general.architecture"));
    take_architecture(model, architecture);
    if (architecture) {
        g_autofree char *key = g_strconcat(architecture, ".context_length", NULL);
        model->context_tokens =
            (int)CLAMP(json_integer_value(json_object_get(info, key)), 0, G_MAXINT);
    }
    if (!take_capabilities(model, json_object_get(answer, "capabilities"))) {
        model->answers = TRUE;
        model->vision = json_object_get(answer, "projector_info") || is_lost(model);
    }
    model->told = TRUE;
    model->elsewhere |= is_set(answer, "remote_host") || is_set(answer, "remote_model");
    judge(probe, model);
    json_decref(answer);
    return TRUE;
}

const jd_server_model *jd_ollama_pick(jd_probe *probe, GPtrArray *models,
                                      const jd_server_model **text_only)
{
    *text_only = NULL;
    guint shown = 0;
    for (guint i = 0; i < models->len; i++) {
        jd_server_model *model = g_ptr_array_index(models, i);
        if (model->elsewhere || model->problem)
            continue;
        if (!model->told && (shown++ >= JD_ASK_MODELS_SHOWN || !jd_ollama_look(probe, model, NULL)))
            continue;
        if (model->answers && model->vision && !model->problem)
            return model;
        if (model->answers && !model->problem && !*text_only)
            *text_only = model;
    }
    return NULL;
}
