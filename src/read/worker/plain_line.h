/* The lines of a plain text and what they look like. */
#ifndef JD_READ_WORKER_PLAIN_LINE_H
#define JD_READ_WORKER_PLAIN_LINE_H

#include "read/worker/charset.h"

typedef struct jd_line {
    const char *text;
    gsize length;      /* without its end and blanks before that */
    gsize indent;      /* bytes of blanks in front */
    gboolean new_page; /* a form feed stands before it */
} jd_line;

/** The line at `*at`, which moves behind it; FALSE at the end. Lines end in LF, CR LF, CR or before
 * a form feed. */
gboolean jd_line_next(const jd_decoded *file, gsize *at, jd_line *line);

/** The indentation of the next line from `at` on that is not blank, 0 where there is none. */
gsize jd_line_next_indent(const jd_decoded *file, gsize at);

/** Bytes up to an item's text where the line begins with a list mark, else 0; `number` gets the
 * item's number, -1 for a bullet. */
gsize jd_line_marker(const jd_line *line, int *number);

/** The level of the heading that a line of nothing but "=", "-", "~" or "^" underlines (1 to 4),
 * else 0. */
int jd_line_ruler(const jd_line *line);

/** How many numbers a numbered heading has ("3.2.  Name": 2), 0 for any other line. */
int jd_line_numbered(const jd_line *line);

/** Whether there is a run of blanks or a tab between words. */
gboolean jd_line_is_aligned(const jd_line *line);

/** The text without escape sequences, overstruck letters and control characters; NULL where it has
 * none, else the caller's, and `*length` changes. */
char *jd_line_clean(const char *text, gsize *length);

#endif
