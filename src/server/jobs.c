#include "server/jobs.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/job_json.h"
#include "server/jobs_state.h"
#include "server/problem.h"
#include "server/service.h"
#include "server/upload.h"

#include <stdlib.h>
#include <string.h>

static void events_unref(gpointer events)
{
    jd_events_unref(events);
}

const jd_job_kind *jd_job_kind_find(const char *name)
{
    for (const jd_job_kind *kind = jd_job_kinds; kind->name; kind++)
        if (g_str_equal(kind->name, name))
            return kind;
    return NULL;
}

/* Takes the job. */
static jd_live_job *live_new(jd_job *job)
{
    jd_live_job *live = g_new0(jd_live_job, 1);
    live->id = job->id;
    live->job = job;
    live->request = json_loads(job->request, 0, NULL);
    const jd_job_kind *kind = jd_job_kind_find(job->kind);
    live->apart = kind && kind->apart;
    live->followers = g_ptr_array_new_with_free_func(events_unref);
    return live;
}

void jd_live_job_free(gpointer data)
{
    jd_live_job *live = data;
    jd_job_free(live->job);
    json_decref(live->request);
    json_decref(live->progress);
    g_ptr_array_unref(live->followers);
    g_free(live);
}

jd_live_job *jd_jobs_find(jd_jobs *jobs, gint64 id)
{
    for (GList *at = jobs->queue.head; at; at = at->next)
        if (((jd_live_job *)at->data)->id == id)
            return at->data;
    return NULL;
}

/* ---- keeping ---- */

/* Folders whose requests never became jobs. */
static void erase_orphans(jd_jobs *jobs)
{
    g_autoptr(GDir) dir = g_dir_open(jobs->service->spool, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        gboolean wanted = FALSE;
        for (GList *at = jobs->queue.head; at; at = at->next)
            wanted |=
                g_strcmp0(jd_job_request_folder(((jd_live_job *)at->data)->request), name) == 0;
        g_autofree char *folder = g_build_filename(jobs->service->spool, name, NULL);
        if (!wanted)
            jd_upload_folder_erase(folder);
    }
}

jd_jobs *jd_jobs_new(jd_service *service, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    g_autoptr(GPtrArray) list =
        base.kb ? jd_store_list_jobs(jd_kb_store(base.kb), &(jd_page){0}, error) : NULL;
    if (!list)
        return NULL;
    jd_jobs *jobs = g_new0(jd_jobs, 1);
    jobs->service = service;
    g_mutex_init(&jobs->lock);
    g_cond_init(&jobs->wanted);
    g_ptr_array_set_free_func(list, NULL);
    for (guint i = 0; i < list->len; i++) {
        jd_job *job = list->pdata[i];
        if (job->finished > 0) {
            jd_job_free(job);
            continue;
        }
        g_free(job->state);
        job->state = g_strdup("queued");
        g_queue_push_head(&jobs->queue, live_new(job));
    }
    erase_orphans(jobs);
    return jobs;
}

void jd_jobs_free(jd_jobs *jobs)
{
    if (!jobs)
        return;
    g_queue_clear_full(&jobs->queue, jd_live_job_free);
    g_mutex_clear(&jobs->lock);
    g_cond_clear(&jobs->wanted);
    g_free(jobs);
}

void jd_jobs_begin(jd_jobs *jobs)
{
    jobs->apart = g_thread_new("jackdaw-fetcher", jd_jobs_run_apart, jobs);
    jd_scribe_wake(jobs->service->scribe);
}

void jd_jobs_join(jd_jobs *jobs)
{
    if (jobs->apart)
        g_thread_join(g_steal_pointer(&jobs->apart));
}

typedef struct addition {
    jd_job *job;
    gint64 id;
} addition;

static gboolean add(jd_store *store, void *user, GError **error)
{
    addition *at = user;
    return jd_store_add_job(store, at->job, &at->id, error);
}

json_t *jd_jobs_add(jd_jobs *jobs, const char *kind, json_t *request, GError **error)
{
    g_autoptr(jd_job) job = g_new0(jd_job, 1);
    char *text = json_dumps(request, JSON_COMPACT);
    job->request = g_strdup(text);
    free(text); /* jansson's own allocator is malloc() */
    job->kind = g_strdup(kind);
    job->state = g_strdup("queued");
    job->created = g_get_real_time() / G_USEC_PER_SEC;
    addition at = {.job = job};
    if (!jd_scribe_write(jobs->service->scribe, add, &at, error))
        return NULL;
    job->id = at.id;
    json_t *json = jd_job_to_json(job, NULL);
    g_mutex_lock(&jobs->lock);
    g_queue_push_tail(&jobs->queue, live_new(g_steal_pointer(&job)));
    g_cond_signal(&jobs->wanted);
    g_mutex_unlock(&jobs->lock);
    jd_scribe_wake(jobs->service->scribe);
    return json;
}

/* ---- what clients ask ---- */

json_t *jd_jobs_get(jd_jobs *jobs, gint64 id, GError **error)
{
    g_mutex_lock(&jobs->lock);
    const jd_live_job *live = jd_jobs_find(jobs, id);
    json_t *json = live ? jd_job_to_json(live->job, live->progress) : NULL;
    g_mutex_unlock(&jobs->lock);
    if (json)
        return json;
    g_auto(jd_borrowed) base = jd_bases_borrow(jobs->service->bases, error);
    g_autoptr(jd_job) job = base.kb ? jd_store_get_job(jd_kb_store(base.kb), id, error) : NULL;
    return job ? jd_job_to_json(job, NULL) : NULL;
}

json_t *jd_jobs_list(jd_jobs *jobs, const jd_page *page, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(jobs->service->bases, error);
    g_autoptr(GPtrArray) list =
        base.kb ? jd_store_list_jobs(jd_kb_store(base.kb), page, error) : NULL;
    if (!list)
        return NULL;
    json_t *array = json_array();
    g_mutex_lock(&jobs->lock);
    for (guint i = 0; i < list->len; i++) {
        const jd_job *job = list->pdata[i];
        const jd_live_job *live = jd_jobs_find(jobs, job->id);
        json_array_append_new(array, live ? jd_job_to_json(live->job, live->progress)
                                          : jd_job_to_json(job, NULL));
    }
    g_mutex_unlock(&jobs->lock);
    return array;
}

gboolean jd_jobs_cancel(jd_jobs *jobs, gint64 id, GError **error)
{
    g_mutex_lock(&jobs->lock);
    jd_live_job *live = jd_jobs_find(jobs, id);
    gboolean known = live != NULL, waits = live && !live->taken;
    if (live) {
        live->taken = live->cancelled = TRUE;
        g_atomic_int_set(&live->cancel, 1);
    }
    g_mutex_unlock(&jobs->lock);
    if (waits)
        return jd_jobs_end_waiting(jobs, live, error);
    if (known)
        return TRUE;
    json_auto_t *over = jd_jobs_get(jobs, id, error);
    if (over)
        jd_set_http_error(error, 409, NULL, "job j%" G_GINT64_FORMAT " is over", id);
    return FALSE;
}

gboolean jd_jobs_follow(jd_jobs *jobs, gint64 id, jd_events *events, GError **error)
{
    g_mutex_lock(&jobs->lock);
    jd_live_job *live = jd_jobs_find(jobs, id);
    if (live) {
        jd_events_send(events, "state", jd_job_to_json(live->job, live->progress));
        g_ptr_array_add(live->followers, jd_events_ref(events));
    }
    g_mutex_unlock(&jobs->lock);
    if (live)
        return TRUE;
    json_t *over = jd_jobs_get(jobs, id, error);
    if (!over)
        return FALSE;
    jd_events_send(events, "end", over);
    jd_events_end(events);
    return TRUE;
}

guint jd_jobs_waiting(jd_jobs *jobs)
{
    g_mutex_lock(&jobs->lock);
    guint waiting = jobs->queue.length;
    g_mutex_unlock(&jobs->lock);
    return waiting;
}
