/* SHA-256 of bytes and files, as 64 lower-case hex digits. */
#ifndef JD_BASE_HASH_H
#define JD_BASE_HASH_H

#include <glib.h>

/** Of `length` bytes. */
char *jd_sha256(const void *data, gsize length);

/**
 * Of the file behind `fd`, from its start; the file offset is left at the end. `size` (may be NULL)
 * gets the number of bytes hashed. NULL with JD_ERROR_IO where reading fails.
 */
char *jd_sha256_fd(int fd, gint64 *size, GError **error);

#endif
