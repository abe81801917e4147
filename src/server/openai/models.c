/* /v1/models: what may be asked, and what embeds. */
#include "server/openai/openai.h"

#include "answer/servers.h"
#include "retrieve/json.h"
#include "server/openai/encode.h"
#include "server/service.h"

#include <string.h>

static const char base_model[] = "jackdaw";
static const char extract_model[] = "jackdaw:extract";

void jd_openai_model_clear(jd_openai_model *model)
{
    g_free(model->backend);
    g_free(model->name);
}

gboolean jd_openai_model_parse(const char *id, jd_openai_model *model)
{
    static const char *const backends[] = {"ollama", "openai"};
    if (g_str_equal(id, base_model))
        return TRUE;
    if (g_str_equal(id, extract_model)) {
        model->backend = g_strdup("extract");
        return TRUE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(backends); i++) {
        g_autofree char *prefix = g_strdup_printf("%s:%s:", base_model, backends[i]);
        const char *name = g_str_has_prefix(id, prefix) ? id + strlen(prefix) : "";
        if (*name) {
            model->backend = g_strdup(backends[i]);
            model->name = g_strdup(name);
            return TRUE;
        }
    }
    return FALSE;
}

/* ---- the list ---- */

/* They have no date of their own. */
static json_t *model_json(const char *id)
{
    return json_pack("{s:o, s:s, s:i, s:s}", "id", jd_json_string(id), "object", "model", "created",
                     0, "owned_by", base_model);
}

static void add_server(json_t *list, const jd_server *server)
{
    for (guint i = 0; server->models && i < server->models->len; i++) {
        const jd_server_model *model = server->models->pdata[i];
        if (!model->answers || model->problem)
            continue;
        g_autofree char *id = g_strdup_printf("%s:%s:%s", base_model, server->backend, model->name);
        json_array_append_new(list, model_json(id));
    }
}

static gboolean add_encoders(json_t *list, jd_service *service, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    g_autoptr(GPtrArray) names = base.kb ? jd_encode_models(base.kb, error) : NULL;
    for (guint i = 0; names && i < names->len; i++)
        json_array_append_new(list, model_json(names->pdata[i]));
    return names != NULL;
}

static json_t *all_models(jd_service *service, GError **error)
{
    json_auto_t *list = json_array();
    json_array_append_new(list, model_json(base_model));
    json_array_append_new(list, model_json(extract_model));
    if (!add_encoders(list, service, error))
        return NULL;
    g_autoptr(GPtrArray) servers = jd_servers_probe(service->options->ask.offline);
    for (guint i = 0; i < servers->len; i++)
        add_server(list, servers->pdata[i]);
    return json_incref(list);
}

static gboolean list(jd_call *call, GError **error)
{
    json_t *models = all_models(jd_call_service(call), error);
    if (!models)
        return FALSE;
    jd_call_reply_json(call, 200, json_pack("{s:s, s:o}", "object", "list", "data", models));
    return TRUE;
}

/* ---- one of them ---- */

static gboolean reply_model(jd_call *call, const char *id, GError **error)
{
    json_auto_t *models = all_models(jd_call_service(call), error);
    if (!models)
        return FALSE;
    for (gsize i = 0; i < json_array_size(models); i++) {
        json_t *model = json_array_get(models, i);
        if (g_str_equal(json_string_value(json_object_get(model, "id")), id)) {
            jd_call_reply_json(call, 200, json_incref(model));
            return TRUE;
        }
    }
    jd_openai_reply_no_model(call, id);
    return TRUE;
}

static gboolean show(jd_call *call, GError **error)
{
    return reply_model(call, jd_call_part(call, 0), error);
}

/* An encoder's name has its owner in front: "openai/clip-vit-base-patch16". */
static gboolean show_owned(jd_call *call, GError **error)
{
    g_autofree char *id = g_strdup_printf("%s/%s", jd_call_part(call, 0), jd_call_part(call, 1));
    return reply_model(call, id, error);
}

static const jd_route routes[] = {
    {"GET", "/v1/models", list, JD_ROUTE_LONG},
    {"GET", "/v1/models/{id}", show, JD_ROUTE_LONG},
    {"GET", "/v1/models/{owner}/{name}", show_owned, JD_ROUTE_LONG},
    {NULL},
};

const jd_route_table jd_routes_openai_models = {"/v1/", routes, jd_openai_put_error};
