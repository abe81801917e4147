#include "read/worker/serve.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/protocol.h"
#include "read/sanitized.h"
#include "read/worker/archive.h"
#include "read/worker/picture.h"
#include "read/worker/prepare.h"
#include "read/worker/sandbox.h"
#include "read/worker/scale.h"
#include "read/worker/sheet.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* After a file larger than this the heap is given back, lest one large file leave no room for the
 * next under the limit. */
#define TRIM_BYTES (4 * JD_MIB)

typedef struct reader {
    const jd_format *extra;
    jd_reply_encoder encoder;
    guint8 message[JD_LIMIT_REQUEST_BYTES];
} reader;

/* One request with the file it is about. */
typedef struct task {
    jd_request request;
    guint8 *data; /* request.size bytes */
} task;

/* ---- input and output ---- */

static gboolean write_reply(const void *data, gsize size, void *user)
{
    const char *at = data;
    while (size > 0) {
        gssize written = write(JD_READER_REPLY_FD, at, size);
        if (written < 0 && errno != EINTR)
            return FALSE;
        if (written > 0) {
            at += written;
            size -= (gsize)written;
        }
    }
    return TRUE;
}

/* The next message's length; 0 where there will be none. `fd` gets the descriptor beside it. */
static gsize receive(reader *self, int *fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = self->message, .iov_len = sizeof self->message};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    gssize got;
    do
        got = recvmsg(JD_READER_REQUEST_FD, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *fd = -1;
    struct cmsghdr *header = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(header), sizeof *fd);
    return got > 0 ? (gsize)got : 0;
}

static guint8 *read_file(int fd, gsize size, GError **error)
{
    guint8 *data = size <= JD_LIMIT_FILE_BYTES ? g_try_malloc(size + 1) : NULL;
    if (!data) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "no memory for a file of %" G_GSIZE_FORMAT " bytes", size);
        return NULL;
    }
    for (gsize done = 0; done < size;) {
        gssize got = pread(fd, data + done, size - done, (off_t)done);
        if (got > 0) {
            done += (gsize)got;
        } else if (got == 0 || errno != EINTR) {
            jd_set_error(error, JD_ERROR_IO, "try again", "the file %s",
                         got == 0 ? "became shorter while it was read" : "cannot be read");
            g_free(data);
            return NULL;
        }
    }
    return data;
}

/* ---- requests ---- */

static gboolean reply_error(reader *self, const GError *error)
{
    return jd_reply_encode_error(&self->encoder, error);
}

static const jd_format *find_format(const reader *self, const jd_format_input *input,
                                    gboolean picture_only, GError **error)
{
    if (self->extra && self->extra->sniff(input) > 0)
        return self->extra;
    const jd_format *format = jd_format_find(input, error);
    if (!format || !picture_only || format->read == jd_picture_read)
        return format;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "pictures may be JPEG, PNG, WebP or GIF",
                 "not a picture, but %s", format->media_type);
    return NULL;
}

static gboolean serve_read(reader *self, const task *work)
{
    const jd_request *request = &work->request;
    const jd_format_input input = {.data = (const char *)work->data,
                                   .size = request->size,
                                   .name = request->name,
                                   .article = request->article};
    g_autoptr(GError) error = NULL;
    const jd_format *format = find_format(self, &input, request->picture_only, &error);
    g_autoptr(jd_document) document = format ? format->read(&input, &error) : NULL;
    if (!document)
        return reply_error(self, error);
    if (!document->media_type)
        document->media_type = g_strdup(format->media_type);
    return jd_reply_encode_document(&self->encoder, document);
}

static gboolean serve_scale(reader *self, const task *work)
{
    const jd_request *request = &work->request;
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_pixels) pixels = jd_picture_fit(
        work->data, request->size, (jd_size){request->max_width, request->max_height}, &error);
    return pixels ? jd_reply_encode_pixels(&self->encoder, pixels) : reply_error(self, error);
}

static gboolean serve_render(reader *self, const task *work)
{
    const char *media_type = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) picture = jd_sheet_render(work->data, work->request.pictures,
                                                work->request.max_side, &media_type, &error);
    return picture ? jd_reply_encode_picture(&self->encoder, picture, media_type)
                   : reply_error(self, error);
}

static gboolean serve_prepare(reader *self, const task *work)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_pixels) pixels =
        jd_picture_prepare(work->data, work->request.size, &work->request.prepare, &error);
    return pixels ? jd_reply_encode_pixels(&self->encoder, pixels) : reply_error(self, error);
}

/* An archive may be larger than memory: it is read where it lies. */
static gboolean serve_archive(reader *self, int fd, const jd_request *request)
{
    g_autoptr(GError) error = NULL;
    const jd_archive_file file = {fd, request->size};
    g_autoptr(GPtrArray) entries =
        request->type == JD_RECORD_LIST ? jd_archive_list(&file, &error) : NULL;
    if (entries)
        return jd_reply_encode_entries(&self->encoder, entries);
    if (!error && jd_archive_unpack(&file, request->entry, &self->encoder, &error))
        return jd_reply_encode_unpacked_end(&self->encoder);
    return reply_error(self, error);
}

static gboolean serve_task(reader *self, int fd, gsize length)
{
    task work = {0};
    g_autoptr(GError) error = NULL;
    gboolean ok;
    if (!jd_request_decode(self->message, length, &work.request, &error))
        ok = reply_error(self, error);
    else if (work.request.type == JD_RECORD_LIST || work.request.type == JD_RECORD_UNPACK)
        ok = serve_archive(self, fd, &work.request);
    else if (!(work.data = read_file(fd, work.request.size, &error)))
        ok = reply_error(self, error);
    else if (work.request.type == JD_RECORD_READ)
        ok = serve_read(self, &work);
    else if (work.request.type == JD_RECORD_SCALE)
        ok = serve_scale(self, &work);
    else if (work.request.type == JD_RECORD_PREPARE)
        ok = serve_prepare(self, &work);
    else
        ok = serve_render(self, &work);
    gboolean large = work.request.size > TRIM_BYTES;
    jd_request_clear(&work.request);
    g_free(work.data);
    if (large)
        malloc_trim(0);
    return ok;
}

/* ---- the process ---- */

#ifdef JD_SANITIZED
/* A report ends in a signal, as any other crash does, and asks for nothing that is forbidden here:
 * it looks for no leaks and starts no symbolizer. */
const char *__asan_default_options(void);

__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
    return "abort_on_error=1:detect_leaks=0:symbolize=0:allocator_may_return_null=1";
}
#endif

/* Nothing is printed: what a library has to say about a file is an error or of no interest. GLib
 * says on this way that it ran out of memory, and would then trap. */
static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields, gsize count,
                                  gpointer user)
{
    for (gsize i = 0; i < count && (level & G_LOG_LEVEL_ERROR); i++)
        if (strcmp(fields[i].key, "MESSAGE") == 0 && strstr(fields[i].value, "failed to allocate"))
            _exit(JD_READER_EXIT_MEMORY);
    return G_LOG_WRITER_HANDLED;
}

static gboolean close_in(gint64 memory, GStrvBuilder *features, GError **error)
{
    jd_reader_warm_up();
    if (!jd_sandbox_limit(memory, error))
        return FALSE;
    g_strv_builder_add(features, "rlimits");
    int landlock = jd_sandbox_landlock();
    if (!jd_sandbox_filter(error))
        return FALSE;
    g_strv_builder_add(features, "seccomp");
    g_autofree char *name = g_strdup_printf("landlock %d", landlock);
    if (landlock > 0)
        g_strv_builder_add(features, name);
    return TRUE;
}

static gboolean say_hello(reader *self, gint64 memory)
{
    g_autoptr(GStrvBuilder) features = g_strv_builder_new();
    g_autoptr(GError) error = NULL;
    if (!close_in(memory, features, &error)) {
        reply_error(self, error);
        return FALSE;
    }
    g_auto(GStrv) names = g_strv_builder_end(features);
    return jd_reply_encode_hello(&self->encoder, (const char *const *)names);
}

static gboolean started_by_jackdaw(void)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(JD_READER_REQUEST_FD, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

int jd_reader_serve(int argc, char **argv, const jd_format *extra)
{
    gint64 memory;
    if (argc != 2 || !started_by_jackdaw() ||
        !g_ascii_string_to_signed(argv[1], 10, 1, G_MAXINT64 / 2, &memory, NULL)) {
        fprintf(stderr, "jackdaw-reader: started by jackdaw, not by hand\n");
        return 2;
    }
    g_log_set_writer_func(write_log, NULL, NULL);
    reader *self = g_new0(reader, 1);
    self->extra = extra;
    jd_reply_encoder_init(&self->encoder, write_reply, NULL);
    gboolean ok = say_hello(self, memory);
    while (ok) {
        int fd;
        gsize length = receive(self, &fd);
        if (length == 0)
            break;
        ok = serve_task(self, fd, length);
        if (fd >= 0)
            close(fd);
    }
    /* Without exit handlers: under a sanitizer they would look for leaks, which the filter forbids.
     */
    _exit(ok ? 0 : 1);
}
