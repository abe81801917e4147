/* Which language-model servers there are. */
#include "answer/servers.h"

#include "answer/probe.h"
#include "answer/url.h"
#include "base/limits.h"

jd_server_model *jd_server_model_new(const char *name)
{
    jd_server_model *model = g_new0(jd_server_model, 1);
    model->name = g_strdup(name);
    return model;
}

jd_server_model *jd_server_model_copy(const jd_server_model *from)
{
    jd_server_model *model = g_new0(jd_server_model, 1);
    *model = *from;
    model->name = g_strdup(from->name);
    model->architecture = g_strdup(from->architecture);
    model->problem = g_strdup(from->problem);
    return model;
}

void jd_server_model_free(jd_server_model *model)
{
    if (!model)
        return;
    g_free(model->name);
    g_free(model->architecture);
    g_free(model->problem);
    g_free(model);
}

static void model_free(gpointer data)
{
    jd_server_model_free(data);
}

GPtrArray *jd_server_models_new(void)
{
    return g_ptr_array_new_with_free_func(model_free);
}

void jd_server_free(jd_server *server)
{
    if (!server)
        return;
    g_free(server->url);
    g_free(server->version);
    g_free(server->problem);
    g_free(server->hint);
    g_ptr_array_unref(server->models);
    g_free(server);
}

static void server_free(gpointer data)
{
    jd_server_free(data);
}

static jd_server *server_new(const char *backend)
{
    jd_server *server = g_new0(jd_server, 1);
    server->backend = backend;
    server->models = jd_server_models_new();
    return server;
}

static void set_problem(jd_server *server, const GError *error)
{
    server->problem = g_strdup(error->message);
    server->hint = g_strdup(jd_error_hint(error));
}

static void take_models(jd_server *server, GPtrArray *models, const GError *error)
{
    server->reachable = models != NULL;
    if (!models) {
        set_problem(server, error);
        return;
    }
    g_ptr_array_unref(server->models);
    server->models = models;
}

static jd_server *probe_ollama(gboolean offline)
{
    jd_server *server = server_new("ollama");
    g_autoptr(GError) error = NULL;
    g_autofree char *base = jd_ollama_base(NULL, &error);
    if (!base) {
        set_problem(server, error);
        return server;
    }
    server->url = jd_url_for_display(base);
    g_auto(jd_probe) probe = {.base = base, .hint = JD_HINT_START_OLLAMA, .offline = offline};
    GPtrArray *models = jd_ollama_models(&probe, &error);
    take_models(server, models, error);
    if (!server->reachable)
        return server;
    server->version = jd_ollama_version(&probe);
    for (guint i = 0; i < MIN(server->models->len, JD_ASK_MODELS_SHOWN); i++) {
        jd_server_model *model = g_ptr_array_index(server->models, i);
        if (!model->told)
            jd_ollama_look(&probe, model, NULL);
    }
    return server;
}

static jd_server *probe_openai(gboolean offline)
{
    jd_server *server = server_new("openai");
    const char *named = g_getenv("OPENAI_BASE_URL");
    g_autoptr(GError) error = NULL;
    g_autofree char *base = named && *named ? jd_url_openai(named, &error) : NULL;
    if (!base) {
        if (error)
            set_problem(server, error);
        return server;
    }
    server->url = jd_url_for_display(base);
    g_auto(jd_probe) probe = {.base = base,
                              .key = g_getenv("OPENAI_API_KEY"),
                              .hint = JD_HINT_START_OPENAI,
                              .offline = offline};
    gboolean llama_server = FALSE;
    GPtrArray *models = jd_openai_models(&probe, &llama_server, &error);
    take_models(server, models, error);
    if (llama_server && server->models->len > 0)
        jd_openai_look(&probe, g_ptr_array_index(server->models, 0));
    return server;
}

GPtrArray *jd_servers_probe(gboolean offline)
{
    GPtrArray *servers = g_ptr_array_new_with_free_func(server_free);
    g_ptr_array_add(servers, probe_ollama(offline));
    g_ptr_array_add(servers, probe_openai(offline));
    return servers;
}
