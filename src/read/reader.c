#include "read/reader.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/pool.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Size of a regular file within the limit, or -1. */
static gint64 checked_size(int fd, gint64 limit, GError **error)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        jd_set_error_errno(error, errno, "cannot tell the file's size");
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "not a regular file");
        return -1;
    }
    if (status.st_size <= limit)
        return status.st_size;
    jd_set_error(error, JD_ERROR_LIMIT, "split the file or make it smaller",
                 "the file has %lld MiB; at most %lld MiB are read",
                 (long long)(status.st_size / JD_MIB), (long long)(limit / JD_MIB));
    return -1;
}

/* The name is a hint; of a long path its end tells the type. */
static char *short_name(const char *name)
{
    if (!name)
        return NULL;
    g_autofree char *base = g_path_get_basename(name);
    gsize length = strlen(base);
    return g_utf8_make_valid(base + (length - MIN(length, JD_LIMIT_NAME_BYTES)), -1);
}

jd_document *jd_reader_pool_read(jd_reader_pool *pool, int fd, const jd_read_request *request,
                                 GError **error)
{
    gint64 size = checked_size(
        fd, request->picture_only ? JD_LIMIT_PICTURE_BYTES : JD_LIMIT_FILE_BYTES, error);
    if (size < 0)
        return NULL;
    g_auto(jd_request) message = {.type = JD_RECORD_READ,
                                  .size = (guint64)size,
                                  .name = short_name(request->name),
                                  .article = request->article,
                                  .picture_only = request->picture_only};
    const jd_reply_expected expected = {.type = JD_RECORD_DOCUMENT, .file_size = (guint64)size};
    const jd_reader_job job = {&message, fd, &expected};
    jd_reply reply = {0};
    return jd_reader_pool_ask(pool, &job, &reply, error) ? reply.document : NULL;
}

static gboolean write_all(int fd, const guint8 *data, gsize size)
{
    while (size > 0) {
        gssize written = write(fd, data, size);
        if (written < 0 && errno != EINTR)
            return FALSE;
        if (written > 0) {
            data += written;
            size -= (gsize)written;
        }
    }
    return TRUE;
}

/* A file in memory with the pictures one after the other; -1 where that fails. */
static int memory_file(GBytes *const *pictures, guint count, GError **error)
{
    int fd = memfd_create("jackdaw-picture", MFD_CLOEXEC);
    gboolean ok = fd >= 0;
    for (guint i = 0; ok && i < count; i++) {
        gsize size;
        const guint8 *data = g_bytes_get_data(pictures[i], &size);
        ok = write_all(fd, data, size);
    }
    if (ok)
        return fd;
    jd_set_error_errno(error, errno, "cannot hand a picture to the reader");
    if (fd >= 0)
        close(fd);
    return -1;
}

static gboolean ask_about(jd_reader_pool *pool, GBytes *const *pictures, jd_reader_job *job,
                          jd_reply *reply, GError **error)
{
    guint count = job->request->pictures ? job->request->pictures->len : 1;
    job->fd = memory_file(pictures, count, error);
    if (job->fd < 0)
        return FALSE;
    gboolean ok = jd_reader_pool_ask(pool, job, reply, error);
    close(job->fd);
    return ok;
}

jd_pixels *jd_reader_pool_pixels(jd_reader_pool *pool, GBytes *picture, int max_width,
                                 int max_height, GError **error)
{
    const jd_request message = {.type = JD_RECORD_SCALE,
                                .size = g_bytes_get_size(picture),
                                .max_width = CLAMP(max_width, 0, JD_LIMIT_PICTURE_SIDE),
                                .max_height = CLAMP(max_height, 0, JD_LIMIT_PICTURE_SIDE)};
    const jd_reply_expected expected = {
        .type = JD_RECORD_PIXELS, .max_width = message.max_width, .max_height = message.max_height};
    jd_reader_job job = {&message, -1, &expected};
    jd_reply reply = {0};
    return ask_about(pool, &picture, &job, &reply, error) ? reply.pixels : NULL;
}

/* RGBA that is opaque, without its alpha. */
static GBytes *drop_alpha(const jd_pixels *pixels)
{
    const gsize count = (gsize)pixels->width * (gsize)pixels->height;
    guint8 *rgb = g_malloc_n(count, 3);
    for (gsize i = 0; i < count; i++)
        memcpy(rgb + 3 * i, pixels->rgba + 4 * i, 3);
    return g_bytes_new_take(rgb, 3 * count);
}

GBytes *jd_reader_pool_prepare(jd_reader_pool *pool, GBytes *picture,
                               const jd_prepare_request *request, GError **error)
{
    const int size = request->size;
    jd_request message = {
        .type = JD_RECORD_PREPARE, .size = g_bytes_get_size(picture), .prepare = *request};
    message.prepare.edge = MAX(request->edge, size);
    const jd_reply_expected expected = {
        .type = JD_RECORD_PIXELS, .max_width = size, .max_height = size};
    jd_reader_job job = {&message, -1, &expected};
    g_return_val_if_fail(size >= 1 && message.prepare.edge <= JD_LIMIT_PICTURE_SIDE, NULL);
    jd_reply reply = {0};
    if (!ask_about(pool, &picture, &job, &reply, error))
        return NULL;
    g_autoptr(jd_pixels) pixels = reply.pixels;
    if (pixels->width == size && pixels->height == size)
        return drop_alpha(pixels);
    jd_set_error(error, JD_ERROR_INTERNAL, NULL,
                 "the reader made a picture of %d x %d pixels where %d x %d were asked for",
                 pixels->width, pixels->height, size, size);
    return NULL;
}

static gboolean check_render(const jd_render_request *request, GError **error)
{
    guint count = request->pictures->len;
    if (count >= 1 && count <= JD_LIMIT_SHEET_PICTURES && request->max_side >= 1 &&
        request->max_side <= JD_LIMIT_PICTURE_SIDE)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, NULL,
                 "a sheet of %u pictures and %d pixels cannot be made; 1 to %d pictures and at "
                 "most %d pixels can",
                 count, request->max_side, JD_LIMIT_SHEET_PICTURES, JD_LIMIT_PICTURE_SIDE);
    return FALSE;
}

GBytes *jd_reader_pool_render(jd_reader_pool *pool, const jd_render_request *request,
                              const char **media_type, GError **error)
{
    if (!check_render(request, error))
        return NULL;
    g_auto(jd_request) message = {.type = JD_RECORD_RENDER, .max_side = request->max_side};
    message.pictures = jd_request_pictures_new();
    for (guint i = 0; i < request->pictures->len; i++) {
        jd_request_picture picture = {.size = g_bytes_get_size(request->pictures->pdata[i]),
                                      .label =
                                          g_strdup(request->labels ? request->labels[i] : NULL)};
        g_array_append_val(message.pictures, picture);
        message.size += picture.size;
    }
    const jd_reply_expected expected = {.type = JD_RECORD_PICTURE};
    jd_reader_job job = {&message, -1, &expected};
    jd_reply reply = {0};
    if (!ask_about(pool, (GBytes *const *)request->pictures->pdata, &job, &reply, error))
        return NULL;
    *media_type = reply.media_type;
    return reply.picture;
}

GPtrArray *jd_reader_pool_list(jd_reader_pool *pool, int fd, GError **error)
{
    gint64 size = checked_size(fd, G_MAXINT64, error);
    if (size < 0)
        return NULL;
    const jd_request message = {.type = JD_RECORD_LIST, .size = (guint64)size};
    const jd_reply_expected expected = {.type = JD_RECORD_ENTRIES};
    const jd_reader_job job = {.request = &message, .fd = fd, .expected = &expected};
    jd_reply reply = {0};
    return jd_reader_pool_ask(pool, &job, &reply, error) ? reply.entries : NULL;
}

/* Between the decoder, which knows no errors of the caller's, and the caller. */
typedef struct unpacking {
    const jd_unpack_request *request;
    GError *error;
} unpacking;

static gboolean pass_on(const void *data, gsize size, void *user)
{
    unpacking *u = user;
    return u->request->write(data, size, u->request->user, &u->error);
}

gboolean jd_reader_pool_unpack(jd_reader_pool *pool, int fd, const jd_unpack_request *request,
                               GError **error)
{
    gint64 size = checked_size(fd, G_MAXINT64, error);
    if (size < 0)
        return FALSE;
    unpacking own = {.request = request};
    const jd_request message = {
        .type = JD_RECORD_UNPACK, .size = (guint64)size, .entry = request->number};
    const jd_reply_expected expected = {
        .type = JD_RECORD_UNPACKED, .entry_size = request->size, .sink = pass_on, .user = &own};
    const jd_reader_job job = {
        .request = &message,
        .fd = fd,
        .expected = &expected,
        .seconds = JD_LIMIT_READER_SECONDS +
                   (int)MIN(request->size / JD_UNPACK_BYTES_A_SECOND, JD_LIMIT_UNPACK_SECONDS)};
    jd_reply reply = {0};
    g_autoptr(GError) cause = NULL;
    if (jd_reader_pool_ask(pool, &job, &reply, &cause))
        return TRUE;
    g_propagate_error(error, own.error ? own.error : g_steal_pointer(&cause));
    return FALSE;
}
