/*
 * Bytes to UTF-8: what encoding a text is in, and its conversion.
 *
 * Told from the bytes: byte order marks, UTF-16 by the zeros of its ASCII characters, UTF-8 by
 * being valid. Everything else needs a label (an HTML page declares one).
 */
#ifndef JD_READ_WORKER_CHARSET_H
#define JD_READ_WORKER_CHARSET_H

#include "read/worker/format.h"

/** A text in UTF-8, borrowed from the file where that is UTF-8 already. */
typedef struct jd_decoded {
    const char *text; /* not NUL-terminated; valid UTF-8 where jd_decoded_init() made it */
    gsize size;
    gint64 offset; /* of text[0] in the file; -1 where places in text are no places in the file */
    char *owned;   /* the conversion, or NULL */
} jd_decoded;

/** Loads the converters of all known encodings and keeps them: the sandbox forbids loading later.
 */
void jd_charset_warm_up(void);

/** The converter's name for an encoding's label ("latin1", "x-sjis"; case ignored), or NULL. */
const char *jd_charset_find(const char *label, gsize length);

/** The encoding that a byte order mark or UTF-16's zeros tell, or NULL; `mark` gets the mark's
 * length. */
const char *jd_charset_told(const char *data, gsize size, gsize *mark);

/** Whether the text is UTF-8, zero bytes allowed; `*bad` gets the first byte that is not. */
gboolean jd_charset_is_utf8(const char *text, gsize size, const char **bad);

/** Whether this is text in some encoding rather than binary data, judged by its beginning. */
gboolean jd_charset_is_text(const char *data, gsize size);

/**
 * UTF-8 and the marked encodings only. Fails with JD_ERROR_UNSUPPORTED for binary data and with
 * JD_ERROR_INVALID, naming the first bad byte, for text in an encoding that nothing tells.
 */
gboolean jd_decoded_init(jd_decoded *decoded, const jd_format_input *input, GError **error);

/**
 * By the given converter; what does not belong to the encoding becomes U+FFFD, and `errors` (may be
 * NULL) gets the number of such places.
 */
gboolean jd_decoded_init_from(jd_decoded *decoded, const jd_format_input *input,
                              const char *charset, gsize *errors, GError **error);

void jd_decoded_clear(jd_decoded *decoded);

#endif
