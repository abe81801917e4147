/* Running jobs: those that write to the base in the scribe's thread, the others in one of their
 * own. */
#include "server/jobs_state.h"

#include "base/error.h"
#include "server/job_json.h"
#include "server/service.h"
#include "server/upload.h"

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

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

/* ---- telling ---- */

/* With the lock held: sends an event to all who follow the job. */
static void tell(jd_live_job *live, const char *name, json_t *data)
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
    const jd_job_run *run = user;
    jd_jobs *jobs = run->service->jobs;
    jd_live_job *live = run->job;
    g_mutex_lock(&jobs->lock);
    json_decref(live->progress);
    live->progress = jd_progress_to_json(progress);
    tell(live, "progress", json_incref(live->progress));
    g_mutex_unlock(&jobs->lock);
}

/* ---- running ---- */

static gboolean do_job(jd_jobs *jobs, jd_live_job *live, jd_kb *kb, json_t **result, GError **error)
{
    const jd_job_kind *kind = jd_job_kind_find(live->job->kind);
    jd_job_run run = {.service = jobs->service,
                      .kb = kb,
                      .request = live->request,
                      .progress = on_progress,
                      .cancel = &live->cancel,
                      .job = live};
    if (!kind || !live->request) {
        jd_set_error(error, JD_ERROR_VERSION, "remove it with DELETE",
                     "this is no job that this server knows");
        return FALSE;
    }
    gboolean done = kind->run(&run, error);
    *result = run.result;
    return done;
}

/* With the lock held: the first job that waits is the caller's now, and begins. */
static jd_live_job *take(jd_jobs *jobs, gboolean apart)
{
    if (jobs->stopping)
        return NULL;
    for (GList *at = jobs->queue.head; at; at = at->next) {
        jd_live_job *live = at->data;
        if (live->taken || live->apart != apart)
            continue;
        live->taken = TRUE;
        set_state(live->job, "running");
        live->job->started = now();
        tell(live, "state", jd_job_to_json(live->job, NULL));
        return live;
    }
    return NULL;
}

/* With the lock held: how it ended. Where the server stops, it is to go on at the next start. */
static void set_ended(jd_jobs *jobs, jd_live_job *live, json_t *result, const GError *error)
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

/* Takes a job off the queue, as it ended. */
static void settle(jd_jobs *jobs, jd_live_job *live)
{
    if (live->job->finished > 0)
        erase_uploads(jobs, live->request);
    g_mutex_lock(&jobs->lock);
    g_queue_remove(&jobs->queue, live);
    for (guint i = 0; i < live->followers->len; i++)
        end_stream(live->followers->pdata[i], live->job);
    g_mutex_unlock(&jobs->lock);
    jd_live_job_free(live);
}

static void note_unkept(jd_jobs *jobs, const jd_live_job *live, const GError *problem)
{
    jd_service_log(jobs->service, "cannot keep how job %" G_GINT64_FORMAT " is: %s", live->id,
                   problem->message);
}

/* A job that was run is over, or goes on at the next start. Takes the result. */
static void finish(jd_jobs *jobs, jd_live_job *live, json_t *result, const GError *error)
{
    g_mutex_lock(&jobs->lock);
    set_ended(jobs, live, result, error);
    g_mutex_unlock(&jobs->lock);
    json_decref(result);
    if (error && live->job->finished > 0 && !live->cancelled)
        jd_service_log(jobs->service, "job %" G_GINT64_FORMAT " failed: %s", live->id,
                       error->message);
}

/* ---- those that write to the base ---- */

static gboolean has_waiting(jd_jobs *jobs)
{
    gboolean found = FALSE;
    g_mutex_lock(&jobs->lock);
    for (GList *at = jobs->queue.head; at && !jobs->stopping; at = at->next) {
        const jd_live_job *live = at->data;
        found |= !live->taken && !live->apart;
    }
    g_mutex_unlock(&jobs->lock);
    return found;
}

gboolean jd_jobs_work(jd_kb *kb, const GError *problem, void *user)
{
    jd_jobs *jobs = ((jd_service *)user)->jobs;
    if (!kb)
        return has_waiting(jobs);
    g_mutex_lock(&jobs->lock);
    jd_live_job *live = take(jobs, FALSE);
    g_mutex_unlock(&jobs->lock);
    if (!live)
        return FALSE;
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) unkept = NULL;
    json_t *result = NULL;
    if (jd_store_update_job(jd_kb_store(kb), live->job, &error))
        do_job(jobs, live, kb, &result, &error);
    finish(jobs, live, result, error);
    if (!jd_store_update_job(jd_kb_store(kb), live->job, &unkept))
        note_unkept(jobs, live, unkept);
    settle(jobs, live);
    return TRUE;
}

/* ---- the others ---- */

static gboolean update(jd_store *store, void *user, GError **error)
{
    return jd_store_update_job(store, user, error);
}

/* A base that cannot be written to at present holds up nothing: what is kept of the job is then
 * older, and it is run again at the next start. */
static void keep(jd_jobs *jobs, const jd_live_job *live)
{
    g_autoptr(GError) problem = NULL;
    if (!jd_scribe_write(jobs->service->scribe, update, live->job, &problem))
        note_unkept(jobs, live, problem);
}

static jd_live_job *wait_for_one(jd_jobs *jobs)
{
    jd_live_job *live;
    g_mutex_lock(&jobs->lock);
    while (!(live = take(jobs, TRUE)) && !jobs->stopping)
        g_cond_wait(&jobs->wanted, &jobs->lock);
    g_mutex_unlock(&jobs->lock);
    return live;
}

gpointer jd_jobs_run_apart(gpointer user)
{
    jd_jobs *jobs = user;
    for (jd_live_job *live; (live = wait_for_one(jobs));) {
        g_autoptr(GError) error = NULL;
        json_t *result = NULL;
        keep(jobs, live);
        do_job(jobs, live, NULL, &result, &error);
        finish(jobs, live, result, error);
        keep(jobs, live);
        settle(jobs, live);
    }
    return NULL;
}

/* ---- ending them ---- */

gboolean jd_jobs_end_waiting(jd_jobs *jobs, jd_live_job *live, GError **error)
{
    finish(jobs, live, NULL, NULL);
    if (jd_scribe_write(jobs->service->scribe, update, live->job, error)) {
        settle(jobs, live);
        return TRUE;
    }
    /* Whoever takes it next will find that it is not wanted. */
    g_mutex_lock(&jobs->lock);
    set_state(live->job, "queued");
    live->job->finished = 0;
    g_clear_pointer(&live->job->result, g_free);
    live->taken = FALSE;
    g_mutex_unlock(&jobs->lock);
    return FALSE;
}

void jd_jobs_stop(jd_jobs *jobs)
{
    g_mutex_lock(&jobs->lock);
    jobs->stopping = TRUE;
    g_cond_broadcast(&jobs->wanted);
    for (GList *at = jobs->queue.head; at; at = at->next) {
        jd_live_job *live = at->data;
        g_atomic_int_set(&live->cancel, 1);
        for (guint i = 0; i < live->followers->len; i++)
            end_stream(live->followers->pdata[i], live->job);
        g_ptr_array_set_size(live->followers, 0);
    }
    g_mutex_unlock(&jobs->lock);
}
