#include "base/hash.h"

#include "base/error.h"

#include <errno.h>
#include <unistd.h>

char *jd_sha256(const void *data, gsize length)
{
    return g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, length);
}

char *jd_sha256_fd(int fd, gint64 *size, GError **error)
{
    enum { BUFFER = 1 << 16 };
    g_autofree guchar *buffer = g_malloc(BUFFER);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gint64 total = 0;
    if (lseek(fd, 0, SEEK_SET) < 0) {
        jd_set_error_errno(error, errno, "cannot rewind the file");
        return NULL;
    }
    for (;;) {
        ssize_t got = read(fd, buffer, BUFFER);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            jd_set_error_errno(error, errno, "cannot read the file");
            return NULL;
        }
        if (got == 0)
            break;
        g_checksum_update(sum, buffer, got);
        total += got;
    }
    if (size)
        *size = total;
    return g_strdup(g_checksum_get_string(sum));
}
