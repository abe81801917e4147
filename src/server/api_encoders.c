/* /api/v1/encoders: the models in the folder of models, fetching one, removing one. */
#include "server/api.h"

#include "base/error.h"
#include "hub/catalog.h"
#include "report_json.h"
#include "retrieve/json.h"
#include "server/params.h"
#include "server/service.h"

#include <string.h>

/* Where things lie on this machine is not told. */
static json_t *installed(void)
{
    json_t *list = json_array();
    g_autoptr(GPtrArray) models = jd_models_list();
    for (guint i = 0; i < models->len; i++) {
        json_t *one = jd_installed_model_to_json(models->pdata[i]);
        const char *source = json_string_value(json_object_get(one, "source"));
        json_object_del(one, "folder");
        if (source && !strstr(source, "://"))
            json_object_set_new(one, "source", json_null());
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *known(void)
{
    json_t *list = json_array();
    for (const jd_known_model *model = jd_known_models; model->repository; model++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", model->repository,
                                        "use", model->use, "about", model->about, "licence",
                                        model->licence, "parameters", model->parameters));
    return list;
}

static gboolean list(jd_call *call, GError **error)
{
    jd_call_reply_json(call, 200,
                       json_pack("{s:o, s:o}", "installed", installed(), "known", known()));
    return TRUE;
}

static gboolean read_name(jd_params *params, const char **name, GError **error)
{
    *name = NULL;
    if (!jd_params_text(params, "name", name, error) || !jd_params_end(params, error))
        return FALSE;
    if (*name && **name)
        return TRUE;
    jd_set_http_error(error, 400, NULL, "name is to be that of a model");
    return FALSE;
}

static gboolean pull(jd_call *call, GError **error)
{
    const jd_service *service = jd_call_service(call);
    g_auto(jd_params) params = {0};
    const char *name;
    if (!jd_params_init(&params, call, error) || !read_name(&params, &name, error))
        return FALSE;
    if (service->options->ask.offline) {
        jd_set_http_error(error, 403,
                          "ask its operator: it was started without leave to use the network",
                          "this server fetches no models");
        return FALSE;
    }
    json_auto_t *request = json_pack("{s:s}", "name", name);
    return jd_reply_job(call, "pull", request, error);
}

static gboolean remove_model(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    const char *name;
    jd_models_options options = {0};
    if (!jd_params_init(&params, call, error) || !read_name(&params, &name, error) ||
        !jd_models_remove(name, &options, error))
        return FALSE;
    jd_call_reply_empty(call, 204);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/encoders", list, JD_ROUTE_LONG},
    {"POST", "/api/v1/encoders", pull, JD_ROUTE_WRITES},
    {"DELETE", "/api/v1/encoders", remove_model, JD_ROUTE_LONG},
    {NULL},
};

const jd_route_table jd_routes_encoders = {"/api/v1/", routes, jd_put_error};
