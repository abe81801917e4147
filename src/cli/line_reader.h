/* Lines of a file or pipe, one after the other, each within a limit. */
#ifndef JD_CLI_LINE_READER_H
#define JD_CLI_LINE_READER_H

#include <glib.h>

typedef struct jd_line_reader jd_line_reader;

/** `path` "-": standard input. JD_ERROR_NOT_FOUND, JD_ERROR_IO, ... naming the file. */
jd_line_reader *jd_line_reader_open(const char *path, GError **error);
void jd_line_reader_free(jd_line_reader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_line_reader, jd_line_reader_free)

/**
 * The next line without its end, `*length` bytes, valid until the next call; NULL at the end, or
 * with `error` set: reading failed, or the line is longer than JD_LIMIT_INPUT_LINE_BYTES.
 */
const char *jd_line_reader_next(jd_line_reader *reader, gsize *length, GError **error);

/** Number of the line that came last, from 1. */
guint64 jd_line_reader_number(const jd_line_reader *reader);
/** How messages name the file. */
const char *jd_line_reader_name(const jd_line_reader *reader);

/** Whether the next line would have to be waited for: whoever writes it may itself be waiting for
 * what was made of the lines so far. */
gboolean jd_line_reader_would_wait(const jd_line_reader *reader);

#endif
