/* /api/v1/models: the encoders, and what the language-model servers have. */
#include "server/api.h"

#include "answer/servers.h"
#include "encoder_files.h"
#include "pipeline.h"
#include "report_json.h"
#include "retrieve/json.h"
#include "server/hint.h"
#include "server/service.h"

/* ---- encoders ---- */

static json_t *encoders(void)
{
    static const struct {
        jd_encoder_kind kind;
        const char *name;
    } kinds[] = {{JD_ENCODER_TEXT, "text"}, {JD_ENCODER_PICTURES, "images"}};
    json_t *list = json_array();
    for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++) {
        g_autoptr(GPtrArray) names = jd_encoder_installed(kinds[k].kind);
        for (guint i = 0; i < names->len; i++)
            json_array_append_new(list,
                                  json_pack("{s:o, s:s}", "name", jd_json_string(names->pdata[i]),
                                            "kind", kinds[k].name));
    }
    return list;
}

/* The spaces in which the knowledge base has vectors: what was embedded, by which model. */
static json_t *spaces(jd_store *store, GError **error)
{
    g_autoptr(GPtrArray) found = jd_store_list_spaces(store, error);
    if (!found)
        return NULL;
    json_auto_t *list = json_array();
    for (guint i = 0; i < found->len; i++) {
        guint64 texts, images;
        if (!jd_store_count_vectors(store, ((jd_space *)found->pdata[i])->id, JD_ITEM_TEXT, &texts,
                                    error) ||
            !jd_store_count_vectors(store, ((jd_space *)found->pdata[i])->id, JD_ITEM_IMAGE,
                                    &images, error))
            return NULL;
        json_array_append_new(list, jd_space_to_json(found->pdata[i], texts, images));
    }
    return json_incref(list);
}

/* ---- servers ---- */

static json_t *model_json(const jd_server_model *model)
{
    return json_pack("{s:o, s:b, s:b, s:b, s:o, s:o}", "name", jd_json_string(model->name),
                     "answers", model->answers, "vision", model->vision, "elsewhere",
                     model->elsewhere, "context_tokens",
                     model->context_tokens > 0 ? json_integer(model->context_tokens) : json_null(),
                     "problem", jd_json_string(model->problem));
}

static json_t *server_json(const jd_server *server)
{
    g_autofree char *hint = jd_hint_for_clients(server->hint);
    json_t *models = json_array();
    for (guint i = 0; server->models && i < server->models->len; i++)
        json_array_append_new(models, model_json(server->models->pdata[i]));
    return json_pack("{s:s, s:o, s:o, s:b, s:o, s:o, s:o}", "backend", server->backend, "url",
                     jd_json_string(server->url), "version", jd_json_string(server->version),
                     "reachable", server->reachable, "problem", jd_json_string(server->problem),
                     "hint", jd_json_string(hint), "models", models);
}

static gboolean models(jd_call *call, GError **error)
{
    const jd_service *service = jd_call_service(call);
    const jd_ask_options *ask = &service->options->ask;
    json_auto_t *made = NULL;
    {
        g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
        made = base.kb ? spaces(jd_kb_store(base.kb), error) : NULL;
    }
    if (!made)
        return FALSE;
    json_t *servers = json_array();
    g_autoptr(GPtrArray) found = jd_servers_probe(ask->offline);
    for (guint i = 0; i < found->len; i++)
        json_array_append_new(servers, server_json(found->pdata[i]));
    jd_call_reply_json(call, 200,
                       json_pack("{s:o, s:O, s:o, s:{s:s, s:s?}}", "encoders", encoders(), "spaces",
                                 made, "servers", servers, "answers", "backend", ask->backend,
                                 "model", ask->model));
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/models", models, JD_ROUTE_LONG},
    {NULL},
};

const jd_route_table jd_routes_models = {"/api/v1/", routes, jd_put_error};
