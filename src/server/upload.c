#include "server/upload.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

/* One part of a path, or NULL where nothing is left of it. */
static char *safe_part(const char *part)
{
    if (g_str_equal(part, "") || g_str_equal(part, ".") || g_str_equal(part, ".."))
        return NULL;
    g_autoptr(GString) safe = g_string_new(NULL);
    for (const char *at = part; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(safe, g_unichar_iscntrl(c) ? '_' : c);
        if (safe->len > JD_SERVER_NAME_BYTES)
            break;
    }
    return g_string_free(g_steal_pointer(&safe), FALSE);
}

char *jd_upload_safe_name(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_strdelimit(valid, "\\", '/');
    g_auto(GStrv) parts = g_strsplit(valid, "/", -1);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    for (char **part = parts; *part; part++) {
        char *safe = safe_part(*part);
        if (safe)
            g_ptr_array_add(kept, safe);
    }
    while (kept->len > JD_SERVER_NAME_PARTS)
        g_ptr_array_remove_index(kept, 0);
    g_ptr_array_add(kept, NULL);
    g_autofree char *joined = g_strjoinv("/", (char **)kept->pdata);
    const char *visible = joined;
    while (kept->len == 2 && *visible == '.')
        visible++;
    return g_strdup(*visible ? visible : "upload");
}

/* ---- folders and files ---- */

char *jd_upload_folder_new(const char *spool, GError **error)
{
    if (g_mkdir_with_parents(spool, 0700) != 0) {
        jd_set_error_errno(error, errno, "cannot make the folder for uploaded files");
        return NULL;
    }
    g_autofree char *folder = g_build_filename(spool, "XXXXXX", NULL);
    if (!g_mkdtemp_full(folder, 0700)) {
        jd_set_error_errno(error, errno, "cannot make a folder for uploaded files");
        return NULL;
    }
    return g_steal_pointer(&folder);
}

/* The same name with a number before its ending: "report-2.pdf". */
static char *numbered(const char *path, int n)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(path, '.');
    if (!dot || dot <= slash + 1)
        dot = path + strlen(path);
    return g_strdup_printf("%.*s-%d%s", (int)(dot - path), path, n, dot);
}

int jd_upload_file_new(const char *folder, const char *name, char **path, GError **error)
{
    g_autofree char *wanted = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(wanted);
    g_autofree char *given = g_strdup(wanted);
    int fd = -1;
    gboolean made = g_mkdir_with_parents(parent, 0700) == 0;
    for (int n = 2; made && n <= JD_SERVER_SAME_NAMES; n++) {
        fd = open(given, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
        g_free(given);
        given = numbered(wanted, n);
    }
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot keep the uploaded file %s", name);
        return -1;
    }
    g_free(*path);
    *path = g_steal_pointer(&given);
    return fd;
}

void jd_upload_folder_erase(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        GStatBuf info;
        if (g_lstat(path, &info) == 0 && S_ISDIR(info.st_mode))
            jd_upload_folder_erase(path);
        else
            g_unlink(path);
    }
    g_rmdir(folder);
}
