#include "hub/digest.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void jd_digest_clear(jd_digest *digest)
{
    g_clear_pointer(&digest->sha256, g_free);
    g_clear_pointer(&digest->blob, g_free);
}

static GChecksum *blob_checksum(gint64 size)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA1);
    g_autofree char *head = g_strdup_printf("blob %" G_GINT64_FORMAT, size);
    g_checksum_update(sum, (const guchar *)head, (gssize)strlen(head) + 1);
    return sum;
}

/* `blob` may be NULL. */
static gboolean read_all(int fd, jd_sha256_sum *sha256, GChecksum *blob, const jd_cancel *cancel,
                         GError **error)
{
    enum { PIECE = 1 << 18 };
    g_autofree guchar *piece = g_malloc(PIECE);
    for (;;) {
        ssize_t got = read(fd, piece, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            jd_set_error_errno(error, errno, "cannot read it");
            return FALSE;
        }
        if (got == 0)
            return TRUE;
        jd_sha256_sum_add(sha256, piece, (gsize)got);
        if (blob)
            g_checksum_update(blob, piece, got);
        if (jd_cancelled(cancel, error))
            return FALSE;
    }
}

gboolean jd_digest_file(const char *path, gboolean blob, const jd_cancel *cancel, jd_digest *digest,
                        GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        jd_set_error_errno(error, errno, "%s: cannot open it", path);
        if (fd >= 0)
            close(fd);
        return FALSE;
    }
    g_autoptr(jd_sha256_sum) sha256 = jd_sha256_sum_new();
    g_autoptr(GChecksum) sha1 = blob ? blob_checksum(info.st_size) : NULL;
    gboolean done = read_all(fd, sha256, sha1, cancel, error);
    close(fd);
    if (!done) {
        jd_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    digest->sha256 = jd_sha256_sum_text(sha256);
    digest->blob = sha1 ? g_strdup(g_checksum_get_string(sha1)) : NULL;
    digest->size = info.st_size;
    return TRUE;
}

static gboolean check_hash(const jd_model_file *expected, const char *kind, const char *wanted,
                           const char *found, GError **error)
{
    if (!wanted || g_strcmp0(wanted, found) == 0)
        return TRUE;
    gboolean known = expected->verified == JD_VERIFIED_KNOWN;
    jd_set_error(error, JD_ERROR_INVALID,
                 "it was changed or damaged on its way, or the source is not to be trusted: try "
                 "again, or take another source",
                 "%s has the %s %s; %s %s", expected->path, kind, found,
                 known ? "Jackdaw knows it to have" : "it was promised to have", wanted);
    return FALSE;
}

gboolean jd_digest_check(const char *path, jd_model_file *expected, const jd_cancel *cancel,
                         GError **error)
{
    g_auto(jd_digest) found = {0};
    if (!jd_digest_file(path, expected->blob != NULL, cancel, &found, error))
        return FALSE;
    if (expected->size >= 0 && found.size != expected->size) {
        jd_set_error(error, JD_ERROR_INVALID, "try again",
                     "%s has %" G_GINT64_FORMAT " bytes; %" G_GINT64_FORMAT " were promised",
                     expected->path, found.size, expected->size);
        return FALSE;
    }
    if (!check_hash(expected, "SHA-256", expected->sha256, found.sha256, error) ||
        !check_hash(expected, "git hash", expected->blob, found.blob, error))
        return FALSE;
    if (!expected->sha256)
        expected->sha256 = g_steal_pointer(&found.sha256);
    expected->size = found.size;
    return TRUE;
}
