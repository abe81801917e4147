#include "ingest_write.h"

#include "base/error.h"
#include "base/limits.h"
#include "ingest_report.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* ---- groups ---- */

static gboolean begin(jd_writer *writer, GError **error)
{
    if (writer->open)
        return TRUE;
    if (!jd_store_begin(writer->store, error))
        return FALSE;
    writer->open = TRUE;
    writer->since = g_get_monotonic_time();
    writer->bytes = 0;
    return TRUE;
}

gboolean jd_writer_commit(jd_writer *writer, GError **error)
{
    if (writer->open) {
        writer->open = FALSE;
        if (!jd_store_commit(writer->store, error)) {
            jd_store_rollback(writer->store);
            return FALSE;
        }
    }
    writer->done += writer->pending;
    writer->pending = 0;
    return TRUE;
}

int jd_writer_patience_ms(const jd_writer *writer)
{
    if (!writer->open)
        return -1;
    gint64 passed_ms = (g_get_monotonic_time() - writer->since) / 1000;
    gboolean full =
        writer->pending >= JD_INGEST_COMMIT_DOCUMENTS || writer->bytes >= JD_INGEST_COMMIT_BYTES;
    return full ? 0 : MAX(0, JD_INGEST_COMMIT_MS - passed_ms);
}

/* A write that failed spoils its group: none of it is kept. */
static gboolean give_up(jd_writer *writer)
{
    jd_store_rollback(writer->store);
    writer->open = FALSE;
    return FALSE;
}

/* ---- one document ---- */

static gboolean look_up_images(jd_writer *writer, jd_ingest_job *job, GError **error)
{
    job->known_sources = g_ptr_array_new_with_free_func(g_free);
    if (job->known->image_count == 0)
        return TRUE;
    jd_item_range range = {
        .document = job->known->id, .kind = JD_ITEM_IMAGE, .first = 0, .last = INT_MAX};
    g_autoptr(GPtrArray) images = jd_store_get_range(writer->store, &range, error);
    if (!images)
        return FALSE;
    for (guint i = 0; i < images->len; i++) {
        const jd_item *image = images->pdata[i];
        if (image->source)
            g_ptr_array_add(job->known_sources, g_strdup(image->source));
    }
    return TRUE;
}

gboolean jd_writer_look_up(jd_writer *writer, jd_ingest_job *job, const char *collection,
                           GError **error)
{
    if (!jd_store_find_document(writer->store, collection, job->uri, &job->known, error))
        return FALSE;
    if (!job->known)
        return TRUE;
    job->known_settings = jd_store_document_settings(writer->store, job->known->id, error);
    return job->known_settings && look_up_images(writer, job, error);
}

static gboolean put(jd_writer *writer, const jd_ingest_job *job, GError **error)
{
    jd_store_document document = {
        .info = job->info, .items = job->items, .terms = job->terms, .settings = job->settings};
    if (!begin(writer, error))
        return FALSE;
    if (!jd_store_put_document(writer->store, &document, NULL, error)) {
        jd_prefix_error(error, "cannot store %s: ", job->uri);
        return give_up(writer);
    }
    writer->bytes += job->info->size;
    writer->report->documents++;
    for (guint i = 0; i < job->items->len; i++) {
        const jd_item *item = job->items->pdata[i];
        if (item->kind == JD_ITEM_TEXT)
            writer->report->chunks++;
        else
            writer->report->images++;
    }
    for (guint i = 0; i < job->warnings->len; i++)
        jd_skipped_add(writer->report->warnings, job->uri, job->warnings->pdata[i]);
    return TRUE;
}

static gboolean remove_document(jd_writer *writer, gint64 id, GError **error)
{
    if (!begin(writer, error))
        return FALSE;
    if (!jd_store_remove_document(writer->store, id, error))
        return give_up(writer);
    writer->removed = TRUE;
    return TRUE;
}

gboolean jd_writer_leave_out(jd_writer *writer, const jd_ingest_job *job, const char *collection,
                             gboolean *left_out, GError **error)
{
    gboolean shown;
    if (!jd_store_is_shown(writer->store, collection, job->sha256, &shown, error))
        return FALSE;
    if (shown && job->known && !remove_document(writer, job->known->id, error))
        return FALSE;
    writer->pending += shown;
    *left_out = shown;
    return TRUE;
}

gboolean jd_writer_settle(jd_writer *writer, jd_ingest_job *job, GError **error)
{
    switch (job->outcome) {
    case JD_JOB_READ:
        if (!put(writer, job, error))
            return FALSE;
        break;
    case JD_JOB_UNCHANGED:
        writer->report->unchanged++;
        break;
    case JD_JOB_SKIPPED: {
        g_autofree char *reason =
            job->known ? g_strconcat(job->error->message, " (what was read earlier is kept)", NULL)
                       : g_strdup(job->error->message);
        jd_skipped_add(writer->report->skipped, job->uri, reason);
        break;
    }
    case JD_JOB_FAILED:
        g_propagate_error(error, g_steal_pointer(&job->error));
        return FALSE;
    case JD_JOB_PICTURE:
        return TRUE;
    }
    writer->pending++;
    return TRUE;
}

/* ---- pruning ---- */

static gboolean has_vanished(const jd_document_info *info, const jd_roots *roots)
{
    struct stat file;
    for (guint i = 0; i < roots->list->len; i++) {
        const jd_root *root = roots->list->pdata[i];
        if (root->is_folder && jd_path_is_inside(info->uri, root->path))
            return lstat(info->uri, &file) < 0 && (errno == ENOENT || errno == ENOTDIR);
    }
    return FALSE;
}

gboolean jd_writer_prune(jd_writer *writer, const jd_roots *roots, const char *collection,
                         GError **error)
{
    jd_filter filter = {.collection = collection};
    g_autoptr(GPtrArray) documents = jd_store_list_documents(writer->store, &filter, error);
    if (!documents)
        return FALSE;
    guint pruned = 0;
    for (guint i = 0; i < documents->len; i++) {
        const jd_document_info *info = documents->pdata[i];
        if (!has_vanished(info, roots))
            continue;
        if (!remove_document(writer, info->id, error))
            return FALSE;
        pruned++;
    }
    if (!jd_writer_commit(writer, error))
        return FALSE;
    writer->report->pruned = pruned;
    return TRUE;
}
