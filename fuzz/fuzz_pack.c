#include "nn/pack.h"

#include "base/hash.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEY_AT = 16 };

/* A file of packed weights as an earlier process left it; its key is made to fit, or nothing behind
 * it would be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char key[] = "key";
    g_autofree guint8 *copy = g_memdup2(data, size);
    if (size >= KEY_AT + JD_SHA256_BYTES)
        jd_sha256_raw(key, strlen(key), copy + KEY_AT);
    const int fd = memfd_create("pack", MFD_CLOEXEC);
    if (fd < 0 || (size > 0 && write(fd, copy, size) != (gssize)size))
        return 0;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(jd_pack) pack = jd_pack_open(path, key);
    const char *values = jd_pack_get(pack, "layer.w", 8);
    g_assert(!values || jd_pack_is_mapped(pack));
    volatile char all = 0; /* every byte of what was given out can be read */
    for (int i = 0; values && i < 8; i++)
        all = (char)(all + values[i]);
    close(fd);
    return 0;
}
