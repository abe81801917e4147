/*
 * Vectors for what has none yet. What is missing is asked of the store, so a run that was stopped
 * goes on where it was. Each batch is one commit; between batches the run can be cancelled. It runs
 * when no reader does, so the model has all cores.
 */
#include "base/error.h"
#include "base/progress.h"
#include "base/remedy.h"
#include "embed_text.h"
#include "ingest_report.h"
#include "kb.h"

#include <string.h>

enum { BATCH_TEXTS = 64, BATCH_PICTURES = 16 };

/* One encoder's work on one kind of item. */
typedef struct task {
    jd_encoder *encoder;
    gint64 space;
    jd_item_kind kind;
    gboolean pixels; /* images by their pixels, else by their words */
    GArray *ids;     /* gint64 */
} task;

static void task_clear(gpointer data)
{
    g_array_unref(((task *)data)->ids);
}

typedef struct embed_run {
    jd_kb *kb;
    const jd_embed_options *options;
    jd_embed_report *report;
    GArray *tasks; /* task */
    jd_reporter reporter;
    guint64 done, total;
} embed_run;

static void run_clear(embed_run *run)
{
    g_array_unref(run->tasks);
    jd_embed_report_free(run->report);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(embed_run, run_clear)

void jd_embed_report_free(jd_embed_report *report)
{
    if (!report)
        return;
    g_ptr_array_unref(report->skipped);
    g_free(report);
}

static void tell_progress(embed_run *run, const task *at)
{
    jd_progress progress = {.stage = "embed",
                            .what = at->encoder->name,
                            .done = run->done,
                            .total = run->total,
                            .unit = "items"};
    jd_reporter_update(&run->reporter, &progress);
}

/* ---- what there is to do ---- */

static gboolean plan_kind(embed_run *run, jd_encoder *encoder, gint64 space, jd_item_kind kind,
                          GError **error)
{
    gboolean pixels = encoder->kind == JD_ENCODER_PICTURES && kind == JD_ITEM_IMAGE;
    jd_missing_query query = {.space = space, .kind = kind, .pictures = pixels};
    GArray *ids = jd_store_missing_vectors(run->kb->store, &query, error);
    if (!ids)
        return FALSE;
    task planned = {encoder, space, kind, pixels, ids};
    g_array_append_val(run->tasks, planned);
    run->total += ids->len;
    return TRUE;
}

static gboolean plan_encoder(embed_run *run, jd_encoder *encoder, GError **error)
{
    gint64 space;
    if (run->options->exact)
        encoder = jd_encoder_exact(encoder);
    return jd_encoder_ensure_space(run->kb->encoders, encoder, run->kb->store, &space, error) &&
           plan_kind(run, encoder, space, JD_ITEM_TEXT, error) &&
           plan_kind(run, encoder, space, JD_ITEM_IMAGE, error);
}

static gboolean plan(embed_run *run, GError **error)
{
    if (run->options->model) {
        jd_encoder *encoder = jd_encoders_find(run->kb->encoders, run->options->model, error);
        return encoder && plan_encoder(run, encoder, error);
    }
    for (int kind = JD_ENCODER_TEXT; kind <= JD_ENCODER_PICTURES; kind++) {
        const GPtrArray *list = jd_encoders_list(run->kb->encoders, (jd_encoder_kind)kind, error);
        if (!list || (list->len > 0 && !plan_encoder(run, list->pdata[0], error)))
            return FALSE;
    }
    return TRUE;
}

/* ---- doing it ---- */

static gboolean put(embed_run *run, const task *at, const GArray *ids, const float *vectors,
                    GError **error)
{
    jd_vectors rows = {.space = at->space,
                       .kind = at->kind,
                       .ids = (const gint64 *)(const void *)ids->data,
                       .values = vectors,
                       .n = ids->len};
    if (ids->len > 0 && !jd_store_put_vectors(run->kb->store, &rows, error))
        return FALSE;
    *(at->kind == JD_ITEM_TEXT ? &run->report->texts : &run->report->images) += ids->len;
    return TRUE;
}

static float *embed_texts(embed_run *run, const task *at, const GPtrArray *items, GError **error)
{
    const jd_encoder *encoder = at->encoder;
    gsize dimension = (gsize)jd_model_get_info(encoder->model)->dimension;
    g_autoptr(GPtrArray) strings = g_ptr_array_new_with_free_func(g_free);
    g_autofree jd_text *texts = g_new(jd_text, items->len);
    for (guint i = 0; i < items->len; i++) {
        char *text = encoder->kind == JD_ENCODER_TEXT ? jd_embed_text(items->pdata[i])
                                                      : jd_embed_article_text(items->pdata[i]);
        g_ptr_array_add(strings, text);
        texts[i] = (jd_text){text, strlen(text)};
    }
    g_autofree float *vectors = g_new(float, items->len *dimension);
    jd_texts batch = {
        .items = texts, .count = items->len, .prompt = jd_encoder_prompt(encoder, FALSE)};
    if (!jd_model_embed_texts(encoder->model, &batch, vectors, error))
        return NULL;
    return g_steal_pointer(&vectors);
}

static gboolean do_texts(embed_run *run, const task *at, const GArray *ids, GError **error)
{
    g_autoptr(GPtrArray) items = jd_store_get_items(
        run->kb->store, at->kind, (const gint64 *)(const void *)ids->data, ids->len, error);
    g_autofree float *vectors = items ? embed_texts(run, at, items, error) : NULL;
    return vectors && put(run, at, ids, vectors, error);
}

/* ---- pixels ---- */

/* One picture as the model takes it; NULL, with the reason in the report, where it cannot be. */
static GBytes *prepare_picture(embed_run *run, const task *at, const jd_item *item)
{
    g_autoptr(GError) problem = NULL;
    jd_reader_pool *readers = jd_kb_readers(run->kb, &problem);
    g_autoptr(GBytes) picture =
        readers ? jd_store_get_picture(run->kb->store, item->sha256, &problem) : NULL;
    const jd_prepare_request *how = &jd_model_get_info(at->encoder->model)->picture.prepare;
    GBytes *pixels = picture ? jd_reader_pool_prepare(readers, picture, how, &problem) : NULL;
    if (!pixels) {
        g_autofree char *reason =
            g_strdup_printf("picture i%" G_GINT64_FORMAT ": %s", item->id, problem->message);
        jd_skipped_add(run->report->skipped, item->document->uri, reason);
    }
    return pixels;
}

static gboolean do_pictures(embed_run *run, const task *at, const GArray *ids, GError **error)
{
    g_autoptr(GPtrArray) items = jd_store_get_items(
        run->kb->store, JD_ITEM_IMAGE, (const gint64 *)(const void *)ids->data, ids->len, error);
    if (!items)
        return FALSE;
    g_autoptr(GArray) usable = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    const guint8 *rows[BATCH_PICTURES];
    for (guint i = 0; i < items->len; i++) {
        const jd_item *item = items->pdata[i];
        GBytes *pixels = prepare_picture(run, at, item);
        if (!pixels)
            continue;
        rows[usable->len] = g_bytes_get_data(pixels, NULL);
        g_ptr_array_add(kept, pixels);
        g_array_append_val(usable, item->id);
    }
    gsize dimension = (gsize)jd_model_get_info(at->encoder->model)->dimension;
    g_autofree float *vectors = g_new(float, dimension *BATCH_PICTURES);
    jd_pictures batch = {.items = rows, .count = usable->len};
    return jd_model_embed_pictures(at->encoder->model, &batch, vectors, error) &&
           put(run, at, usable, vectors, error);
}

/* Those of n ids whose items are still there: others may have erased some since they were listed.
 */
static GArray *remaining(embed_run *run, const task *at, guint from, guint n, GError **error)
{
    g_autoptr(GArray) ids = g_array_sized_new(FALSE, FALSE, sizeof(gint64), n);
    for (guint i = from; i < from + n; i++) {
        gint64 id = g_array_index(at->ids, gint64, i);
        g_autoptr(GError) problem = NULL;
        g_autoptr(GPtrArray) item = NULL;
        if (run->options->between)
            item = jd_store_get_items(run->kb->store, at->kind, &id, 1, &problem);
        if (!problem) {
            g_array_append_val(ids, id);
        } else if (!g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return NULL;
        }
    }
    return g_steal_pointer(&ids);
}

static gboolean do_batch(embed_run *run, const task *at, const GArray *ids, GError **error)
{
    return jd_encoder_load(run->kb->encoders, at->encoder, error) &&
           (at->pixels ? do_pictures(run, at, ids, error) : do_texts(run, at, ids, error));
}

static gboolean do_task(embed_run *run, const task *at, GError **error)
{
    const guint size = at->pixels ? BATCH_PICTURES : BATCH_TEXTS;
    for (guint i = 0; i < at->ids->len; i += size) {
        tell_progress(run, at);
        if (run->options->between)
            run->options->between(run->options->user);
        if (jd_cancelled(run->options->cancel, NULL)) {
            jd_set_error(error, JD_ERROR_CANCELLED, JD_REMEDY_EMBED_GOES_ON,
                         "stopped on request: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                         " vectors were made",
                         run->done, run->total);
            return FALSE;
        }
        guint n = MIN(size, at->ids->len - i);
        g_autoptr(GArray) ids = remaining(run, at, i, n, error);
        if (!ids || (ids->len > 0 && !do_batch(run, at, ids, error)))
            return FALSE;
        run->done += n;
    }
    tell_progress(run, at);
    return TRUE;
}

gboolean jd_kb_has_encoder(jd_kb *kb, const char *name, GError **error)
{
    if (name)
        return jd_encoders_find(kb->encoders, name, error) != NULL;
    const GPtrArray *texts = jd_encoders_list(kb->encoders, JD_ENCODER_TEXT, error);
    const GPtrArray *pictures =
        texts ? jd_encoders_list(kb->encoders, JD_ENCODER_PICTURES, error) : NULL;
    if (!pictures)
        return FALSE;
    if (texts->len + pictures->len > 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNAVAILABLE, "name a model folder with --model",
                 "there is no encoder to embed with: none is installed");
    return FALSE;
}

gboolean jd_kb_embed(jd_kb *kb, const jd_embed_options *options, jd_embed_report **report,
                     GError **error)
{
    static const jd_embed_options defaults = {0};
    gint64 began = g_get_monotonic_time();
    if (!jd_kb_check_writable(kb, error))
        return FALSE;
    g_auto(embed_run) run = {.kb = kb,
                             .options = options ? options : &defaults,
                             .report = g_new0(jd_embed_report, 1),
                             .tasks = g_array_new(FALSE, FALSE, sizeof(task))};
    run.report->skipped = jd_skipped_list_new();
    g_array_set_clear_func(run.tasks, task_clear);
    run.reporter = (jd_reporter){.fn = run.options->progress, .user = run.options->user};
    if (!plan(&run, error))
        return FALSE;
    for (guint i = 0; i < run.tasks->len; i++)
        if (!do_task(&run, &g_array_index(run.tasks, task, i), error))
            return FALSE;
    jd_store_refresh_caches(kb->store);
    run.report->seconds = (double)(g_get_monotonic_time() - began) / 1e6;
    if (report)
        *report = g_steal_pointer(&run.report);
    return TRUE;
}
