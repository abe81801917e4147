/* /api/v1/ingest and /api/v1/embed: what becomes a job. */
#include "server/api.h"

#include "base/limits.h"
#include "read/fetch.h"
#include "server/params.h"
#include "server/service.h"
#include "server/sources.h"

/* ---- the settings that go along ---- */

static gboolean copy_integer(json_t *to, jd_params *params, const char *name, jd_range range,
                             GError **error)
{
    int value = -1;
    if (!jd_params_integer(params, name, range, &value, error))
        return FALSE;
    if (value >= 0)
        json_object_set_new(to, name, json_integer(value));
    return TRUE;
}

static gboolean copy_flag(json_t *to, jd_params *params, const char *name, GError **error)
{
    gboolean value = FALSE;
    if (!jd_params_flag(params, name, &value, error))
        return FALSE;
    if (value)
        json_object_set_new(to, name, json_true());
    return TRUE;
}

static gboolean copy_settings(json_t *to, jd_params *params, GError **error)
{
    static const char *const chunkings[] = {"default", "article", NULL};
    const char *collection = NULL;
    int chunking = 0;
    if (!jd_params_text(params, "collection", &collection, error) ||
        !jd_params_choice(params, "chunking", chunkings, &chunking, error) ||
        !copy_integer(to, params, "chunk_chars",
                      (jd_range){JD_CHUNK_LEAST_TARGET_CHARS, JD_CHUNK_MOST_TARGET_CHARS}, error) ||
        !copy_integer(to, params, "overlap_chars", (jd_range){0, JD_CHUNK_MOST_TARGET_CHARS / 2.0},
                      error) ||
        !copy_flag(to, params, "prune", error) || !copy_flag(to, params, "force", error))
        return FALSE;
    if (collection && *collection)
        json_object_set_new(to, "collection", json_string(collection));
    json_object_set_new(to, "chunking", json_string(chunkings[chunking]));
    return TRUE;
}

/* ---- what is to be read ---- */

static gboolean copy_paths(json_t *to, jd_params *params, const jd_service *service, GError **error)
{
    g_autofree const char **paths = NULL;
    if (!jd_params_strings(params, "paths", &paths, error))
        return FALSE;
    json_t *list = json_array();
    json_object_set_new(to, "paths", list);
    for (const char **path = paths; path && *path; path++) {
        g_autofree char *found = jd_source_path(service->options->roots, *path, error);
        if (!found)
            return FALSE;
        /* As the client calls it: whoever sees the job is not told where the roots lie. */
        json_array_append_new(list, json_string(*path));
    }
    return TRUE;
}

static gboolean copy_urls(json_t *to, jd_params *params, const jd_service *service, GError **error)
{
    g_autofree const char **urls = NULL;
    if (!jd_params_strings(params, "urls", &urls, error))
        return FALSE;
    json_t *list = json_array();
    json_object_set_new(to, "urls", list);
    for (const char **url = urls; url && *url; url++) {
        if (!jd_fetch_is_url(*url)) {
            jd_set_http_error(error, 400, NULL, "%s is no http or https URL", *url);
            return FALSE;
        }
        if (!service->options->fetch) {
            jd_set_http_error(error, 403, "ask its operator to allow it",
                              "this server fetches nothing from the web");
            return FALSE;
        }
        json_array_append_new(list, json_string(*url));
    }
    return TRUE;
}

static void copy_uploads(json_t *to, jd_call *call)
{
    const GPtrArray *uploads = jd_call_uploads(call);
    json_t *list = json_array();
    json_object_set_new(to, "files", list);
    for (guint i = 0; i < uploads->len; i++)
        json_array_append_new(list, json_string(((const jd_upload *)uploads->pdata[i])->name));
}

static gboolean check_sources(const json_t *request, GError **error)
{
    gsize files = json_array_size(json_object_get(request, "files"));
    gsize others = json_array_size(json_object_get(request, "paths")) +
                   json_array_size(json_object_get(request, "urls"));
    if (files + others == 0) {
        jd_set_http_error(error, 400, "send files, or paths, or urls",
                          "there is nothing to ingest");
        return FALSE;
    }
    if (files > 0 && others > 0) {
        jd_set_http_error(error, 400, "send them in two requests",
                          "files and paths or urls do not go together");
        return FALSE;
    }
    return TRUE;
}

/* ---- the endpoints ---- */

static gboolean ingest(jd_call *call, GError **error)
{
    const jd_service *service = jd_call_service(call);
    g_auto(jd_params) params = {0};
    json_auto_t *request = json_object();
    if (!jd_params_init(&params, call, error) || !copy_settings(request, &params, error) ||
        !copy_paths(request, &params, service, error) ||
        !copy_urls(request, &params, service, error) || !jd_params_end(&params, error))
        return FALSE;
    copy_uploads(request, call);
    if (!check_sources(request, error))
        return FALSE;
    const char *folder = jd_call_upload_folder(call);
    if (folder) {
        g_autofree char *name = g_path_get_basename(folder);
        json_object_set_new(request, "folder", json_string(name));
    }
    if (!jd_reply_job(call, "ingest", request, error))
        return FALSE;
    jd_call_keep_uploads(call); /* the job's from now on */
    return TRUE;
}

static gboolean embed(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    const char *model = NULL;
    json_auto_t *request = json_object();
    if (!jd_params_init(&params, call, error) || !jd_params_text(&params, "model", &model, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    if (model)
        json_object_set_new(request, "model", json_string(model));
    return jd_reply_job(call, "embed", request, error);
}

static const jd_route routes[] = {
    {"POST", "/api/v1/ingest", ingest, JD_ROUTE_FILES | JD_ROUTE_WRITES, JD_SERVER_UPLOAD_BYTES},
    {"POST", "/api/v1/embed", embed, JD_ROUTE_WRITES},
    {NULL},
};

const jd_route_table jd_routes_ingest = {"/api/v1/", routes, jd_put_error};
