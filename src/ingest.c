#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"
#include "ingest_report.h"
#include "ingest_write.h"
#include "kb.h"
#include "walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run: the calling thread walks the folders and writes, `workers` read. */
typedef struct ingest_run {
    const jd_ingest_options *options;
    jd_ingest_context context;
    jd_writer writer;
    GPtrArray *urls; /* const char * */
    jd_walk *walk;
    guint next_url;
    FILE *put_off; /* paths of picture files, each ended by a NUL: they come last */
    gboolean reading_put_off;
    char *put_off_text; /* getdelim()'s buffer */
    size_t put_off_size;
    GThreadPool *workers;
    GAsyncQueue *results; /* jd_ingest_job * */
    GQueue early; /* jd_ingest_job *, done before one that was begun before them; by number */
    guint in_flight, most_in_flight;
    guint begun, settled; /* numbers of the next job to begin, and to settle */
    char *own_file;       /* the knowledge base's, without symbolic links; or NULL */
    jd_reporter reporter;
    guint64 total; /* files; 0: not counted */
    gint stop;     /* jobs that have not begun are not to begin */
} ingest_run;

static void do_job(gpointer data, gpointer user)
{
    ingest_run *run = user;
    jd_ingest_job_run(data, &run->context);
    g_async_queue_push(run->results, data);
}

/* ---- what comes next ---- */

/* Under what a file is known. g_free() it. */
static char *uri_of(const ingest_run *run, const char *path)
{
    const jd_roots *roots = run->context.roots;
    if (!run->options->as)
        return g_strdup(path);
    const jd_root *root = roots->list->pdata[0];
    return g_strconcat(run->options->as, path + strlen(root->path) + 1, NULL);
}

static jd_ingest_job *job_of_file(const ingest_run *run, const char *path)
{
    g_autofree char *uri = uri_of(run, path);
    jd_ingest_job *job = jd_ingest_job_new(uri);
    if (run->options->as)
        job->path = g_strdup(path);
    return job;
}

static void let_others_write(const ingest_run *run)
{
    if (run->options->between && !run->writer.open)
        run->options->between(run->options->user);
}

static void tell_progress(ingest_run *run, const char *what)
{
    jd_progress progress = {.stage = "ingest",
                            .what = what,
                            .done = run->writer.done,
                            .total = run->total,
                            .unit = "files"};
    jd_reporter_update(&run->reporter, &progress);
}

/* Counts the files, so that progress can tell how far it is. */
static gboolean count_files(ingest_run *run, GError **error)
{
    jd_walk_entry entry;
    g_autoptr(jd_walk) walk = jd_walk_new(run->context.roots);
    guint64 count = run->urls->len;
    while (jd_walk_next(walk, &entry)) {
        if (jd_cancelled(run->options->cancel, error))
            return FALSE;
        count += entry.reason == NULL;
        g_autofree char *uri = uri_of(run, entry.path);
        jd_progress progress = {.stage = "scan", .what = uri, .done = count, .unit = "files"};
        jd_reporter_update(&run->reporter, &progress);
        let_others_write(run);
    }
    run->total = count;
    return TRUE;
}

/* Whether this is the knowledge base itself, or a file that it keeps beside it. */
static gboolean is_own_file(const ingest_run *run, const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    if (!run->own_file || !g_str_has_prefix(path, run->own_file))
        return FALSE;
    const char *ending = path + strlen(run->own_file);
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
        if (strcmp(ending, endings[i]) == 0)
            return TRUE;
    return g_str_has_prefix(ending, JD_SCAN_ENDING);
}

static jd_ingest_job *next_of_walk(ingest_run *run)
{
    jd_walk_entry entry;
    while (jd_walk_next(run->walk, &entry)) {
        if (entry.reason) {
            g_autofree char *uri = uri_of(run, entry.path);
            jd_skipped_add(run->writer.report->skipped, uri, entry.reason);
            continue;
        }
        if (is_own_file(run, entry.path))
            continue;
        jd_ingest_job *job = job_of_file(run, entry.path);
        job->put_off_picture = !entry.given;
        return job;
    }
    return NULL;
}

static gboolean read_put_off(ingest_run *run)
{
    return getdelim(&run->put_off_text, &run->put_off_size, '\0', run->put_off) > 0;
}

/* The picture files, once all other files are settled. */
static jd_ingest_job *next_put_off(ingest_run *run)
{
    if (!run->reading_put_off) {
        if (run->in_flight > 0 || !run->put_off)
            return NULL;
        rewind(run->put_off);
        run->reading_put_off = TRUE;
    }
    if (!read_put_off(run))
        return NULL;
    jd_ingest_job *job = job_of_file(run, run->put_off_text);
    if (read_put_off(run))
        job->sha256 = g_strdup(run->put_off_text);
    return job;
}

static jd_ingest_job *next_job(ingest_run *run)
{
    if (run->next_url < run->urls->len)
        return jd_ingest_job_new(run->urls->pdata[run->next_url++]);
    jd_ingest_job *job = run->reading_put_off ? NULL : next_of_walk(run);
    return job ? job : next_put_off(run);
}

/* ---- the run ---- */

static gboolean put_off(ingest_run *run, const jd_ingest_job *job, GError **error)
{
    const char *path = jd_ingest_job_path(job);
    if (!run->put_off)
        run->put_off = tmpfile();
    if (run->put_off && fwrite(path, strlen(path) + 1, 1, run->put_off) == 1 &&
        fwrite(job->sha256, strlen(job->sha256) + 1, 1, run->put_off) == 1)
        return TRUE;
    jd_set_error_errno(error, errno, "cannot write a temporary file");
    return FALSE;
}

static gboolean settle(ingest_run *run, jd_ingest_job *job, GError **error)
{
    run->in_flight--;
    if (job->outcome == JD_JOB_PICTURE)
        return put_off(run, job, error);
    return jd_writer_settle(&run->writer, job, error);
}

static int job_count(const jd_ingest_options *options)
{
    int jobs = options->jobs > 0 ? options->jobs : (int)g_get_num_processors();
    return CLAMP(jobs, 1, JD_LIMIT_INGEST_JOBS);
}

static int compare_numbers(gconstpointer a, gconstpointer b, gpointer user)
{
    const jd_ingest_job *x = a;
    const jd_ingest_job *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/*
 * Documents are stored in the order in which they were found, so that the same folder always gives
 * the same ids. A file that takes longer than all that may be on their way beside it loses its
 * place: it holds up nobody.
 */
static gboolean settle_in_order(ingest_run *run, jd_ingest_job *job, GError **error)
{
    g_queue_insert_sorted(&run->early, job, compare_numbers, NULL);
    for (;;) {
        const jd_ingest_job *first = g_queue_peek_head(&run->early);
        gboolean full = run->early.length > 0 && run->in_flight >= run->most_in_flight &&
                        run->early.length + job_count(run->options) > run->in_flight;
        if (!first || (first->number > run->settled && !full))
            return TRUE;
        g_autoptr(jd_ingest_job) next = g_queue_pop_head(&run->early);
        run->settled = MAX(run->settled, next->number + 1);
        if (!settle(run, next, error))
            return FALSE;
    }
}

/* Waits for a result, not longer than the group at hand may stay open. */
static gboolean collect(ingest_run *run, GError **error)
{
    enum { CANCEL_POLL_MS = 100 };
    int patience = jd_writer_patience_ms(&run->writer);
    guint64 wait_ms = patience < 0 ? CANCEL_POLL_MS : MIN(patience, CANCEL_POLL_MS);
    jd_ingest_job *job = g_async_queue_timeout_pop(run->results, wait_ms * 1000);
    g_autofree char *uri = job ? g_strdup(job->uri) : NULL;
    if (job && !settle_in_order(run, job, error))
        return FALSE;
    if (jd_writer_patience_ms(&run->writer) <= 0 && !jd_writer_commit(&run->writer, error))
        return FALSE;
    if (uri)
        tell_progress(run, uri);
    let_others_write(run);
    return TRUE;
}

static gboolean submit(ingest_run *run, jd_ingest_job *job, GError **error)
{
    const char *collection = run->context.collection;
    gboolean left_out = FALSE;
    gboolean done =
        jd_writer_look_up(&run->writer, job, collection, error) &&
        (!job->sha256 || jd_writer_leave_out(&run->writer, job, collection, &left_out, error));
    if (!done || left_out) {
        jd_ingest_job_free(job);
        return done;
    }
    run->in_flight++;
    job->number = run->begun++;
    g_thread_pool_push(run->workers, job, NULL);
    return TRUE;
}

static gboolean go_through(ingest_run *run, GError **error)
{
    for (;;) {
        if (jd_cancelled(run->options->cancel, NULL))
            return TRUE;
        jd_ingest_job *job = run->in_flight < run->most_in_flight ? next_job(run) : NULL;
        if (job) {
            if (!submit(run, job, error))
                return FALSE;
        } else if (run->in_flight > 0) {
            if (!collect(run, error))
                return FALSE;
        } else {
            return TRUE;
        }
    }
}

static gboolean finish(ingest_run *run, GError **error)
{
    if (!jd_writer_commit(&run->writer, error))
        return FALSE;
    if (jd_cancelled(run->options->cancel, NULL)) {
        jd_set_error(error, JD_ERROR_CANCELLED, "run it again to go on from here",
                     "stopped on request: %u documents were stored", run->writer.report->documents);
        return FALSE;
    }
    if (run->options->prune &&
        !jd_writer_prune(&run->writer, run->context.roots, run->context.collection, error))
        return FALSE;
    tell_progress(run, NULL);
    return !run->writer.removed || jd_store_compact(run->writer.store, error);
}

/* ---- setting it up ---- */

static gboolean sort_paths(const char *const *paths, const jd_ingest_options *options,
                           GPtrArray *files, GPtrArray *urls, GError **error)
{
    if (!paths || !paths[0]) {
        jd_set_error(error, JD_ERROR_USAGE, "give files or folders", "nothing to ingest");
        return FALSE;
    }
    for (gsize i = 0; paths[i]; i++) {
        gboolean is_url = jd_fetch_is_url(paths[i]);
        if (is_url && !options->fetch) {
            jd_set_error(error, JD_ERROR_USAGE, "add --fetch to fetch it",
                         "%s is a URL, and nothing is fetched without being asked to", paths[i]);
            return FALSE;
        }
        g_ptr_array_add(is_url ? urls : files, (gpointer)paths[i]);
    }
    return TRUE;
}

static jd_roots *find_roots(const GPtrArray *files, gboolean have_urls, jd_ingest_report *report,
                            GError **error)
{
    g_autoptr(jd_roots) roots = jd_roots_new(files, report->skipped);
    if (roots->list->len > 0 || have_urls)
        return g_steal_pointer(&roots);
    const jd_skipped *first = report->skipped->pdata[0];
    if (files->len == 1)
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "%s: %s", first->uri, first->reason);
    else
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                     "none of the %u paths given can be read; the first is %s: %s", files->len,
                     first->uri, first->reason);
    return NULL;
}

static gboolean check_as(const jd_ingest_options *options, const jd_roots *roots, GError **error)
{
    const jd_root *root = roots->list->len == 1 ? roots->list->pdata[0] : NULL;
    if (!options->as || (root && root->is_folder))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, NULL,
                 "only the documents of a single folder can be known as %s", options->as);
    return FALSE;
}

/* Everything that the jobs use. */
static gboolean prepare(ingest_run *run, jd_kb *kb, const GPtrArray *files, GError **error)
{
    const jd_ingest_options *options = run->options;
    jd_ingest_context *context = &run->context;
    context->chunk = (jd_chunk_options){.chunking = options->chunking,
                                        .target_chars = options->target_chars,
                                        .overlap_chars = options->overlap_chars};
    context->settings = jd_ingest_settings(&context->chunk);
    context->collection = options->collection ? options->collection : jd_kb_write_collection(kb);
    context->force = options->force;
    context->stop = &run->stop;
    run->own_file = realpath(kb->where, NULL);
    for (int kind = JD_ENCODER_TEXT; kind <= JD_ENCODER_PICTURES; kind++)
        if (!jd_encoders_list(kb->encoders, (jd_encoder_kind)kind, error))
            return FALSE;
    context->roots = find_roots(files, run->urls->len > 0, run->writer.report, error);
    if (!context->roots || !check_as(options, context->roots, error))
        return FALSE;
    jd_reader_options readers = {.program = kb->tools->reader, .workers = job_count(options)};
    context->readers = jd_reader_pool_new(&readers, error);
    if (!context->readers)
        return FALSE;
    context->term_makers = g_async_queue_new_full((GDestroyNotify)jd_term_maker_free);
    for (int i = 0; i < readers.workers; i++)
        g_async_queue_push(context->term_makers, jd_term_maker_new());
    jd_fetch_options fetch = {.allow = options->fetch_allow, .cancel = options->cancel};
    if (options->fetch && !(context->fetcher = jd_fetcher_new(&fetch, error)))
        return FALSE;
    jd_pictures_options pictures = {context->roots, context->readers, context->fetcher};
    context->pictures = jd_pictures_new(&pictures);
    return TRUE;
}

static gboolean start(ingest_run *run, GError **error)
{
    enum { WAITING = 32 }; /* files on their way for each worker */
    int jobs = job_count(run->options);
    if (run->reporter.fn && !count_files(run, error))
        return FALSE;
    run->walk = jd_walk_new(run->context.roots);
    run->results = g_async_queue_new_full((GDestroyNotify)jd_ingest_job_free);
    run->most_in_flight = WAITING * jobs + 1;
    g_autoptr(GError) failed = NULL;
    run->workers = g_thread_pool_new(do_job, run, jobs, TRUE, &failed);
    if (failed) {
        jd_set_error(error, JD_ERROR_IO, NULL, "cannot start %d threads: %s", jobs,
                     failed->message);
        return FALSE;
    }
    return TRUE;
}

/* Ends the workers first: they use all the rest. */
static void run_clear(ingest_run *run)
{
    g_atomic_int_set(&run->stop, 1);
    if (run->workers)
        g_thread_pool_free(run->workers, FALSE, TRUE);
    if (run->writer.open)
        jd_store_rollback(run->writer.store);
    g_clear_pointer(&run->results, g_async_queue_unref);
    g_queue_clear_full(&run->early, (GDestroyNotify)jd_ingest_job_free);
    jd_walk_free(run->walk);
    jd_pictures_free(run->context.pictures);
    jd_fetcher_free(run->context.fetcher);
    jd_reader_pool_free(run->context.readers);
    g_clear_pointer(&run->context.term_makers, g_async_queue_unref);
    jd_roots_free(run->context.roots);
    g_free(run->context.settings);
    g_clear_pointer(&run->urls, g_ptr_array_unref);
    jd_ingest_report_free(run->writer.report);
    if (run->put_off)
        fclose(run->put_off);
    free(run->put_off_text);
    free(run->own_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ingest_run, run_clear)

/* The readers have nothing to do by now: the encoders may have all cores. */
static gboolean embed(ingest_run *run, jd_kb *kb, GError **error)
{
    const jd_ingest_options *options = run->options;
    jd_embed_options how = {.exact = options->chunking == JD_CHUNKING_ARTICLE,
                            .progress = options->progress,
                            .between = options->between,
                            .user = options->user,
                            .cancel = options->cancel};
    g_autoptr(jd_embed_report) report = NULL;
    if (!jd_kb_embed(kb, &how, &report, error))
        return FALSE;
    run->writer.report->vectors = report->texts + report->images;
    for (guint i = 0; i < report->skipped->len; i++) {
        const jd_skipped *skipped = report->skipped->pdata[i];
        jd_skipped_add(run->writer.report->warnings, skipped->uri, skipped->reason);
    }
    return TRUE;
}

gboolean jd_kb_ingest(jd_kb *kb, const char *const *paths, const jd_ingest_options *options,
                      jd_ingest_report **report, GError **error)
{
    static const jd_ingest_options defaults = JD_INGEST_OPTIONS_INIT;
    gint64 began = g_get_monotonic_time();
    if (!jd_kb_check_writable(kb, error))
        return FALSE;
    g_auto(ingest_run) run = {.options = options ? options : &defaults,
                              .urls = g_ptr_array_new(),
                              .writer = {.store = kb->store, .report = jd_ingest_report_new()}};
    run.reporter = (jd_reporter){.fn = run.options->progress, .user = run.options->user};
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    if (!sort_paths(paths, run.options, files, run.urls, error) ||
        !prepare(&run, kb, files, error) || !start(&run, error) || !go_through(&run, error) ||
        !finish(&run, error))
        return FALSE;
    if (!embed(&run, kb, error))
        return FALSE;
    run.writer.report->seconds = (double)(g_get_monotonic_time() - began) / G_USEC_PER_SEC;
    if (report)
        *report = g_steal_pointer(&run.writer.report);
    return TRUE;
}
