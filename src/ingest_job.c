#include "ingest_job.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is open for reading. */
typedef struct job_source {
    int fd;
    struct stat info;
    jd_fetched *fetched; /* of a URL */
    jd_referrer referrer;
} job_source;

jd_ingest_job *jd_ingest_job_new(const char *uri)
{
    jd_ingest_job *job = g_new0(jd_ingest_job, 1);
    job->uri = g_strdup(uri);
    job->warnings = g_ptr_array_new_with_free_func(g_free);
    return job;
}

void jd_ingest_job_free(jd_ingest_job *job)
{
    if (!job)
        return;
    g_free(job->uri);
    g_free(job->path);
    jd_document_info_unref(job->known);
    g_free(job->known_settings);
    g_clear_pointer(&job->known_sources, g_ptr_array_unref);
    g_clear_error(&job->error);
    g_free(job->sha256);
    jd_document_info_unref(job->info);
    g_clear_pointer(&job->items, g_ptr_array_unref);
    g_clear_pointer(&job->terms, g_ptr_array_unref);
    g_free(job->settings);
    g_ptr_array_unref(job->warnings);
    g_free(job);
}

/* ---- opening ---- */

static void source_close(job_source *source)
{
    if (source->fetched)
        jd_fetched_free(source->fetched);
    else if (source->fd >= 0)
        close(source->fd);
}

static gboolean check_size(const struct stat *info, GError **error)
{
    if (!S_ISREG(info->st_mode)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "no longer a file");
        return FALSE;
    }
    if (info->st_size == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "empty file");
        return FALSE;
    }
    if (info->st_size > JD_LIMIT_FILE_BYTES) {
        g_autofree char *size = g_format_size_full(info->st_size, G_FORMAT_SIZE_IEC_UNITS);
        g_autofree char *limit = g_format_size_full(JD_LIMIT_FILE_BYTES, G_FORMAT_SIZE_IEC_UNITS);
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s, over the limit of %s for one file", size,
                     limit);
        return FALSE;
    }
    return TRUE;
}

/* Most paths have no symbolic link in them: that is found out by opening. */
static int open_local(const jd_roots *roots, const char *path, GError **error)
{
    int fd = jd_roots_open(roots, path, NULL);
    if (fd >= 0)
        return fd;
    g_autofree char *resolved = jd_roots_resolve(roots, path, error);
    return resolved ? jd_roots_open(roots, resolved, error) : -1;
}

static gboolean source_open(job_source *source, const jd_ingest_job *job,
                            const jd_ingest_context *context, GError **error)
{
    const char *path = jd_ingest_job_path(job);
    source->referrer.document = path;
    if (jd_fetch_is_url(path)) {
        source->fetched = jd_fetcher_get(context->fetcher, path, JD_FETCH_PAGE, error);
        if (!source->fetched)
            return FALSE;
        source->fd = source->fetched->fd;
        source->referrer.document = source->fetched->url;
    } else {
        source->fd = open_local(context->roots, path, error);
        if (source->fd < 0)
            return FALSE;
    }
    if (fstat(source->fd, &source->info) < 0) {
        jd_set_error(error, JD_ERROR_IO, NULL, "cannot look at the open file");
        return FALSE;
    }
    return check_size(&source->info, error);
}

/* Whether the file begins as the pictures do that the reader knows. */
static gboolean looks_like_picture(int fd)
{
    enum { ENOUGH = 12 };
    char head[ENOUGH] = "";
    if (pread(fd, head, ENOUGH, 0) < ENOUGH)
        return FALSE;
    return memcmp(head, "\xFF\xD8\xFF", 3) == 0 || memcmp(head, "\x89PNG\r\n", 6) == 0 ||
           memcmp(head, "GIF8", 4) == 0 ||
           (memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0);
}

static gboolean still_the_same(const job_source *source, GError **error)
{
    struct stat now;
    const struct stat *then = &source->info;
    if (fstat(source->fd, &now) == 0 && now.st_size == then->st_size &&
        now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == then->st_mtim.tv_nsec && (now.st_nlink > 0 || source->fetched))
        return TRUE;
    jd_set_error(error, JD_ERROR_IO, NULL, "it changed or vanished while it was being read");
    return FALSE;
}

/* ---- settings ---- */

/* Raised when reading or chunking gives other items than before: all is read anew then. */
enum { EXTRACTION_VERSION = 1 };

char *jd_ingest_settings(const jd_chunk_options *chunk)
{
    if (chunk->chunking == JD_CHUNKING_ARTICLE)
        return g_strdup_printf("v%d;chunking=article", EXTRACTION_VERSION);
    return g_strdup_printf("v%d;chunking=default;target=%d;overlap=%d", EXTRACTION_VERSION,
                           chunk->target_chars > 0 ? chunk->target_chars : JD_CHUNK_TARGET_CHARS,
                           chunk->overlap_chars >= 0 ? chunk->overlap_chars
                                                     : JD_CHUNK_OVERLAP_CHARS);
}

/* The value of "name=value" among the parts of a settings string, or NULL. */
static const char *setting(char *const *parts, const char *name)
{
    gsize length = strlen(name);
    for (; *parts; parts++)
        if (strncmp(*parts, name, length) == 0 && (*parts)[length] == '=')
            return *parts + length + 1;
    return NULL;
}

/* Whether what the knowledge base holds is what reading the file again would give. */
static gboolean is_unchanged(const jd_ingest_job *job, const jd_ingest_context *context,
                             const job_source *source)
{
    if (!job->known || context->force || g_strcmp0(job->known->sha256, job->sha256) != 0)
        return FALSE;
    gsize length = strlen(context->settings);
    const char *rest = job->known_settings + length;
    if (strncmp(job->known_settings, context->settings, length) != 0 || (*rest && *rest != ';'))
        return FALSE;
    g_auto(GStrv) parts = g_strsplit(rest, ";", -1);
    if (context->fetcher && setting(parts, "remote"))
        return FALSE;
    const char *base = setting(parts, "base");
    g_autofree char *decoded = base ? g_uri_unescape_string(base, NULL) : NULL;
    jd_referrer referrer = {.document = source->referrer.document, .base = decoded};
    g_auto(jd_fingerprint) now = {0};
    for (guint i = 0; i < job->known_sources->len; i++) {
        g_auto(jd_reference) reference = {0};
        gboolean found = jd_reference_find(context->roots, &referrer, job->known_sources->pdata[i],
                                           &reference, NULL);
        jd_fingerprint_add(&now, found ? &reference : NULL);
    }
    g_autofree char *pictures = jd_fingerprint_text(&now);
    return g_strcmp0(pictures, setting(parts, "pictures")) == 0;
}

static char *settings_of(const jd_ingest_context *context, const char *fingerprint,
                         const char *base, gboolean remote_left)
{
    GString *settings = g_string_new(context->settings);
    if (fingerprint)
        g_string_append_printf(settings, ";pictures=%s", fingerprint);
    if (base) {
        g_autofree char *escaped = g_uri_escape_string(base, NULL, TRUE);
        g_string_append_printf(settings, ";base=%s", escaped);
    }
    if (remote_left)
        g_string_append(settings, ";remote=left");
    return g_string_free(settings, FALSE);
}

/* ---- pictures ---- */

static void warn(jd_ingest_job *job, char *text)
{
    if (job->warnings->len < JD_LIMIT_DOCUMENT_WARNINGS)
        g_ptr_array_add(job->warnings, text);
    else
        g_free(text);
}

/* Gives an image its bytes and its place in the fingerprint. Returns whether it stayed on the web.
 */
static gboolean load_picture(jd_ingest_job *job, const jd_ingest_context *context,
                             const jd_referrer *referrer, jd_fingerprint *fingerprint,
                             jd_item *item)
{
    g_autoptr(GError) error = NULL;
    g_auto(jd_reference) reference = {0};
    gboolean found = jd_reference_find(context->roots, referrer, item->source, &reference, &error);
    jd_fingerprint_add(fingerprint, found ? &reference : NULL);
    if (item->bytes)
        return FALSE;
    if (found && reference.url && !context->fetcher)
        return TRUE;
    if (!found || !jd_pictures_load(context->pictures, &reference, item, &error))
        warn(job, g_strdup_printf("picture %s: %s", item->source, error->message));
    return FALSE;
}

/* Gives the images their bytes. Returns how many were left on the web. */
static guint load_pictures(jd_ingest_job *job, const jd_ingest_context *context,
                           const jd_referrer *referrer, jd_fingerprint *fingerprint)
{
    guint left = 0;
    for (guint i = 0; i < job->items->len; i++) {
        jd_item *item = job->items->pdata[i];
        if (item->kind != JD_ITEM_IMAGE)
            continue;
        if (item->bytes) {
            gsize size;
            const void *data = g_bytes_get_data(item->bytes, &size);
            item->sha256 = jd_sha256(data, size);
        }
        if (item->source)
            left += load_picture(job, context, referrer, fingerprint, item);
    }
    if (left > 0)
        warn(job, g_strdup_printf("%u %s on the web not fetched (--fetch fetches them)", left,
                                  left == 1 ? "picture" : "pictures"));
    return left;
}

/* ---- the job ---- */

static jd_document_info *info_of(const jd_ingest_job *job, const jd_ingest_context *context,
                                 const job_source *source, jd_document *document)
{
    jd_document_info *info = jd_document_info_new();
    gboolean remote = source->fetched != NULL;
    info->collection = g_strdup(context->collection);
    info->uri = g_strdup(job->uri);
    info->sha256 = g_strdup(job->sha256);
    info->title = g_steal_pointer(&document->title);
    if (!info->title || !info->title[0]) {
        g_free(info->title);
        info->title = remote ? g_strdup(job->uri) : g_path_get_basename(jd_ingest_job_path(job));
    }
    info->media_type = g_steal_pointer(&document->media_type);
    info->language = jd_chunk_language(document);
    info->published = g_steal_pointer(&document->published);
    info->authors = g_steal_pointer(&document->authors);
    info->mtime =
        remote && source->fetched->modified ? source->fetched->modified : source->info.st_mtime;
    info->size = source->info.st_size;
    return info;
}

static void make_terms(jd_ingest_job *job, const jd_ingest_context *context)
{
    jd_term_maker *maker = g_async_queue_pop(context->term_makers);
    job->terms = jd_terms_make(maker, job->info->title, job->items);
    g_async_queue_push(context->term_makers, maker);
}

static gboolean read_document(jd_ingest_job *job, const jd_ingest_context *context,
                              job_source *source, GError **error)
{
    jd_read_request request = {.name = jd_ingest_job_path(job),
                               .article = context->chunk.chunking == JD_CHUNKING_ARTICLE};
    g_autoptr(jd_document) document =
        jd_reader_pool_read(context->readers, source->fd, &request, error);
    if (!document) {
        if (g_error_matches(*error, JD_ERROR, JD_ERROR_UNAVAILABLE))
            job->outcome = JD_JOB_FAILED;
        return FALSE;
    }
    job->items = jd_chunk_document(document, &context->chunk);
    if (job->items->len == 0) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "holds neither text nor pictures");
        return FALSE;
    }
    for (guint i = 0; i < document->warnings->len; i++)
        warn(job, g_strdup(document->warnings->pdata[i]));
    source->referrer.base = document->base;
    g_auto(jd_fingerprint) fingerprint = {0};
    guint left = load_pictures(job, context, &source->referrer, &fingerprint);
    g_autofree char *pictures = jd_fingerprint_text(&fingerprint);
    job->settings = settings_of(context, pictures, document->base, left > 0);
    job->info = info_of(job, context, source, document);
    make_terms(job, context);
    source->referrer.base = NULL;
    return TRUE;
}

static gboolean run(jd_ingest_job *job, const jd_ingest_context *context, job_source *source,
                    GError **error)
{
    if (g_atomic_int_get(context->stop)) {
        jd_set_error(error, JD_ERROR_CANCELLED, NULL, "stopped on request");
        return FALSE;
    }
    if (!source_open(source, job, context, error))
        return FALSE;
    g_free(job->sha256);
    job->sha256 = jd_sha256_fd(source->fd, NULL, error);
    if (!job->sha256)
        return FALSE;
    if (job->put_off_picture && looks_like_picture(source->fd)) {
        job->outcome = JD_JOB_PICTURE;
        return TRUE;
    }
    if (is_unchanged(job, context, source)) {
        job->outcome = JD_JOB_UNCHANGED;
        return TRUE;
    }
    if (!read_document(job, context, source, error) || !still_the_same(source, error))
        return FALSE;
    job->outcome = JD_JOB_READ;
    return TRUE;
}

void jd_ingest_job_run(jd_ingest_job *job, const jd_ingest_context *context)
{
    job_source source = {.fd = -1};
    job->outcome = JD_JOB_SKIPPED;
    run(job, context, &source, &job->error);
    source_close(&source);
}
