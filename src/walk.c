#include "walk.h"

#include "base/error.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that is open: what of it is still to come. */
typedef struct walk_level {
    char *path;
    DIR *folder;
    GPtrArray *names; /* char *, sorted */
    guint next;
} walk_level;

struct jd_walk {
    const jd_roots *roots;
    guint next_root;
    GPtrArray *levels; /* walk_level *, the innermost last */
    char *path;        /* of the entry handed out last */
    char *reason;
};

static void level_free(gpointer data)
{
    walk_level *level = data;
    g_free(level->path);
    closedir(level->folder);
    g_ptr_array_unref(level->names);
    g_free(level);
}

jd_walk *jd_walk_new(const jd_roots *roots)
{
    jd_walk *walk = g_new0(jd_walk, 1);
    walk->roots = roots;
    walk->levels = g_ptr_array_new_with_free_func(level_free);
    return walk;
}

void jd_walk_free(jd_walk *walk)
{
    if (!walk)
        return;
    g_ptr_array_unref(walk->levels);
    g_free(walk->path);
    g_free(walk->reason);
    g_free(walk);
}

/* Hands out a path, which becomes the walk's; `reason` (may be NULL) as well. */
static gboolean hand_out(jd_walk *walk, jd_walk_entry *entry, char *path, char *reason)
{
    g_free(walk->path);
    g_free(walk->reason);
    walk->path = path;
    walk->reason = reason;
    *entry = (jd_walk_entry){.path = path, .reason = reason};
    return TRUE;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *read_names(DIR *folder)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (struct dirent *each; (each = readdir(folder));)
        if (!jd_name_is_passed_over(each->d_name))
            g_ptr_array_add(names, g_strdup(each->d_name));
    g_ptr_array_sort(names, by_name);
    return names;
}

/* Enters the folder behind `fd` (taken); FALSE with an errno value where it cannot be read. */
static gboolean enter(jd_walk *walk, const char *path, int fd)
{
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        errno = number;
        return FALSE;
    }
    walk_level *level = g_new0(walk_level, 1);
    level->path = g_strdup(path);
    level->folder = folder;
    level->names = read_names(folder);
    g_ptr_array_add(walk->levels, level);
    return TRUE;
}

static gboolean visit_folder(jd_walk *walk, jd_walk_entry *entry, int fd, char *path)
{
    if (walk->levels->len >= JD_LIMIT_WALK_DEPTH) {
        if (fd >= 0)
            close(fd);
        return hand_out(walk, entry, path,
                        g_strdup_printf("folders nested deeper than %d", JD_LIMIT_WALK_DEPTH));
    }
    if (!enter(walk, path, fd))
        return hand_out(walk, entry, path,
                        g_strdup_printf("cannot read the folder: %s", g_strerror(errno)));
    g_free(path);
    return FALSE;
}

/* Whether the walk of some root meets this path by itself. */
static gboolean is_met_anyway(const jd_walk *walk, const char *resolved)
{
    for (guint i = 0; i < walk->roots->list->len; i++) {
        const jd_root *root = walk->roots->list->pdata[i];
        if (jd_path_is_inside(resolved, root->path) &&
            !jd_path_is_passed_over(resolved, root->path))
            return TRUE;
    }
    return FALSE;
}

static gboolean visit_link(jd_walk *walk, jd_walk_entry *entry, char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *resolved = jd_roots_resolve(walk->roots, path, &error);
    if (!resolved)
        return hand_out(walk, entry, path,
                        g_strdup_printf("a symbolic link: the target %s", error->message));
    if (is_met_anyway(walk, resolved)) {
        g_free(path);
        return FALSE;
    }
    struct stat target;
    gboolean is_file = stat(resolved, &target) == 0 && S_ISREG(target.st_mode);
    return hand_out(walk, entry, path,
                    is_file ? NULL : g_strdup("a symbolic link to what is no file"));
}

static const char *kind_of(mode_t mode)
{
    if (S_ISFIFO(mode))
        return "a named pipe, no file";
    if (S_ISSOCK(mode))
        return "a socket, no file";
    return "a device, no file";
}

/* TRUE where the entry is to be handed out; FALSE where there is nothing to say about it. */
static gboolean visit(jd_walk *walk, const walk_level *level, const char *name,
                      jd_walk_entry *entry)
{
    struct stat info;
    int folder = dirfd(level->folder);
    char *path = g_build_filename(level->path, name, NULL);
    if (!g_utf8_validate(name, -1, NULL))
        return hand_out(walk, entry, path, g_strdup("its name is not UTF-8: rename it"));
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return hand_out(walk, entry, path,
                        g_strdup_printf("cannot read it: %s", g_strerror(errno)));
    if (S_ISREG(info.st_mode))
        return hand_out(walk, entry, path, NULL);
    if (S_ISLNK(info.st_mode))
        return visit_link(walk, entry, path);
    if (!S_ISDIR(info.st_mode))
        return hand_out(walk, entry, path, g_strdup(kind_of(info.st_mode)));
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return visit_folder(walk, entry, fd, path);
}

static gboolean visit_root(jd_walk *walk, const jd_root *root, jd_walk_entry *entry)
{
    if (!g_utf8_validate(root->path, -1, NULL))
        return hand_out(walk, entry, g_strdup(root->path), g_strdup("its path is not UTF-8"));
    if (!root->is_folder) {
        hand_out(walk, entry, g_strdup(root->path), NULL);
        entry->given = TRUE;
        return TRUE;
    }
    int fd = open(root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return visit_folder(walk, entry, fd, g_strdup(root->path));
}

gboolean jd_walk_next(jd_walk *walk, jd_walk_entry *entry)
{
    for (;;) {
        if (walk->levels->len == 0) {
            if (walk->next_root == walk->roots->list->len)
                return FALSE;
            if (visit_root(walk, walk->roots->list->pdata[walk->next_root++], entry))
                return TRUE;
            continue;
        }
        walk_level *level = walk->levels->pdata[walk->levels->len - 1];
        if (level->next == level->names->len)
            g_ptr_array_remove_index(walk->levels, walk->levels->len - 1);
        else if (visit(walk, level, level->names->pdata[level->next++], entry))
            return TRUE;
    }
}
