#include "server/scribe.h"

#include "base/error.h"
#include "base/limits.h"

/* A short write, on its caller's stack. */
typedef struct task {
    jd_write_fn write;
    void *user;
    gboolean done, ok;
    GError *error;
} task;

struct jd_scribe {
    jd_bases *bases;
    jd_long_work_fn work;
    void *user;
    GThread *thread;
    jd_kb *kb; /* open for writing, or NULL; the thread's own */

    GMutex lock; /* guards what follows */
    GCond wanted, done;
    GQueue tasks; /* task * */
    gboolean has_work, stop;
};

/* ---- short writes ---- */

static gboolean open_base(jd_scribe *scribe, GError **error)
{
    if (!scribe->kb)
        scribe->kb = jd_bases_open(scribe->bases, JD_KB_WRITE, error);
    return scribe->kb != NULL;
}

static void finish(jd_scribe *scribe, task *at, gboolean ok, GError *error)
{
    g_mutex_lock(&scribe->lock);
    at->ok = ok;
    at->error = error;
    at->done = TRUE;
    g_cond_broadcast(&scribe->done);
    g_mutex_unlock(&scribe->lock);
}

static task *next_task(jd_scribe *scribe)
{
    g_mutex_lock(&scribe->lock);
    task *next = g_queue_pop_head(&scribe->tasks);
    g_mutex_unlock(&scribe->lock);
    return next;
}

/* Nobody waits for the base longer than one try takes. */
static void fail_all(jd_scribe *scribe, const GError *error)
{
    for (task *next; (next = next_task(scribe));)
        finish(scribe, next, FALSE, g_error_copy(error));
}

static void do_tasks(jd_scribe *scribe)
{
    for (task *next; (next = next_task(scribe));) {
        GError *error = NULL;
        gboolean ok =
            open_base(scribe, &error) && next->write(jd_kb_store(scribe->kb), next->user, &error);
        if (!scribe->kb)
            fail_all(scribe, error);
        finish(scribe, next, ok, error);
    }
}

void jd_scribe_between(void *scribe)
{
    do_tasks(scribe);
}

gboolean jd_scribe_write(jd_scribe *scribe, jd_write_fn write, void *user, GError **error)
{
    task own = {.write = write, .user = user};
    g_mutex_lock(&scribe->lock);
    if (scribe->stop) {
        g_mutex_unlock(&scribe->lock);
        jd_set_error(error, JD_ERROR_CANCELLED, NULL, "the server is about to stop");
        return FALSE;
    }
    g_queue_push_tail(&scribe->tasks, &own);
    g_cond_broadcast(&scribe->wanted);
    while (!own.done)
        g_cond_wait(&scribe->done, &scribe->lock);
    g_mutex_unlock(&scribe->lock);
    if (own.error)
        g_propagate_error(error, own.error);
    return own.ok;
}

/* ---- the thread ---- */

typedef enum wanted { NOTHING, TASKS, WORK, STOP } wanted;

/* Waits for something to do; NOTHING where there was none for so long. */
static wanted wait_for_something(jd_scribe *scribe, gint64 microseconds)
{
    gint64 until = g_get_monotonic_time() + microseconds;
    wanted what = NOTHING;
    gboolean in_time = TRUE;
    g_mutex_lock(&scribe->lock);
    while (what == NOTHING && in_time) {
        what = scribe->tasks.length > 0 ? TASKS
               : scribe->stop           ? STOP
               : scribe->has_work       ? WORK
                                        : NOTHING;
        if (what == NOTHING)
            in_time = g_cond_wait_until(&scribe->wanted, &scribe->lock, until);
    }
    g_mutex_unlock(&scribe->lock);
    return what;
}

static void do_work(jd_scribe *scribe)
{
    g_autoptr(GError) problem = NULL;
    g_mutex_lock(&scribe->lock);
    scribe->has_work = FALSE;
    g_mutex_unlock(&scribe->lock);
    gboolean open = open_base(scribe, &problem);
    if (scribe->work(scribe->kb, problem, scribe->user))
        jd_scribe_wake(scribe);
    if (!open)
        g_usleep(JD_SERVER_RETRY_MS * 1000);
}

static gpointer run(gpointer user)
{
    jd_scribe *scribe = user;
    for (;;) {
        switch (wait_for_something(scribe, JD_SERVER_WRITER_IDLE_MS * 1000)) {
        case NOTHING:
            g_clear_pointer(&scribe->kb, jd_kb_close);
            break;
        case TASKS:
            do_tasks(scribe);
            break;
        case WORK:
            do_work(scribe);
            break;
        case STOP:
            g_clear_pointer(&scribe->kb, jd_kb_close);
            return NULL;
        }
    }
}

jd_scribe *jd_scribe_new(jd_bases *bases, jd_long_work_fn work, void *user)
{
    jd_scribe *scribe = g_new0(jd_scribe, 1);
    scribe->bases = bases;
    scribe->work = work;
    scribe->user = user;
    g_mutex_init(&scribe->lock);
    g_cond_init(&scribe->wanted);
    g_cond_init(&scribe->done);
    scribe->thread = g_thread_new("jackdaw-writer", run, scribe);
    return scribe;
}

void jd_scribe_free(jd_scribe *scribe)
{
    if (!scribe)
        return;
    g_mutex_lock(&scribe->lock);
    scribe->stop = TRUE;
    g_cond_broadcast(&scribe->wanted);
    g_mutex_unlock(&scribe->lock);
    g_thread_join(scribe->thread);
    g_mutex_clear(&scribe->lock);
    g_cond_clear(&scribe->wanted);
    g_cond_clear(&scribe->done);
    g_free(scribe);
}

void jd_scribe_wake(jd_scribe *scribe)
{
    g_mutex_lock(&scribe->lock);
    scribe->has_work = TRUE;
    g_cond_broadcast(&scribe->wanted);
    g_mutex_unlock(&scribe->lock);
}
