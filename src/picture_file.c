#include "picture_file.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean check_file(int fd, GError **error)
{
    struct stat info;
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "is no file");
        return FALSE;
    }
    if (info.st_size <= JD_LIMIT_PICTURE_BYTES)
        return TRUE;
    jd_set_error(error, JD_ERROR_LIMIT, NULL,
                 "has %" G_GINT64_FORMAT " bytes, more than the limit of %lld for a picture",
                 (gint64)info.st_size, JD_LIMIT_PICTURE_BYTES);
    return FALSE;
}

static void set_picture(jd_item *item, GBytes *bytes, char *sha256, const char *media_type)
{
    g_clear_pointer(&item->bytes, g_bytes_unref);
    g_free(item->sha256);
    g_free(item->media_type);
    item->bytes = g_bytes_ref(bytes);
    item->sha256 = sha256;
    item->media_type = g_strdup(media_type);
}

gboolean jd_picture_file_read(jd_reader_pool *readers, int fd, const char *name, jd_item *item,
                              GError **error)
{
    if (!check_file(fd, error))
        return FALSE;
    jd_read_request request = {.name = name, .picture_only = TRUE};
    g_autoptr(jd_document) document = jd_reader_pool_read(readers, fd, &request, error);
    if (!document)
        return FALSE;
    const jd_block *block = document->blocks->len > 0 ? document->blocks->pdata[0] : NULL;
    const jd_picture *picture = block ? block->picture : NULL;
    if (!picture || !picture->bytes) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "is no picture");
        return FALSE;
    }
    gsize size;
    const void *data = g_bytes_get_data(picture->bytes, &size);
    set_picture(item, picture->bytes, jd_sha256(data, size), picture->media_type);
    item->width = picture->width;
    item->height = picture->height;
    return TRUE;
}

gboolean jd_picture_file_open(jd_reader_pool *readers, const char *path, jd_item *item,
                              GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot open the picture %s", path);
        return FALSE;
    }
    gboolean done = jd_picture_file_read(readers, fd, path, item, error);
    close(fd);
    if (!done)
        jd_prefix_error(error, "the picture %s: ", path);
    return done;
}

const char *jd_query_picture_name(const jd_query_picture *picture)
{
    return picture->path ? picture->path : "that was sent";
}

/* Readers take file descriptors: a file without a name. */
static int open_bytes(GBytes *bytes, GError **error)
{
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    int fd = memfd_create("picture", MFD_CLOEXEC);
    gsize written = 0;
    while (fd >= 0 && written < size) {
        gssize n = write(fd, data + written, size - written);
        if (n <= 0)
            break;
        written += (gsize)n;
    }
    if (fd >= 0 && written == size)
        return fd;
    jd_set_error_errno(error, errno, "cannot keep a picture in memory");
    if (fd >= 0)
        close(fd);
    return -1;
}

gboolean jd_query_picture_read(jd_reader_pool *readers, const jd_query_picture *picture,
                               jd_item *item, GError **error)
{
    if (picture->path)
        return jd_picture_file_open(readers, picture->path, item, error);
    int fd = open_bytes(picture->bytes, error);
    if (fd < 0)
        return FALSE;
    gboolean done = jd_picture_file_read(readers, fd, NULL, item, error);
    close(fd);
    if (!done)
        jd_prefix_error(error, "the picture %s: ", jd_query_picture_name(picture));
    return done;
}

void jd_picture_file_copy(jd_item *to, const jd_item *from)
{
    set_picture(to, from->bytes, g_strdup(from->sha256), from->media_type);
    to->width = from->width;
    to->height = from->height;
}
