/*
 * SHA-256 of bytes and files, as 64 lower-case hex digits. By nettle, which uses the instructions
 * for it that a CPU may have.
 */
#ifndef JD_BASE_HASH_H
#define JD_BASE_HASH_H

#include <glib.h>

enum { JD_SHA256_BYTES = 32 };

/** Of `length` bytes. */
char *jd_sha256(const void *data, gsize length);

/** Of `length` bytes, as it is. */
void jd_sha256_raw(const void *data, gsize length, guint8 digest[JD_SHA256_BYTES]);

/**
 * Of the file behind `fd`, from its start; the file offset is left at the end. `size` (may be NULL)
 * gets the number of bytes hashed. NULL with JD_ERROR_IO where reading fails.
 */
char *jd_sha256_fd(int fd, gint64 *size, GError **error);

/** Of bytes that come piece by piece. */
typedef struct jd_sha256_sum jd_sha256_sum;

jd_sha256_sum *jd_sha256_sum_new(void);
void jd_sha256_sum_free(jd_sha256_sum *sum);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_sha256_sum, jd_sha256_sum_free)

void jd_sha256_sum_add(jd_sha256_sum *sum, const void *data, gsize length);

/** Of what was added so far; more may follow. */
char *jd_sha256_sum_text(const jd_sha256_sum *sum);

#endif
