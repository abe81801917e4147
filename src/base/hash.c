#include "base/hash.h"

#include "base/error.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <unistd.h>

G_STATIC_ASSERT(JD_SHA256_BYTES == SHA256_DIGEST_SIZE);

struct jd_sha256_sum {
    struct sha256_ctx state;
};

static char *to_hex(const guint8 digest[JD_SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *text = g_malloc(2 * JD_SHA256_BYTES + 1);
    for (int i = 0; i < JD_SHA256_BYTES; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[2 * JD_SHA256_BYTES] = '\0';
    return text;
}

void jd_sha256_raw(const void *data, gsize length, guint8 digest[JD_SHA256_BYTES])
{
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, length, data);
    sha256_digest(&state, JD_SHA256_BYTES, digest);
}

char *jd_sha256(const void *data, gsize length)
{
    guint8 digest[JD_SHA256_BYTES];
    jd_sha256_raw(data, length, digest);
    return to_hex(digest);
}

jd_sha256_sum *jd_sha256_sum_new(void)
{
    jd_sha256_sum *sum = g_new(jd_sha256_sum, 1);
    sha256_init(&sum->state);
    return sum;
}

void jd_sha256_sum_free(jd_sha256_sum *sum)
{
    g_free(sum);
}

void jd_sha256_sum_add(jd_sha256_sum *sum, const void *data, gsize length)
{
    sha256_update(&sum->state, length, data);
}

char *jd_sha256_sum_text(const jd_sha256_sum *sum)
{
    guint8 digest[JD_SHA256_BYTES];
    struct sha256_ctx state = sum->state; /* taking the digest begins anew */
    sha256_digest(&state, JD_SHA256_BYTES, digest);
    return to_hex(digest);
}

char *jd_sha256_fd(int fd, gint64 *size, GError **error)
{
    enum { BUFFER = 1 << 16 };
    g_autofree guchar *buffer = g_malloc(BUFFER);
    jd_sha256_sum sum;
    gint64 total = 0;
    sha256_init(&sum.state);
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
        jd_sha256_sum_add(&sum, buffer, (gsize)got);
        total += got;
    }
    if (size)
        *size = total;
    return jd_sha256_sum_text(&sum);
}
