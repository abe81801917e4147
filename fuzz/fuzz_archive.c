/* A zip archive: its list, and every entry of it, as the reader process reads them. */
#include "read/worker/archive.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gboolean drop(const void *data, gsize size, void *user)
{
    /* A few bytes that inflate to gigabytes are no finding. */
    gsize *left = user;
    *left -= MIN(*left, size);
    return *left > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    const jd_archive_file file = {fd, size};
    g_autoptr(GPtrArray) entries = jd_archive_list(&file, NULL);
    gsize left = 1 << 22;
    jd_reply_encoder encoder;
    jd_reply_encoder_init(&encoder, drop, &left);
    for (guint i = 0; entries && i < entries->len && left > 0; i++) {
        g_autoptr(GError) error = NULL;
        jd_archive_unpack(&file, i, &encoder, &error);
    }
    jd_reply_encoder_clear(&encoder);
    close(fd);
    return 0;
}
