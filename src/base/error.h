/*
 * Errors: how every stage reports what went wrong. The codes are in jackdaw.h.
 *
 * A message is one sentence without a full stop: what, where, what was found, what was expected.
 * The hint says what to do and may be NULL.
 */
#ifndef JD_BASE_ERROR_H
#define JD_BASE_ERROR_H

#include <jackdaw.h>

/** Sets `error` (ignored where NULL) from a printf format; `hint` is copied and may be NULL. */
void jd_set_error(GError **error, jd_error_code code, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/**
 * Sets `error` from an errno value: ENOSPC and EDQUOT give JD_ERROR_NO_SPACE, EACCES, EPERM and
 * EROFS JD_ERROR_READ_ONLY, ENOENT JD_ERROR_NOT_FOUND, all others JD_ERROR_IO. The text is `format`
 * with ": <strerror>" after it.
 */
void jd_set_error_errno(GError **error, int number, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** Puts a prefix in front of the message, keeping code and hint. Does nothing where *error is NULL.
 */
void jd_prefix_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
