#include "roots.h"

#include "base/error.h"
#include "ingest_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean jd_path_is_inside(const char *path, const char *folder)
{
    gsize length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

gboolean jd_name_is_passed_over(const char *name)
{
    static const char *const kept_by_programs[] = {"node_modules", "__pycache__", "lost+found"};
    for (gsize i = 0; i < G_N_ELEMENTS(kept_by_programs); i++)
        if (strcmp(name, kept_by_programs[i]) == 0)
            return TRUE;
    return name[0] == '.' || g_str_has_suffix(name, "~");
}

gboolean jd_path_is_passed_over(const char *path, const char *folder)
{
    g_auto(GStrv) names = g_strsplit(path + strlen(folder), "/", -1);
    for (guint i = 0; names[i]; i++)
        if (names[i][0] && jd_name_is_passed_over(names[i]))
            return TRUE;
    return FALSE;
}

static void root_free(gpointer data)
{
    jd_root *root = data;
    g_free(root->path);
    g_free(root->folder);
    g_free(root);
}

static jd_root *root_new(const char *path, GError **error)
{
    struct stat info;
    char *real = realpath(path, NULL);
    if (!real || stat(real, &info) < 0) {
        if (errno == ENOENT)
            jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "there is no such file or folder");
        else
            jd_set_error_errno(error, errno, "cannot read it");
        free(real);
        return NULL;
    }
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "neither a file nor a folder");
        free(real);
        return NULL;
    }
    jd_root *root = g_new0(jd_root, 1);
    root->path = g_strdup(real);
    root->is_folder = S_ISDIR(info.st_mode);
    root->folder = root->is_folder ? g_strdup(real) : g_path_get_dirname(real);
    free(real);
    return root;
}

static int by_path(gconstpointer a, gconstpointer b)
{
    return strcmp((*(jd_root *const *)a)->path, (*(jd_root *const *)b)->path);
}

/* A file or folder that the walk of another root meets anyway is not read twice. */
static void drop_nested(GPtrArray *list)
{
    for (guint i = list->len; i-- > 0;) {
        const jd_root *inner = list->pdata[i];
        for (guint j = 0; j < list->len; j++) {
            const jd_root *outer = list->pdata[j];
            gboolean same = strcmp(inner->path, outer->path) == 0;
            if (i == j || (same && j > i) || (!same && !outer->is_folder))
                continue;
            if (!jd_path_is_inside(inner->path, outer->path) ||
                jd_path_is_passed_over(inner->path, outer->path))
                continue;
            g_ptr_array_remove_index(list, i);
            break;
        }
    }
}

jd_roots *jd_roots_new(const GPtrArray *paths, GPtrArray *skipped)
{
    jd_roots *roots = g_new0(jd_roots, 1);
    roots->list = g_ptr_array_new_with_free_func(root_free);
    for (guint i = 0; i < paths->len; i++) {
        g_autoptr(GError) error = NULL;
        jd_root *root = root_new(paths->pdata[i], &error);
        if (root)
            g_ptr_array_add(roots->list, root);
        else
            jd_skipped_add(skipped, paths->pdata[i], error->message);
    }
    g_ptr_array_sort(roots->list, by_path);
    drop_nested(roots->list);
    return roots;
}

void jd_roots_free(jd_roots *roots)
{
    if (!roots)
        return;
    g_ptr_array_unref(roots->list);
    g_free(roots);
}

static const jd_root *root_of(const jd_roots *roots, const char *path)
{
    for (guint i = 0; i < roots->list->len; i++) {
        const jd_root *root = roots->list->pdata[i];
        if (jd_path_is_inside(path, root->folder))
            return root;
    }
    return NULL;
}

static void set_outside(GError **error)
{
    jd_set_error(error, JD_ERROR_USAGE, "give a folder that holds both to read it",
                 "lies outside the folders given");
}

/* Whether a path without "." and ".." names what is there, and nothing from the root on is a link:
 * then it is resolved as it is. Roots were resolved when they were taken. */
static gboolean is_resolved(const jd_root *root, const char *plain)
{
    g_autofree char *prefix = g_strdup(plain);
    char *at = prefix + strlen(root->folder);
    gboolean no_link = *at != '\0';
    while (no_link && at) {
        char none;
        at = strchr(at + 1, '/');
        if (at)
            *at = '\0';
        no_link = readlink(prefix, &none, sizeof none) < 0 && errno == EINVAL;
        if (at)
            *at = '/';
    }
    return no_link;
}

char *jd_roots_resolve(const jd_roots *roots, const char *path, GError **error)
{
    g_autofree char *plain = g_canonicalize_filename(path, NULL);
    const jd_root *root = g_str_equal(plain, path) ? root_of(roots, plain) : NULL;
    if (root && is_resolved(root, plain))
        return g_steal_pointer(&plain);
    char *real = realpath(path, NULL);
    if (!real) {
        /* Whether a file outside exists is nothing to tell the document's author. */
        if (!root_of(roots, plain))
            set_outside(error);
        else
            jd_set_error_errno(error, errno, "cannot read it");
        return NULL;
    }
    char *resolved = g_strdup(real);
    free(real);
    if (root_of(roots, resolved))
        return resolved;
    set_outside(error);
    g_free(resolved);
    return NULL;
}

/* Opens folder by folder, so that none of them can have become a link. */
static int open_below(int folder, const char *relative, GError **error)
{
    g_auto(GStrv) names = g_strsplit(relative, "/", -1);
    int fd = folder;
    for (guint i = 0; names[i]; i++) {
        if (!names[i][0])
            continue;
        int flags = names[i + 1] ? O_PATH | O_DIRECTORY : O_RDONLY | O_NONBLOCK | O_NOCTTY;
        int next = openat(fd, names[i], flags | O_NOFOLLOW | O_CLOEXEC);
        int number = errno;
        close(fd);
        if (next < 0) {
            jd_set_error_errno(error, number, "cannot open it");
            return -1;
        }
        fd = next;
    }
    return fd;
}

int jd_roots_open(const jd_roots *roots, const char *resolved, GError **error)
{
    const jd_root *root = root_of(roots, resolved);
    if (!root) {
        set_outside(error);
        return -1;
    }
    const char *relative = resolved + strlen(root->folder);
    int fd = open(root->folder, (relative[0] ? O_PATH : O_RDONLY) | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot open %s", root->folder);
        return -1;
    }
    return open_below(fd, relative, error);
}
