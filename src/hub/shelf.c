#include "hub/shelf.h"

#include "base/error.h"
#include "hub/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define INCOMING ".incoming"
/* No model's name begins with a dot. */
#define SCRATCH ".add-"
#define LOCK ".lock-"

/* ---- names ---- */

/* "OWNER/NAME" as one name, and back: no name holds "--", see jd_model_name_check(). */
static char *flat_name(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    return g_strjoinv("--", parts);
}

static char *name_of_flat(const char *flat)
{
    const char *mark = strstr(flat, "--");
    return mark ? g_strdup_printf("%.*s/%s", (int)(mark - flat), flat, mark + 2) : g_strdup(flat);
}

/* ---- locks ---- */

static char *lock_path(const char *waiting, const char *flat)
{
    g_autofree char *file = g_strconcat(LOCK, flat, NULL);
    return g_build_filename(waiting, file, NULL);
}

static gboolean is_same_file(int fd, const char *path)
{
    struct stat open_one, named;
    return fstat(fd, &open_one) == 0 && g_stat(path, &named) == 0 &&
           open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

/* The lock file's descriptor; -1 with errno EWOULDBLOCK where another has it. */
static int try_lock(const char *path)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
            int number = errno;
            close(fd);
            errno = number;
            return -1;
        }
        /* Whoever had it may have removed it meanwhile. */
        if (is_same_file(fd, path))
            return fd;
        close(fd);
    }
}

static gboolean wait_for_lock(jd_shelf_place *place, jd_watch *watch, GError **error)
{
    enum { LOOK_AGAIN_MS = 200 };
    while ((place->lock = try_lock(place->lock_path)) < 0) {
        if (errno != EWOULDBLOCK) {
            jd_set_error_errno(error, errno, "cannot lock %s", place->lock_path);
            return FALSE;
        }
        if (!place->waited)
            jd_watch_note(watch, "another process is at work on %s: waiting for it", place->name);
        place->waited = TRUE;
        if (!jd_watch_sleep(watch, LOOK_AGAIN_MS, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- places ---- */

static gboolean make_folder(const char *path, GError **error)
{
    if (g_mkdir_with_parents(path, 0755) == 0)
        return TRUE;
    jd_set_error_errno(error, errno, "cannot make the folder %s", path);
    return FALSE;
}

jd_shelf_place *jd_shelf_take(const char *root, const char *name, jd_watch *watch, GError **error)
{
    g_autoptr(jd_shelf_place) place = g_new0(jd_shelf_place, 1);
    g_autofree char *flat = flat_name(name);
    g_autofree char *waiting = g_build_filename(root, INCOMING, NULL);
    place->lock = -1;
    place->lock_path = lock_path(waiting, flat);
    place->root = g_strdup(root);
    place->name = g_strdup(name);
    place->folder = g_build_filename(root, name, NULL);
    place->incoming = g_build_filename(waiting, flat, NULL);
    place->model = g_build_filename(place->incoming, "model", NULL);
    place->parts = g_build_filename(place->incoming, "parts", NULL);
    if (!make_folder(waiting, error) || !wait_for_lock(place, watch, error) ||
        !make_folder(place->model, error) || !make_folder(place->parts, error))
        return NULL;
    return g_steal_pointer(&place);
}

void jd_shelf_place_free(jd_shelf_place *place)
{
    if (!place)
        return;
    if (place->lock >= 0) {
        /* Empty folders say nothing; what has something in it stays. */
        g_rmdir(place->model);
        g_rmdir(place->parts);
        g_rmdir(place->incoming);
        g_unlink(place->lock_path);
        close(place->lock);
    }
    g_free(place->root);
    g_free(place->name);
    g_free(place->folder);
    g_free(place->incoming);
    g_free(place->model);
    g_free(place->parts);
    g_free(place->lock_path);
    g_free(place);
}

gboolean jd_shelf_has(const jd_shelf_place *place)
{
    return g_file_test(place->folder, G_FILE_TEST_IS_DIR);
}

/* ---- installing ---- */

/* Puts `from` in the place of `to`, at once where both are there and the file system can. `aside`
 * is then what was there. */
static int replace(const char *from, const char *to, const char *aside)
{
    if (g_rename(from, to) == 0)
        return 0;
    if (errno != ENOTEMPTY && errno != EEXIST)
        return errno;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
        return g_rename(from, aside) == 0 ? 0 : errno;
    if (g_rename(to, aside) != 0)
        return errno;
    if (g_rename(from, to) == 0)
        return 0;
    int number = errno;
    g_rename(aside, to);
    return number;
}

gboolean jd_shelf_install(const jd_shelf_place *place, const char *from, GError **error)
{
    g_autofree char *owner = g_path_get_dirname(place->folder);
    g_autofree char *aside = g_build_filename(place->incoming, "old", NULL);
    jd_remove_tree(aside);
    if (!make_folder(owner, error) || !jd_sync_tree(from, error))
        return FALSE;
    int number = replace(from, place->folder, aside);
    if (number != 0) {
        jd_set_error_errno(error, number, "cannot put the model into %s", place->folder);
        return FALSE;
    }
    jd_sync_folder(owner);
    jd_shelf_clear(place);
    return TRUE;
}

void jd_shelf_clear(const jd_shelf_place *place)
{
    jd_remove_tree(place->incoming);
}

gboolean jd_shelf_remove(const jd_shelf_place *place, GError **error)
{
    g_autofree char *aside = g_build_filename(place->incoming, "old", NULL);
    jd_remove_tree(aside);
    /* At once: nobody finds half a model. */
    if (g_rename(place->folder, aside) != 0 && errno != ENOENT) {
        jd_set_error_errno(error, errno, "cannot remove %s", place->folder);
        return FALSE;
    }
    jd_shelf_clear(place);
    g_autofree char *owner = g_path_get_dirname(place->folder);
    if (!g_str_equal(owner, place->root))
        g_rmdir(owner);
    return TRUE;
}

/* ---- folders of an `add` ---- */

static void remove_abandoned(const char *waiting)
{
    g_autoptr(GDir) dir = g_dir_open(waiting, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_str_has_prefix(name, SCRATCH))
            continue;
        g_autofree char *path = g_build_filename(waiting, name, NULL);
        g_autofree char *guard = lock_path(waiting, name);
        int lock = try_lock(guard);
        if (lock < 0)
            continue;
        jd_remove_tree(path);
        g_unlink(guard);
        close(lock);
    }
}

jd_shelf_scratch *jd_shelf_scratch_new(const char *root, GError **error)
{
    g_autofree char *waiting = g_build_filename(root, INCOMING, NULL);
    if (!make_folder(waiting, error))
        return NULL;
    remove_abandoned(waiting);
    for (;;) {
        g_autofree char *name = g_strdup_printf(SCRATCH "%08x", g_random_int());
        g_autofree char *path = g_build_filename(waiting, name, NULL);
        g_autofree char *guard = lock_path(waiting, name);
        /* Locked before it is there: nobody takes it for abandoned. */
        int fd = try_lock(guard);
        if (fd < 0 && errno == EWOULDBLOCK)
            continue;
        if (fd >= 0 && g_mkdir(path, 0755) == 0) {
            jd_shelf_scratch *scratch = g_new0(jd_shelf_scratch, 1);
            scratch->folder = g_steal_pointer(&path);
            scratch->lock_path = g_steal_pointer(&guard);
            scratch->lock = fd;
            return scratch;
        }
        int number = errno;
        if (fd >= 0) {
            g_unlink(guard);
            close(fd);
        }
        if (number == EEXIST)
            continue;
        jd_set_error_errno(error, number, "cannot make the folder %s", path);
        return NULL;
    }
}

void jd_shelf_scratch_free(jd_shelf_scratch *scratch)
{
    if (!scratch)
        return;
    jd_remove_tree(scratch->folder);
    g_unlink(scratch->lock_path);
    close(scratch->lock);
    g_free(scratch->folder);
    g_free(scratch->lock_path);
    g_free(scratch);
}

/* ---- what is on its way ---- */

GPtrArray *jd_shelf_incoming(const char *root)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *waiting = g_build_filename(root, INCOMING, NULL);
    g_autoptr(GDir) dir = g_dir_open(waiting, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (*name != '.')
            g_ptr_array_add(names, name_of_flat(name));
    return names;
}

guint64 jd_shelf_incoming_bytes(const char *root, const char *name)
{
    g_autofree char *flat = flat_name(name);
    g_autofree char *path = g_build_filename(root, INCOMING, flat, NULL);
    return jd_tree_bytes(path);
}

/* ---- as others know it ---- */

/* Behind the name that begins at `at`. */
static const char *skip_name(const char *at)
{
    return at + strcspn(at, "/:,; \n");
}

/* Behind what is internal in a path that begins with the incoming folder; *file: a file's path in
 * the model begins there. */
static const char *skip_place(const char *at, gboolean *file)
{
    static const char *const inner[] = {"/model", "/parts", "/old", NULL};
    if (*at == '/')
        at = skip_name(at + 1);
    for (const char *const *name = inner; *name; name++)
        if (g_str_has_prefix(at, *name) && skip_name(at + 1) == at + strlen(*name)) {
            at += strlen(*name);
            break;
        }
    *file = *at == '/' && skip_name(at + 1) > at + 1;
    return *file ? at + 1 : at;
}

void jd_shelf_name_places(const char *root, GError **error)
{
    g_autofree char *waiting = g_build_filename(root, INCOMING, NULL);
    if (!error || !*error)
        return;
    GString *text = g_string_new(NULL);
    const char *from = (*error)->message;
    for (const char *at; (at = strstr(from, waiting));) {
        gboolean file;
        g_string_append_len(text, from, at - from);
        from = skip_place(at + strlen(waiting), &file);
        if (!file)
            g_string_append(text, root);
    }
    g_string_append(text, from);
    g_free((*error)->message);
    (*error)->message = g_string_free(text, FALSE);
}
