#include "base/error.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/db.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

/* A name of its own in the folder of `path`, so that renaming does not cross file systems. */
static char *make_temporary(const char *path, GError **error)
{
    g_autofree char *name = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot write a backup to %s", path);
        return NULL;
    }
    close(fd);
    return g_steal_pointer(&name);
}

static gboolean copy_pages(jd_sqlite *store, sqlite3 *to, const char *path, GError **error)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", store->db, "main");
    /* All in one step: one snapshot, and it cannot be overtaken by a writer. */
    int rc = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(to);
    if (backup && rc == SQLITE_DONE)
        rc = sqlite3_backup_finish(backup);
    else
        sqlite3_backup_finish(backup);
    if (rc == SQLITE_OK)
        return TRUE;
    gboolean full = (rc & 0xff) == SQLITE_FULL || sqlite3_system_errno(to) == ENOSPC;
    jd_set_error(error, full ? JD_ERROR_NO_SPACE : JD_ERROR_IO,
                 full ? "free some space on the disk and try again" : NULL,
                 "cannot write a backup of %s to %s: %s", store->path, path, sqlite3_errstr(rc));
    return FALSE;
}

static gboolean write_copy(jd_sqlite *store, const char *temporary, const char *path,
                           GError **error)
{
    jd_sqlite copy = {.path = (char *)temporary};
    gboolean ok = sqlite3_open_v2(temporary, &copy.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                  NULL) == SQLITE_OK &&
                  jd_sql_exec(&copy, "PRAGMA journal_mode = OFF", NULL);
    if (ok)
        ok = copy_pages(store, copy.db, path, error);
    else
        jd_sqlite_set_error(&copy, error, "write a backup");
    sqlite3_close(copy.db);
    return ok;
}

static gboolean sync_path(const char *path, int flags, GError **error)
{
    int fd = open(path, flags | O_CLOEXEC);
    gboolean ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        jd_set_error_errno(error, errno, "cannot write %s to the disk", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Renames without replacing, also where the file system knows no such call. */
static gboolean give_name(const char *temporary, const char *path, GError **error)
{
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return TRUE;
    if ((errno == EINVAL || errno == ENOSYS) && link(temporary, path) == 0) {
        g_unlink(temporary);
        return TRUE;
    }
    if (errno == EEXIST)
        jd_set_error(error, JD_ERROR_USAGE, "choose another name, or remove it first",
                     "%s: exists already, and a backup replaces nothing", path);
    else
        jd_set_error_errno(error, errno, "cannot name the backup %s", path);
    return FALSE;
}

gboolean jd_sqlite_backup(jd_store *base, const char *path, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    GStatBuf info;
    if (store->in_batch) {
        jd_set_error(error, JD_ERROR_USAGE, NULL, "%s: a batch of writes is not finished",
                     store->path);
        return FALSE;
    }
    if (g_lstat(path, &info) == 0) {
        jd_set_error(error, JD_ERROR_USAGE, "choose another name, or remove it first",
                     "%s: exists already, and a backup replaces nothing", path);
        return FALSE;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *temporary = make_temporary(path, error);
    if (!temporary)
        return FALSE;
    if (write_copy(store, temporary, path, error) && sync_path(temporary, O_RDONLY, error) &&
        give_name(temporary, path, error))
        return sync_path(folder, O_RDONLY | O_DIRECTORY, error);
    g_unlink(temporary);
    return FALSE;
}
