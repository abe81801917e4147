#include "models_source.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/archive.h"
#include "read/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct jd_models_source {
    char *path; /* absolute */
    char *root; /* of the model in it: "" or a path that ends in "/" */
    GPtrArray *files;
    /* of an archive */
    int fd;
    jd_reader_pool *readers;
    GPtrArray *entries; /* jd_archive_entry * */
};

void jd_models_source_free(jd_models_source *source)
{
    if (!source)
        return;
    g_clear_pointer(&source->files, g_ptr_array_unref);
    g_clear_pointer(&source->entries, g_ptr_array_unref);
    jd_reader_pool_free(source->readers);
    if (source->fd >= 0)
        close(source->fd);
    g_free(source->path);
    g_free(source->root);
    g_free(source);
}

const GPtrArray *jd_models_source_files(const jd_models_source *source)
{
    return source->files;
}

/* ---- folders ---- */

static gboolean set_too_many(GError **error)
{
    jd_set_error(error, JD_ERROR_LIMIT, "name the model's own folder", "it has more than %d files",
                 JD_LIMIT_HUB_FILES);
    return FALSE;
}

/* Links to files are followed, as a cache of Hugging Face's library has nothing else; links to
 * folders are not. */
static gboolean walk(const char *folder, const char *below, GPtrArray *files, GError **error)
{
    g_autofree char *place = g_build_filename(folder, below, NULL);
    g_autoptr(GDir) dir = g_dir_open(place, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = *below ? g_strconcat(below, "/", name, NULL) : g_strdup(name);
        g_autofree char *whole = g_build_filename(place, name, NULL);
        GStatBuf own, info;
        if (!jd_model_path_is_safe(path) || g_lstat(whole, &own) != 0 || g_stat(whole, &info) != 0)
            continue;
        if (files->len >= JD_LIMIT_HUB_FILES)
            return set_too_many(error);
        if (S_ISREG(info.st_mode))
            g_ptr_array_add(files, jd_model_file_new(path, info.st_size));
        else if (S_ISDIR(own.st_mode) && !walk(folder, path, files, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- archives ---- */

/* Whether an entry's name leads out of the folder that the archive would be unpacked in. Nothing is
 * ever unpacked under an entry's own name; but an archive that tries is not taken at all. */
static gboolean leads_out(const char *name)
{
    g_autofree char *slashes = g_strdelimit(g_strdup(name), "\\", '/');
    g_auto(GStrv) parts = g_strsplit(slashes, "/", -1);
    return *slashes == '/' || (g_ascii_isalpha(name[0]) && name[1] == ':') ||
           g_strv_contains((const char *const *)parts, "..");
}

/* Adds what is a file to `all`; `seen` are the names so far. */
static gboolean take_entry(const jd_archive_entry *entry, GPtrArray *all, GHashTable *seen,
                           GError **error)
{
    if (leads_out(entry->name)) {
        jd_set_error(error, JD_ERROR_INVALID, "do not trust it",
                     "the archive holds an entry that would lie outside of it: %s", entry->name);
        return FALSE;
    }
    if (!jd_model_path_is_safe(entry->name))
        return TRUE;
    if (!g_hash_table_add(seen, entry->name)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the archive holds two entries of the name %s",
                     entry->name);
        return FALSE;
    }
    g_ptr_array_add(all, jd_model_file_new(entry->name, (gint64)entry->size));
    return TRUE;
}

static gboolean list_archive(jd_models_source *source, const char *reader, GPtrArray *all,
                             GError **error)
{
    const jd_reader_options options = {.program = reader, .workers = 1};
    source->readers = jd_reader_pool_new(&options, error);
    source->entries =
        source->readers ? jd_reader_pool_list(source->readers, source->fd, error) : NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; source->entries && i < source->entries->len; i++) {
        const jd_archive_entry *entry = source->entries->pdata[i];
        if (*entry->name && !take_entry(entry, all, seen, error))
            return FALSE;
    }
    return source->entries != NULL;
}

/* The number of an entry that is there. */
static guint number_of(const jd_models_source *source, const char *path)
{
    guint i = 0;
    while (!g_str_equal(((const jd_archive_entry *)source->entries->pdata[i])->name, path))
        i++;
    return i;
}

static gboolean check_archive(const jd_models_source *source, GError **error)
{
    char magic[2];
    if (pread(source->fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "PK", 2) == 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED,
                 "name the model's folder, with config.json and weights in it",
                 "it is neither a folder nor a zip archive or a wheel");
    return FALSE;
}

/* ---- both ---- */

static gboolean list(jd_models_source *source, const char *reader, GPtrArray *all, GError **error)
{
    if (g_file_test(source->path, G_FILE_TEST_IS_DIR))
        return walk(source->path, "", all, error);
    source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        jd_set_error_errno(error, errno, "cannot open it");
        return FALSE;
    }
    return check_archive(source, error) && list_archive(source, reader, all, error);
}

static gboolean find_model(jd_models_source *source, const GPtrArray *all, GError **error)
{
    source->root = jd_model_files_root(all, error);
    if (source->root)
        source->files = jd_model_files_choose(all, source->root, error);
    return source->files != NULL;
}

jd_models_source *jd_models_source_open(const char *path, const char *reader, GError **error)
{
    g_autoptr(jd_models_source) source = g_new0(jd_models_source, 1);
    g_autoptr(GPtrArray) all = jd_model_files_new();
    source->fd = -1;
    source->path = g_canonicalize_filename(path, NULL);
    if (list(source, reader, all, error) && find_model(source, all, error))
        return g_steal_pointer(&source);
    jd_prefix_error(error, "%s: ", path);
    return NULL;
}

/* ---- names ---- */

/* Every character that is none of a name's becomes "-", and no "-" stands beside another. */
static char *as_name(const char *text)
{
    GString *name = g_string_new(NULL);
    for (const char *p = text; *p; p++) {
        gboolean fits = g_ascii_isalnum(*p) || strchr("_.-", *p);
        char c = fits ? *p : '-';
        gboolean repeats = name->len > 0 && strchr("-.", c) && name->str[name->len - 1] == c;
        if (!repeats && (name->len > 0 || g_ascii_isalnum(c)))
            g_string_append_c(name, c);
    }
    g_autofree char *done = g_string_free(name, FALSE);
    return jd_model_name_check(done, NULL) ? g_steal_pointer(&done) : NULL;
}

/* "models--OWNER--NAME/snapshots/COMMIT" of the library's cache. */
static char *name_in_cache(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (char **part = parts; *part; part++) {
        if (!g_str_has_prefix(*part, "models--"))
            continue;
        g_auto(GStrv) name = g_strsplit(*part + strlen("models--"), "--", 2);
        g_autofree char *joined = g_strjoinv("/", name);
        if (jd_model_name_check(joined, NULL))
            return g_steal_pointer(&joined);
    }
    return NULL;
}

char *jd_models_source_name(const jd_models_source *source)
{
    char *cached = source->fd < 0 ? name_in_cache(source->path) : NULL;
    if (cached)
        return cached;
    g_autofree char *base = g_path_get_basename(source->path);
    if (source->fd < 0 && (g_str_equal(base, "model") || g_str_equal(base, "."))) {
        g_autofree char *above = g_path_get_dirname(source->path);
        g_autofree char *name = g_path_get_basename(above);
        return as_name(name);
    }
    /* "NAME-VERSION-py3-none-any.whl" */
    if (g_str_has_suffix(base, ".whl"))
        base[strcspn(base, "-")] = '\0';
    else if (g_str_has_suffix(base, ".zip"))
        base[strlen(base) - strlen(".zip")] = '\0';
    return as_name(base);
}

/* ---- copying ---- */

typedef struct copying {
    int fd;
    const jd_model_file *file;
    jd_watch *watch;
} copying;

static gboolean write_piece(const void *data, gsize size, void *user, GError **error)
{
    copying *c = user;
    for (const char *at = data; size > 0;) {
        gssize put = write(c->fd, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            jd_set_error_errno(error, errno, "cannot write %s", c->file->path);
            return FALSE;
        }
        at += put;
        size -= (gsize)put;
        if (!jd_watch_advance(c->watch, put, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean copy_from_folder(const jd_models_source *source, copying *c, GError **error)
{
    enum { PIECE = 1 << 18 };
    g_autofree char *path = g_strconcat(source->path, "/", source->root, c->file->path, NULL);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        jd_set_error_errno(error, errno, "%s: cannot open it", path);
        return FALSE;
    }
    g_autofree char *piece = g_malloc(PIECE);
    gssize got;
    gboolean done = TRUE;
    while (done && (got = read(from, piece, PIECE)) != 0) {
        if (got > 0)
            done = write_piece(piece, (gsize)got, c, error);
        else if (errno != EINTR) {
            jd_set_error_errno(error, errno, "%s: cannot read it", path);
            done = FALSE;
        }
    }
    close(from);
    return done;
}

static gboolean copy_from_archive(const jd_models_source *source, copying *c, GError **error)
{
    g_autofree char *path = g_strconcat(source->root, c->file->path, NULL);
    const jd_unpack_request request = {.number = number_of(source, path),
                                       .size = (guint64)c->file->size,
                                       .write = write_piece,
                                       .user = c};
    if (jd_reader_pool_unpack(source->readers, source->fd, &request, error))
        return TRUE;
    jd_prefix_error(error, "%s: %s: ", source->path, path);
    return FALSE;
}

gboolean jd_models_source_copy(const jd_models_source *source, const jd_model_file *file,
                               const char *to, jd_watch *watch, GError **error)
{
    copying c = {.file = file, .watch = watch};
    c.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (c.fd < 0) {
        jd_set_error_errno(error, errno, "cannot write %s", to);
        return FALSE;
    }
    gboolean done =
        source->fd < 0 ? copy_from_folder(source, &c, error) : copy_from_archive(source, &c, error);
    if (close(c.fd) != 0 && done) {
        jd_set_error_errno(error, errno, "cannot write %s", to);
        done = FALSE;
    }
    return done;
}
