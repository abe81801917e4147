/* /api/v1/jobs: how far they are, and stopping them. */
#include "server/api.h"

#include "server/ids.h"
#include "server/search_params.h"
#include "server/service.h"

gboolean jd_reply_job(jd_call *call, const char *kind, json_t *request, GError **error)
{
    json_t *job = jd_jobs_add(jd_call_service(call)->jobs, kind, request, error);
    if (!job)
        return FALSE;
    g_autofree char *location =
        g_strconcat("/api/v1/jobs/", json_string_value(json_object_get(job, "id")), NULL);
    jd_call_set_header(call, "Location", location);
    jd_call_reply_json(call, 202, job);
    return TRUE;
}

static gboolean list(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    jd_page page;
    if (!jd_params_init(&params, call, error) || !jd_page_read(&page, &params, error) ||
        !jd_params_end(&params, error))
        return FALSE;
    json_t *jobs = jd_jobs_list(jd_call_service(call)->jobs, &page, error);
    if (!jobs)
        return FALSE;
    jd_call_reply_json(call, 200, json_pack("{s:o}", "jobs", jobs));
    return TRUE;
}

static gboolean show(jd_call *call, GError **error)
{
    gint64 id;
    if (!jd_path_id(call, 0, 'j', &id, error))
        return FALSE;
    json_t *job = jd_jobs_get(jd_call_service(call)->jobs, id, error);
    if (!job)
        return FALSE;
    jd_call_reply_json(call, 200, job);
    return TRUE;
}

/* The stream lives on with the job; it keeps no thread. */
static gboolean follow(jd_call *call, GError **error)
{
    gint64 id;
    jd_jobs *jobs = jd_call_service(call)->jobs;
    if (!jd_path_id(call, 0, 'j', &id, error))
        return FALSE;
    json_auto_t *known = jd_jobs_get(jobs, id, error);
    if (!known)
        return FALSE;
    g_autoptr(jd_events) events = jd_call_reply_events(call);
    if (!jd_jobs_follow(jobs, id, events, NULL))
        jd_events_end(events);
    return TRUE;
}

static gboolean cancel(jd_call *call, GError **error)
{
    gint64 id;
    jd_jobs *jobs = jd_call_service(call)->jobs;
    if (!jd_path_id(call, 0, 'j', &id, error) || !jd_jobs_cancel(jobs, id, error))
        return FALSE;
    json_t *job = jd_jobs_get(jobs, id, error);
    if (!job)
        return FALSE;
    jd_call_reply_json(call, 202, job);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/jobs", list},
    {"GET", "/api/v1/jobs/{id}", show},
    {"GET", "/api/v1/jobs/{id}/events", follow, JD_ROUTE_LONG},
    {"DELETE", "/api/v1/jobs/{id}", cancel, JD_ROUTE_WRITES},
    {NULL},
};

const jd_route_table jd_routes_jobs = {"/api/v1/", routes, jd_put_error};
