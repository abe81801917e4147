/*
 * Streams cut into lines (NDJSON) and into server-sent events, whatever pieces they arrive in.
 *
 * The event stream is the HTML standard's (section 9.2.6): lines end in LF, CRLF or CR, "data:"
 * lines of one event are joined by LF, an empty line ends an event, lines that begin with a colon
 * are comments. Only the data is passed on.
 */
#ifndef JD_ANSWER_LINES_H
#define JD_ANSWER_LINES_H

#include <glib.h>

/** One line or event without its end; NUL-terminated, but NULs may be inside. FALSE stops. */
typedef gboolean (*jd_line_fn)(const char *line, gsize length, void *user);

typedef enum jd_lines_state {
    JD_LINES_ON,
    JD_LINES_STOPPED, /* the function wanted no more */
    JD_LINES_OVERLONG /* a line over the limit */
} jd_lines_state;

typedef struct jd_lines {
    GString *partial;
    gsize max;
    jd_lines_state state;
    gboolean after_cr; /* an LF that comes now belongs to the CR before it */
    jd_line_fn each;
    void *user;
} jd_lines;

/** Lines of at most `max` bytes. */
void jd_lines_init(jd_lines *lines, gsize max, jd_line_fn each, void *user);
void jd_lines_clear(jd_lines *lines);

/** Passes on every line that is complete now. After a stop or an overlong line, nothing more. */
jd_lines_state jd_lines_feed(jd_lines *lines, const char *data, gsize length);
/** Passes on the last line, where it had no end. */
jd_lines_state jd_lines_end(jd_lines *lines);

/** Events made of lines: give jd_sse_line() to jd_lines_init() with this as `user`. */
typedef struct jd_sse {
    GString *data;
    gsize max; /* bytes of one event */
    gboolean any;
    jd_line_fn each;
    void *user;
} jd_sse;

void jd_sse_init(jd_sse *sse, gsize max, jd_line_fn each, void *user);
void jd_sse_clear(jd_sse *sse);
gboolean jd_sse_line(const char *line, gsize length, void *sse);
/** Passes on the last event, where no empty line came after it. */
gboolean jd_sse_end(jd_sse *sse);

#endif
