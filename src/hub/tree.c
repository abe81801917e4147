#include "hub/tree.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { OPEN_FOLDERS = 16 };

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    g_remove(path);
    return 0;
}

void jd_remove_tree(const char *path)
{
    nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

guint64 jd_tree_bytes(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    guint64 bytes = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        GStatBuf info;
        if (g_lstat(below, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode))
            bytes += jd_tree_bytes(below);
        else if (S_ISREG(info.st_mode))
            bytes += (guint64)info.st_size;
    }
    return bytes;
}

void jd_sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static gboolean sync_file(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean done = fd >= 0 && fsync(fd) == 0;
    if (!done)
        jd_set_error_errno(error, errno, "cannot write %s to disk", path);
    if (fd >= 0)
        close(fd);
    return done;
}

gboolean jd_sync_tree(const char *path, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        gboolean folder = g_file_test(below, G_FILE_TEST_IS_DIR);
        if (!(folder ? jd_sync_tree(below, error) : sync_file(below, error)))
            return FALSE;
    }
    jd_sync_folder(path);
    return TRUE;
}

gboolean jd_check_space(const char *folder, guint64 bytes, const char *what, GError **error)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0 || bytes <= (guint64)disk.f_bavail * disk.f_frsize)
        return TRUE;
    g_autofree char *needed = g_format_size(bytes);
    g_autofree char *left = g_format_size((guint64)disk.f_bavail * disk.f_frsize);
    jd_set_error(error, JD_ERROR_NO_SPACE,
                 "make room, or say in JACKDAW_MODELS where there is some",
                 "%s needs %s, and the disk of %s has %s left", what, needed, folder, left);
    return FALSE;
}
