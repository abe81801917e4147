/* The kinds of jobs. */
#include "server/jobs.h"

#include "base/error.h"
#include "base/progress.h"
#include "report_json.h"
#include "server/job_json.h"
#include "server/service.h"
#include "server/sources.h"

static void let_others_write(void *user)
{
    jd_scribe_between(((jd_job_run *)user)->service->scribe);
}

/* ---- ingest ---- */

static const char *text_of(const json_t *request, const char *name)
{
    return json_string_value(json_object_get(request, name));
}

static int integer_of(const json_t *request, const char *name, int otherwise)
{
    const json_t *value = json_object_get(request, name);
    return json_is_integer(value) ? (int)json_integer_value(value) : otherwise;
}

static jd_ingest_options ingest_options(jd_job_run *run)
{
    const jd_serve_options *serve = run->service->options;
    const json_t *request = run->request;
    const char *chunking = text_of(request, "chunking");
    return (jd_ingest_options){
        .collection = text_of(request, "collection"),
        .chunking = g_strcmp0(chunking, "article") == 0 ? JD_CHUNKING_ARTICLE : JD_CHUNKING_DEFAULT,
        .target_chars = integer_of(request, "chunk_chars", 0),
        .overlap_chars = integer_of(request, "overlap_chars", -1),
        .jobs = serve->kb_options.threads,
        .prune = json_is_true(json_object_get(request, "prune")),
        .force = json_is_true(json_object_get(request, "force")),
        .fetch = serve->fetch,
        .fetch_allow = serve->fetch_allow,
        .progress = run->progress,
        .between = let_others_write,
        .user = run,
        .cancel = run->cancel,
    };
}

static void add_texts(GPtrArray *to, const json_t *array)
{
    for (gsize i = 0; i < json_array_size(array); i++)
        g_ptr_array_add(to, g_strdup(json_string_value(json_array_get(array, i))));
}

/* What is to be read: uploaded files alone, or paths and URLs. */
static char **sources_of(const jd_job_run *run, jd_ingest_options *options, GError **error)
{
    g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func(g_free);
    const char *folder = jd_job_request_folder(run->request);
    if (folder) {
        g_ptr_array_add(sources, g_build_filename(run->service->spool, folder, NULL));
        options->as = JD_UPLOAD_SCHEME;
    }
    const json_t *paths = json_object_get(run->request, "paths");
    for (gsize i = 0; i < json_array_size(paths); i++) {
        /* Looked up again: it is kept as the client called it, and what is there may have changed.
         */
        char *path = jd_source_path(run->service->options->roots,
                                    json_string_value(json_array_get(paths, i)), error);
        if (!path)
            return NULL;
        g_ptr_array_add(sources, path);
    }
    add_texts(sources, json_object_get(run->request, "urls"));
    g_ptr_array_add(sources, NULL);
    return (char **)g_ptr_array_steal(sources, NULL);
}

static gboolean ingest(jd_job_run *run, GError **error)
{
    jd_ingest_options options = ingest_options(run);
    g_auto(GStrv) sources = sources_of(run, &options, error);
    g_autoptr(jd_ingest_report) report = NULL;
    if (!sources || !jd_kb_ingest(run->kb, (const char *const *)sources, &options, &report, error))
        return FALSE;
    run->result = jd_ingest_report_to_json(report);
    return TRUE;
}

/* ---- embed ---- */

static gboolean embed(jd_job_run *run, GError **error)
{
    jd_embed_options options = {
        .model = text_of(run->request, "model"),
        .progress = run->progress,
        .between = let_others_write,
        .user = run,
        .cancel = run->cancel,
    };
    g_autoptr(jd_embed_report) report = NULL;
    if (!jd_kb_has_encoder(run->kb, options.model, error) ||
        !jd_kb_embed(run->kb, &options, &report, error))
        return FALSE;
    run->result = jd_embed_report_to_json(report);
    return TRUE;
}

/* ---- erase ---- */

/* One commit. A document that somebody else erased meanwhile is no error. */
static gboolean erase_batch(jd_store *store, jd_document_info *const *documents, guint n,
                            GError **error)
{
    if (!jd_store_begin(store, error))
        return FALSE;
    for (guint i = 0; i < n; i++) {
        g_autoptr(GError) problem = NULL;
        if (jd_store_remove_document(store, documents[i]->id, &problem) ||
            g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
            continue;
        jd_store_rollback(store);
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    return jd_store_commit(store, error);
}

static gboolean erase_documents(jd_job_run *run, const GPtrArray *documents, GError **error)
{
    enum { BATCH = 64 };
    jd_reporter reporter = {.fn = run->progress, .user = run};
    jd_progress progress = {.stage = "erase", .total = documents->len, .unit = "documents"};
    for (guint i = 0; i < documents->len; i += BATCH) {
        jd_document_info *const *from = (jd_document_info *const *)documents->pdata + i;
        guint n = MIN(BATCH, documents->len - i);
        if (jd_cancelled(run->cancel, error) || !erase_batch(jd_kb_store(run->kb), from, n, error))
            return FALSE;
        progress.done = i + n;
        jd_reporter_update(&reporter, &progress);
        let_others_write(run);
    }
    return TRUE;
}

static gboolean erase(jd_job_run *run, GError **error)
{
    jd_store *store = jd_kb_store(run->kb);
    jd_filter filter = {.collection = text_of(run->request, "collection")};
    g_autoptr(GPtrArray) documents = jd_store_list_documents(store, &filter, error);
    if (!documents)
        return FALSE;
    g_autoptr(GError) problem = NULL;
    gboolean done = erase_documents(run, documents, &problem);
    /* What is gone is to be gone from the files too, though the job was stopped. */
    gboolean compacted = jd_store_compact(store, done ? error : NULL);
    if (!done)
        g_propagate_error(error, g_steal_pointer(&problem));
    if (!done || !compacted)
        return FALSE;
    run->result = json_pack("{s:I}", "documents", (json_int_t)documents->len);
    return TRUE;
}

/* ---- pull ---- */

static gboolean pull(jd_job_run *run, GError **error)
{
    const jd_serve_options *serve = run->service->options;
    jd_models_options options = {
        .offline = serve->ask.offline,
        .reader = serve->kb_options.reader,
        .progress = run->progress,
        .user = run,
        .cancel = run->cancel,
    };
    g_autoptr(jd_installed_model) model = NULL;
    if (!jd_models_pull(text_of(run->request, "name"), &options, &model, error))
        return FALSE;
    run->result = json_pack("{s:o, s:I}", "name", json_string(model->name), "bytes",
                            (json_int_t)model->bytes);
    return TRUE;
}

const jd_job_kind jd_job_kinds[] = {
    {"ingest", ingest}, {"embed", embed}, {"erase", erase}, {"pull", pull, .apart = TRUE}, {NULL},
};
