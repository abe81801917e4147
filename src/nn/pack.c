#include "nn/pack.h"

#include "base/error.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALIGN = 64, NAME_SIZE = 56, KEY_SIZE = JD_SHA256_BYTES, MAX_BLOBS = 100000 };

typedef struct file_header {
    char magic[8];
    guint64 count;
    guint8 key[KEY_SIZE];
    guint8 zeros[16];
} file_header;

typedef struct blob_header {
    guint64 size;
    char name[NAME_SIZE];
} blob_header;

G_STATIC_ASSERT(sizeof(file_header) == ALIGN);
G_STATIC_ASSERT(sizeof(blob_header) == ALIGN);

static const char MAGIC[8] = {'J', 'D', 'P', 'A', 'C', 'K', '1', '\n'};

typedef struct blob {
    char *name;
    const void *data;
    gsize size;
    gboolean owned;
} blob;

struct jd_pack {
    char *path;
    guint8 key[KEY_SIZE];
    GMappedFile *map;
    GPtrArray *blobs;    /* blob *, in the order of the file */
    GHashTable *by_name; /* name -> blob */
};

static void blob_free(gpointer data)
{
    blob *b = data;
    if (b->owned)
        free((void *)b->data);
    g_free(b->name);
    g_free(b);
}

static void add_blob(jd_pack *pack, blob *b)
{
    g_ptr_array_add(pack->blobs, b);
    g_hash_table_insert(pack->by_name, b->name, b);
}

static gsize padded(gsize size)
{
    return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* Walks over the blobs of a mapped file; FALSE where anything does not fit. */
static gboolean index_blobs(jd_pack *pack)
{
    const char *data = g_mapped_file_get_contents(pack->map);
    const gsize size = g_mapped_file_get_length(pack->map);
    file_header header;
    if (size < sizeof header)
        return FALSE;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0 || header.count > MAX_BLOBS ||
        memcmp(header.key, pack->key, KEY_SIZE) != 0)
        return FALSE;
    gsize at = sizeof header;
    for (guint64 i = 0; i < header.count; i++) {
        blob_header item;
        if (size - at < sizeof item)
            return FALSE;
        memcpy(&item, data + at, sizeof item);
        at += sizeof item;
        if (item.size > size - at || padded(item.size) > size - at ||
            memchr(item.name, 0, NAME_SIZE) == NULL)
            return FALSE;
        blob *b = g_new0(blob, 1);
        b->name = g_strdup(item.name);
        b->data = data + at;
        b->size = item.size;
        add_blob(pack, b);
        at += padded(item.size);
    }
    return at == size;
}

static void forget_map(jd_pack *pack)
{
    g_hash_table_remove_all(pack->by_name);
    g_ptr_array_set_size(pack->blobs, 0);
    g_clear_pointer(&pack->map, g_mapped_file_unref);
}

jd_pack *jd_pack_open(const char *path, const char *key)
{
    jd_pack *pack = g_new0(jd_pack, 1);
    pack->path = g_strdup(path);
    pack->blobs = g_ptr_array_new_with_free_func(blob_free);
    pack->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    jd_sha256_raw(key, strlen(key), pack->key);
    if (path)
        pack->map = g_mapped_file_new(path, FALSE, NULL);
    if (pack->map && !index_blobs(pack))
        forget_map(pack);
    return pack;
}

void jd_pack_free(jd_pack *pack)
{
    if (!pack)
        return;
    g_hash_table_unref(pack->by_name);
    g_ptr_array_unref(pack->blobs);
    g_clear_pointer(&pack->map, g_mapped_file_unref);
    g_free(pack->path);
    g_free(pack);
}

gboolean jd_pack_is_mapped(const jd_pack *pack)
{
    return pack->map != NULL;
}

const void *jd_pack_get(const jd_pack *pack, const char *name, gsize size)
{
    const blob *b = g_hash_table_lookup(pack->by_name, name);
    return b && b->size == size ? b->data : NULL;
}

void *jd_pack_add(jd_pack *pack, const char *name, gsize size, GError **error)
{
    g_return_val_if_fail(strlen(name) < NAME_SIZE, NULL);
    void *data = aligned_alloc(ALIGN, padded(size > 0 ? size : 1));
    if (!data) {
        jd_set_error(error, JD_ERROR_LIMIT, "close other programs or use a smaller model",
                     "not enough memory for %" G_GSIZE_FORMAT " bytes of weights", size);
        return NULL;
    }
    memset(data, 0, padded(size > 0 ? size : 1));
    blob *b = g_new0(blob, 1);
    b->name = g_strdup(name);
    b->data = data;
    b->size = size;
    b->owned = TRUE;
    add_blob(pack, b);
    return data;
}

static gboolean write_all(int fd, const void *data, gsize size)
{
    const char *p = data;
    while (size > 0) {
        ssize_t done = write(fd, p, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return FALSE;
        p += done;
        size -= (gsize)done;
    }
    return TRUE;
}

static gboolean write_blobs(const jd_pack *pack, int fd)
{
    file_header header = {.count = pack->blobs->len};
    memcpy(header.magic, MAGIC, sizeof MAGIC);
    memcpy(header.key, pack->key, KEY_SIZE);
    if (!write_all(fd, &header, sizeof header))
        return FALSE;
    for (guint i = 0; i < pack->blobs->len; i++) {
        const blob *b = g_ptr_array_index(pack->blobs, i);
        blob_header item = {.size = b->size};
        g_strlcpy(item.name, b->name, sizeof item.name);
        /* The memory behind a blob is padded too, see jd_pack_add(). */
        if (!write_all(fd, &item, sizeof item) || !write_all(fd, b->data, padded(b->size)))
            return FALSE;
    }
    return fsync(fd) == 0;
}

gboolean jd_pack_save(const jd_pack *pack, GError **error)
{
    if (!pack->path || pack->map)
        return TRUE;
    g_autofree char *folder = g_path_get_dirname(pack->path);
    g_autofree char *temporary = g_strconcat(pack->path, ".XXXXXX", NULL);
    if (g_mkdir_with_parents(folder, 0700) != 0) {
        jd_set_error_errno(error, errno, "cannot make the folder %s", folder);
        return FALSE;
    }
    int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot write %s", pack->path);
        return FALSE;
    }
    gboolean ok = write_blobs(pack, fd);
    int number = errno;
    close(fd);
    if (ok && g_rename(temporary, pack->path) != 0) {
        number = errno;
        ok = FALSE;
    }
    if (!ok) {
        g_unlink(temporary);
        jd_set_error_errno(error, number, "cannot keep packed weights in %s", pack->path);
    }
    return ok;
}
