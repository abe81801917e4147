#include "cli/line_reader.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

struct jd_line_reader {
    int fd;
    char *name;
    GByteArray *buffer;
    gsize start;   /* of what was not given out yet */
    gsize scanned; /* no line ends before this */
    guint64 number;
    gboolean ended;
};

jd_line_reader *jd_line_reader_open(const char *path, GError **error)
{
    const gboolean standard = strcmp(path, "-") == 0;
    const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot open %s", path);
        return NULL;
    }
    jd_line_reader *reader = g_new0(jd_line_reader, 1);
    reader->fd = fd;
    reader->name = g_strdup(standard ? "standard input" : path);
    reader->buffer = g_byte_array_new();
    return reader;
}

void jd_line_reader_free(jd_line_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd != STDIN_FILENO)
        close(reader->fd);
    g_byte_array_unref(reader->buffer);
    g_free(reader->name);
    g_free(reader);
}

guint64 jd_line_reader_number(const jd_line_reader *reader)
{
    return reader->number;
}

const char *jd_line_reader_name(const jd_line_reader *reader)
{
    return reader->name;
}

/* Where the line ends that begins at `start`; NULL where its end is not there yet. */
static const guint8 *find_end(const jd_line_reader *reader)
{
    const gsize from = MAX(reader->scanned, reader->start);
    return reader->buffer->len > from
               ? memchr(reader->buffer->data + from, '\n', reader->buffer->len - from)
               : NULL;
}

static gboolean read_more(jd_line_reader *reader, GError **error)
{
    enum { BLOCK = 1 << 16 };
    reader->scanned = reader->buffer->len;
    if (reader->start > 0) {
        g_byte_array_remove_range(reader->buffer, 0, (guint)reader->start);
        reader->scanned -= reader->start;
        reader->start = 0;
    }
    const guint used = reader->buffer->len;
    if (used > JD_LIMIT_INPUT_LINE_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, "split it",
                     "%s: line %" G_GUINT64_FORMAT " is longer than %lld MiB", reader->name,
                     reader->number + 1, JD_LIMIT_INPUT_LINE_BYTES / JD_MIB);
        return FALSE;
    }
    g_byte_array_set_size(reader->buffer, used + BLOCK);
    gssize got;
    do
        got = read(reader->fd, reader->buffer->data + used, BLOCK);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        jd_set_error_errno(error, errno, "cannot read %s", reader->name);
    g_byte_array_set_size(reader->buffer, used + (guint)MAX(got, 0));
    reader->ended = got == 0;
    return got >= 0;
}

const char *jd_line_reader_next(jd_line_reader *reader, gsize *length, GError **error)
{
    const guint8 *end;
    while (!(end = find_end(reader)) && !reader->ended)
        if (!read_more(reader, error))
            return NULL;
    const guint8 *line = reader->buffer->data + reader->start;
    if (!end && reader->buffer->len == reader->start)
        return NULL;
    *length = end ? (gsize)(end - line) : reader->buffer->len - reader->start;
    reader->start += *length + (end ? 1 : 0);
    reader->scanned = reader->start;
    reader->number++;
    if (*length > 0 && line[*length - 1] == '\r')
        (*length)--;
    return (const char *)line;
}

gboolean jd_line_reader_would_wait(const jd_line_reader *reader)
{
    struct pollfd pipe = {.fd = reader->fd, .events = POLLIN};
    return !reader->ended && !find_end(reader) && poll(&pipe, 1, 0) == 0;
}
