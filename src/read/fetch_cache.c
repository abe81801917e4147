#include "read/fetch_cache.h"

#include "base/error.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void jd_cache_entry_free(jd_cache_entry *entry)
{
    if (!entry)
        return;
    g_free(entry->etag);
    g_free(entry->last_modified);
    g_free(entry->media_type);
    g_free(entry->sha256);
    g_free(entry);
}

char *jd_cache_entry_encode(const jd_cache_entry *entry, const char *url)
{
    json_t *object =
        json_pack("{s:s, s:s*, s:s*, s:s*, s:I, s:s}", "url", url, "etag", entry->etag,
                  "last_modified", entry->last_modified, "media_type", entry->media_type,
                  "modified", (json_int_t)entry->modified, "sha256", entry->sha256);
    if (!object)
        return NULL;
    char *text = json_dumps(object, JSON_INDENT(1));
    char *copy = g_strdup(text);
    free(text);
    json_decref(object);
    return copy;
}

/* A value that goes into a header line must not begin another one. */
static char *header_text(const char *value)
{
    return value && !strpbrk(value, "\r\n") ? g_strdup(value) : NULL;
}

jd_cache_entry *jd_cache_entry_decode(const char *text, gsize length, const char *url)
{
    const char *own_url, *etag = NULL, *last_modified = NULL, *media_type = NULL, *sha256;
    json_int_t modified;
    json_t *object = json_loadb(text, length, 0, NULL);
    jd_cache_entry *entry = NULL;
    if (object &&
        json_unpack(object, "{s:s, s?s, s?s, s?s, s:I, s:s}", "url", &own_url, "etag", &etag,
                    "last_modified", &last_modified, "media_type", &media_type, "modified",
                    &modified, "sha256", &sha256) == 0 &&
        strcmp(own_url, url) == 0) {
        entry = g_new0(jd_cache_entry, 1);
        entry->etag = header_text(etag);
        entry->last_modified = header_text(last_modified);
        entry->media_type = g_strdup(media_type);
        entry->modified = modified;
        entry->sha256 = g_strdup(sha256);
    }
    json_decref(object);
    return entry;
}

static char *path_of(const char *folder, const char *url, const char *ending)
{
    g_autofree char *key = jd_sha256(url, strlen(url));
    g_autofree char *name = g_strconcat(key, ending, NULL);
    return g_build_filename(folder, name, NULL);
}

jd_cache_entry *jd_cache_find(const char *folder, const char *url, int *body)
{
    g_autofree char *description = path_of(folder, url, ".json");
    g_autofree char *path = path_of(folder, url, ".body");
    g_autofree char *text = NULL;
    gsize length;
    if (!g_file_get_contents(description, &text, &length, NULL))
        return NULL;
    g_autoptr(jd_cache_entry) entry = jd_cache_entry_decode(text, length, url);
    int fd = entry ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    g_autofree char *sha256 = jd_sha256_fd(fd, NULL, NULL);
    if (g_strcmp0(sha256, entry->sha256) != 0) {
        close(fd);
        return NULL;
    }
    futimens(fd, NULL); /* used last: see jd_cache_trim() */
    *body = fd;
    return g_steal_pointer(&entry);
}

int jd_cache_begin(const char *folder, char **path, GError **error)
{
    g_autofree char *name = g_build_filename(folder, "new-XXXXXX", NULL);
    int fd = -1;
    if (g_mkdir_with_parents(folder, 0700) == 0)
        fd = g_mkstemp_full(name, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot write to the cache %s", folder);
        return -1;
    }
    *path = g_steal_pointer(&name);
    return fd;
}

gboolean jd_cache_store(const char *folder, const char *url, const char *path, int fd,
                        jd_cache_entry *entry)
{
    g_autofree char *description = path_of(folder, url, ".json");
    g_autofree char *body = path_of(folder, url, ".body");
    g_free(entry->sha256);
    entry->sha256 = jd_sha256_fd(fd, NULL, NULL);
    g_autofree char *text = entry->sha256 ? jd_cache_entry_encode(entry, url) : NULL;
    if (!text || g_rename(path, body) != 0) {
        g_unlink(path);
        return FALSE;
    }
    return g_file_set_contents_full(description, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                    NULL);
}

/* ---- keeping it small ---- */

typedef struct cached_body {
    char *path;
    gint64 used, bytes;
} cached_body;

static void cached_body_clear(gpointer data)
{
    g_free(((cached_body *)data)->path);
}

static gint compare_use(gconstpointer a, gconstpointer b)
{
    gint64 x = ((const cached_body *)a)->used, y = ((const cached_body *)b)->used;
    return (x > y) - (x < y);
}

/* All bodies, those that were used longest ago first. */
static GArray *list_bodies(const char *folder, gint64 *bytes)
{
    GArray *bodies = g_array_new(FALSE, FALSE, sizeof(cached_body));
    g_array_set_clear_func(bodies, cached_body_clear);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        GStatBuf info;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (!g_str_has_suffix(name, ".body") || g_lstat(path, &info) != 0)
            continue;
        cached_body body = {g_steal_pointer(&path), info.st_mtime, info.st_size};
        *bytes += info.st_size;
        g_array_append_val(bodies, body);
    }
    g_array_sort(bodies, compare_use);
    return bodies;
}

void jd_cache_trim(const char *folder, gint64 most_bytes)
{
    gint64 bytes = 0;
    g_autoptr(GArray) bodies = list_bodies(folder, &bytes);
    for (guint i = 0; i < bodies->len && bytes > most_bytes; i++) {
        const cached_body *body = &g_array_index(bodies, cached_body, i);
        gsize stem = strlen(body->path) - strlen(".body");
        g_autofree char *description = g_strdup_printf("%.*s.json", (int)stem, body->path);
        g_unlink(description); /* first: a body without it is not looked at */
        if (g_unlink(body->path) == 0)
            bytes -= body->bytes;
    }
}
