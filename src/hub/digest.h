/* Hashes of a model's files: SHA-256, and the name that git gives a file's contents. */
#ifndef JD_HUB_DIGEST_H
#define JD_HUB_DIGEST_H

#include "hub/files.h"

#include <jackdaw.h>

typedef struct jd_digest {
    char *sha256; /* 64 hex digits */
    char *blob; /* SHA-1 of "blob <size>", a NUL and the bytes, 40 hex digits: git's object name */
    gint64 size;
} jd_digest;

void jd_digest_clear(jd_digest *digest);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_digest, jd_digest_clear)

/** Reads the file at `path` from its start; `blob`: for git's name, too. `cancel` may be NULL. */
gboolean jd_digest_file(const char *path, gboolean blob, const jd_cancel *cancel, jd_digest *digest,
                        GError **error);

/**
 * Whether the file at `path` is `expected`: size and every hash that `expected` has. Then
 * expected->sha256 and ->size are filled in. JD_ERROR_INVALID says what was found instead.
 */
gboolean jd_digest_check(const char *path, jd_model_file *expected, const jd_cancel *cancel,
                         GError **error);

#endif
