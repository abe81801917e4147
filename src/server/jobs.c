#include "server/jobs.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/job_json.h"
#include "server/problem.h"
#include "server/service.h"
#include "server/upload.h"

#include <stdlib.h>
#include <string.h>

/* A job that is not over. */
typedef struct live_job {
    gint64 id;
    jd_job *job;
    json_t *request;
    gboolean running, cancelled; /* by a client */
    jd_cancel cancel;
    json_t *progress;     /* or NULL */
    GPtrArray *followers; /* jd_events * */
} live_job;

struct jd_jobs {
    jd_service *service;
    GMutex lock;
    GQueue queue; /* live_job *, in order; the first one may be running */
    gboolean stopping;
};

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static void events_unref(gpointer events)
{
    jd_events_unref(events);
}

/* Takes the job. */
static live_job *live_new(jd_job *job)
{
    live_job *live = g_new0(live_job, 1);
    live->id = job->id;
    live->job = job;
    live->request = json_loads(job->request, 0, NULL);
    live->followers = g_ptr_array_new_with_free_func(events_unref);
    return live;
}

static void live_free(gpointer data)
{
    live_job *live = data;
    jd_job_free(live->job);
    json_decref(live->request);
    json_decref(live->progress);
    g_ptr_array_unref(live->followers);
    g_free(live);
}

/* With the lock held. */
static live_job *find(jd_jobs *jobs, gint64 id)
{
    for (GList *at = jobs->queue.head; at; at = at->next)
        if (((live_job *)at->data)->id == id)
            return at->data;
    return NULL;
}

/* ---- keeping ---- */

static void set_state(jd_job *job, const char *state)
{
    g_free(job->state);
    job->state = g_strdup(state);
}

/* An uploaded file is not needed any more when its job is over. */
static void erase_uploads(jd_jobs *jobs, const json_t *request)
{
    const char *name = jd_job_request_folder(request);
    if (!name)
        return;
    g_autofree char *folder = g_build_filename(jobs->service->spool, name, NULL);
    jd_upload_folder_erase(folder);
}

/* Folders whose requests never became jobs. */
static void erase_orphans(jd_jobs *jobs)
{
    g_autoptr(GDir) dir = g_dir_open(jobs->service->spool, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        gboolean wanted = FALSE;
        for (GList *at = jobs->queue.head; at; at = at->next)
            wanted |= g_strcmp0(jd_job_request_folder(((live_job *)at->data)->request), name) == 0;
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
    g_ptr_array_set_free_func(list, NULL);
    for (guint i = 0; i < list->len; i++) {
        jd_job *job = list->pdata[i];
        if (job->finished > 0) {
            jd_job_free(job);
            continue;
        }
        set_state(job, "queued");
        g_queue_push_head(&jobs->queue, live_new(job));
    }
    erase_orphans(jobs);
    return jobs;
}

void jd_jobs_free(jd_jobs *jobs)
{
    if (!jobs)
        return;
    g_queue_clear_full(&jobs->queue, live_free);
    g_mutex_clear(&jobs->lock);
    g_free(jobs);
}

void jd_jobs_begin(jd_jobs *jobs)
{
    if (jobs->queue.length > 0)
        jd_scribe_wake(jobs->service->scribe);
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
    job->created = now();
    addition at = {.job = job};
    if (!jd_scribe_write(jobs->service->scribe, add, &at, error))
        return NULL;
    job->id = at.id;
    json_t *json = jd_job_to_json(job, NULL);
    g_mutex_lock(&jobs->lock);
    g_queue_push_tail(&jobs->queue, live_new(g_steal_pointer(&job)));
    g_mutex_unlock(&jobs->lock);
    jd_scribe_wake(jobs->service->scribe);
    return json;
}

/* ---- telling ---- */

/* With the lock held: sends an event to all who follow the job. */
static void tell(live_job *live, const char *name, json_t *data)
{
    for (guint i = live->followers->len; i-- > 0;)
        if (!jd_events_send(live->followers->pdata[i], name, json_incref(data)))
            g_ptr_array_remove_index_fast(live->followers, i);
    json_decref(data);
}

static void end_stream(jd_events *events, const jd_job *job)
{
    jd_events_send(events, "end", jd_job_to_json(job, NULL));
    jd_events_end(events);
}

static void on_progress(const jd_progress *progress, void *user)
{
    jd_jobs *jobs = ((const jd_job_run *)user)->service->jobs;
    g_mutex_lock(&jobs->lock);
    live_job *live = g_queue_peek_head(&jobs->queue);
    json_decref(live->progress);
    live->progress = jd_progress_to_json(progress);
    tell(live, "progress", json_incref(live->progress));
    g_mutex_unlock(&jobs->lock);
}

/* ---- running ---- */

static const jd_job_kind *kind_of(const live_job *live)
{
    for (const jd_job_kind *kind = jd_job_kinds; kind->name; kind++)
        if (g_str_equal(kind->name, live->job->kind))
            return kind;
    return NULL;
}

static gboolean do_job(jd_jobs *jobs, live_job *live, jd_kb *kb, json_t **result, GError **error)
{
    const jd_job_kind *kind = kind_of(live);
    jd_job_run run = {.service = jobs->service,
                      .kb = kb,
                      .request = live->request,
                      .progress = on_progress,
                      .cancel = &live->cancel};
    if (!kind || !live->request) {
        jd_set_error(error, JD_ERROR_VERSION, "remove it with DELETE",
                     "this is no job that this server knows");
        return FALSE;
    }
    gboolean done = kind->run(&run, error);
    *result = run.result;
    return done;
}

/* With the lock held: the job begins, or is over before it began. */
static gboolean set_running(live_job *live)
{
    if (live->cancelled)
        return FALSE;
    live->running = TRUE;
    set_state(live->job, "running");
    live->job->started = now();
    tell(live, "state", jd_job_to_json(live->job, NULL));
    return TRUE;
}

/* With the lock held: how it ended. Where the server stops, it is to go on at the next start. */
static void set_ended(jd_jobs *jobs, live_job *live, json_t *result, const GError *error)
{
    gboolean stopped = g_error_matches(error, JD_ERROR, JD_ERROR_CANCELLED);
    gboolean goes_on = stopped && !live->cancelled && jobs->stopping;
    set_state(live->job, goes_on           ? "queued"
                         : result          ? "done"
                         : live->cancelled ? "cancelled"
                         : error           ? "failed"
                                           : "done");
    live->job->finished = goes_on ? 0 : now();
    if (!goes_on)
        live->job->result = jd_job_outcome(json_incref(result), live->cancelled ? NULL : error);
}

/* Takes a job off the queue; it is kept in the base as it ended. In the scribe's thread. */
static void settle(jd_jobs *jobs, live_job *live, jd_store *store)
{
    g_autoptr(GError) problem = NULL;
    if (!jd_store_update_job(store, live->job, &problem))
        jd_service_log(jobs->service, "cannot keep how job %" G_GINT64_FORMAT " ended: %s",
                       live->id, problem->message);
    if (live->job->finished > 0)
        erase_uploads(jobs, live->request);
    g_mutex_lock(&jobs->lock);
    g_queue_remove(&jobs->queue, live);
    for (guint i = 0; i < live->followers->len; i++)
        end_stream(live->followers->pdata[i], live->job);
    g_mutex_unlock(&jobs->lock);
    live_free(live);
}

gboolean jd_jobs_work(jd_kb *kb, const GError *problem, void *user)
{
    jd_jobs *jobs = ((jd_service *)user)->jobs;
    g_mutex_lock(&jobs->lock);
    live_job *live = jobs->stopping ? NULL : g_queue_peek_head(&jobs->queue);
    gboolean begins = live && kb && set_running(live);
    g_mutex_unlock(&jobs->lock);
    if (!live || !kb)
        return live != NULL;
    g_autoptr(GError) error = NULL;
    json_t *result = NULL;
    if (begins && jd_store_update_job(jd_kb_store(kb), live->job, &error))
        do_job(jobs, live, kb, &result, &error);
    g_mutex_lock(&jobs->lock);
    set_ended(jobs, live, result, error);
    g_mutex_unlock(&jobs->lock);
    json_decref(result);
    if (error && live->job->finished > 0 && !live->cancelled)
        jd_service_log(jobs->service, "job %" G_GINT64_FORMAT " failed: %s", live->id,
                       error->message);
    settle(jobs, live, jd_kb_store(kb));
    return TRUE;
}

void jd_jobs_stop(jd_jobs *jobs)
{
    g_mutex_lock(&jobs->lock);
    jobs->stopping = TRUE;
    for (GList *at = jobs->queue.head; at; at = at->next) {
        live_job *live = at->data;
        g_atomic_int_set(&live->cancel, 1);
        for (guint i = 0; i < live->followers->len; i++)
            end_stream(live->followers->pdata[i], live->job);
        g_ptr_array_set_size(live->followers, 0);
    }
    g_mutex_unlock(&jobs->lock);
}

/* ---- what clients ask ---- */

json_t *jd_jobs_get(jd_jobs *jobs, gint64 id, GError **error)
{
    g_mutex_lock(&jobs->lock);
    const live_job *live = find(jobs, id);
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
        const live_job *live = find(jobs, job->id);
        json_array_append_new(array, live ? jd_job_to_json(live->job, live->progress)
                                          : jd_job_to_json(job, NULL));
    }
    g_mutex_unlock(&jobs->lock);
    return array;
}

typedef struct cancellation {
    jd_jobs *jobs;
    gint64 id;
} cancellation;

/* One that a client does not want any more and that has not begun. In the scribe's thread, where no
 * other job can begin meanwhile. */
static gboolean settle_cancelled(jd_store *store, void *user, GError **error)
{
    const cancellation *at = user;
    jd_jobs *jobs = at->jobs;
    g_mutex_lock(&jobs->lock);
    live_job *live = find(jobs, at->id);
    if (live && live->running)
        live = NULL;
    if (live)
        set_ended(jobs, live, NULL, NULL);
    g_mutex_unlock(&jobs->lock);
    if (live)
        settle(jobs, live, store);
    return TRUE;
}

gboolean jd_jobs_cancel(jd_jobs *jobs, gint64 id, GError **error)
{
    g_mutex_lock(&jobs->lock);
    live_job *live = find(jobs, id);
    gboolean known = live != NULL, waits = live && !live->running;
    if (live) {
        live->cancelled = TRUE;
        g_atomic_int_set(&live->cancel, 1);
    }
    g_mutex_unlock(&jobs->lock);
    if (known) {
        cancellation at = {jobs, id};
        return !waits || jd_scribe_write(jobs->service->scribe, settle_cancelled, &at, error);
    }
    json_auto_t *over = jd_jobs_get(jobs, id, error);
    if (over)
        jd_set_http_error(error, 409, NULL, "job j%" G_GINT64_FORMAT " is over", id);
    return FALSE;
}

gboolean jd_jobs_follow(jd_jobs *jobs, gint64 id, jd_events *events, GError **error)
{
    g_mutex_lock(&jobs->lock);
    live_job *live = find(jobs, id);
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
