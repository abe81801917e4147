#include "nn/zip.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

enum {
    END_SIZE = 22,
    END_MAX_COMMENT = 65535,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    EXTRA_ZIP64 = 1,
};

typedef struct zip_entry {
    guint64 offset; /* of the local header */
    guint64 size, packed;
    guint16 method, flags;
} zip_entry;

struct jd_zip {
    GBytes *file;
    GHashTable *entries; /* char * -> zip_entry * */
};

/* The whole file; every read is checked by the caller. */
typedef struct zip_bytes {
    const guint8 *data;
    gsize size;
} zip_bytes;

static guint64 get(const guint8 *at, int width)
{
    guint64 value = 0;
    for (int i = 0; i < width; i++)
        value |= (guint64)at[i] << (8 * i);
    return value;
}

static gboolean invalid(GError **error, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: get it again",
                 "the zip archive %s", what);
    return FALSE;
}

/* The end record: the last one whose comment reaches exactly to the end of the file. */
static const guint8 *find_end(const zip_bytes *file)
{
    if (file->size < END_SIZE)
        return NULL;
    gsize last = file->size - END_SIZE;
    gsize first = last > END_MAX_COMMENT ? last - END_MAX_COMMENT : 0;
    for (gsize i = last + 1; i-- > first;) {
        const guint8 *at = file->data + i;
        if (memcmp(at, "PK\5\6", 4) == 0 && get(at + 20, 2) == last - i)
            return at;
    }
    return NULL;
}

typedef struct zip_directory {
    guint64 count, size, offset;
} zip_directory;

static gboolean read_end64(const zip_bytes *file, const guint8 *end, zip_directory *directory)
{
    if (end - file->data < LOCATOR_SIZE || memcmp(end - LOCATOR_SIZE, "PK\6\7", 4) != 0)
        return FALSE;
    guint64 offset = get(end - LOCATOR_SIZE + 8, 8);
    if (file->size < END64_SIZE || offset > file->size - END64_SIZE ||
        memcmp(file->data + offset, "PK\6\6", 4) != 0)
        return FALSE;
    directory->count = get(file->data + offset + 32, 8);
    directory->size = get(file->data + offset + 40, 8);
    directory->offset = get(file->data + offset + 48, 8);
    return TRUE;
}

static gboolean read_end(const zip_bytes *file, zip_directory *directory, GError **error)
{
    const guint8 *end = find_end(file);
    if (!end)
        return invalid(error, "has no end record");
    directory->count = get(end + 10, 2);
    directory->size = get(end + 12, 4);
    directory->offset = get(end + 16, 4);
    gboolean big = directory->count == 0xFFFF || directory->size == 0xFFFFFFFF ||
                   directory->offset == 0xFFFFFFFF;
    if (big && !read_end64(file, end, directory))
        return invalid(error, "has no ZIP64 end record where it needs one");
    if (directory->offset > file->size || directory->size > file->size - directory->offset)
        return invalid(error, "has a directory that lies outside the file");
    if (directory->count > JD_LIMIT_ZIP_ENTRIES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "the zip archive claims %" G_GUINT64_FORMAT " entries; at most %d are read",
                     directory->count, JD_LIMIT_ZIP_ENTRIES);
        return FALSE;
    }
    return TRUE;
}

/* Replaces saturated 32-bit fields by the ZIP64 extra field's, which has only those, in order. */
static gboolean read_extra(const guint8 *extra, gsize length, zip_entry *entry)
{
    guint64 *fields[] = {&entry->size, &entry->packed, &entry->offset};
    while (length >= 4) {
        guint64 id = get(extra, 2), size = get(extra + 2, 2);
        if (size > length - 4)
            return FALSE;
        const guint8 *at = extra + 4, *stop = at + size;
        for (gsize i = 0; id == EXTRA_ZIP64 && i < G_N_ELEMENTS(fields); i++) {
            if (*fields[i] != 0xFFFFFFFF)
                continue;
            if (stop - at < 8)
                return FALSE;
            *fields[i] = get(at, 8);
            at += 8;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
    return TRUE;
}

/* Reads one record at `at`; `*used` gets its size. */
static gboolean read_record(jd_zip *zip, const zip_bytes *rest, gsize *used, GError **error)
{
    const guint8 *at = rest->data;
    if (rest->size < CENTRAL_SIZE || memcmp(at, "PK\1\2", 4) != 0)
        return invalid(error, "has a broken directory");
    gsize name_length = get(at + 28, 2), extra_length = get(at + 30, 2);
    *used = CENTRAL_SIZE + name_length + extra_length + get(at + 32, 2);
    if (*used > rest->size)
        return invalid(error, "has a broken directory");
    g_autofree char *name = g_strndup((const char *)at + CENTRAL_SIZE, name_length);
    if (strlen(name) != name_length || !g_utf8_validate(name, -1, NULL))
        return invalid(error, "has an entry whose name is no text");
    zip_entry entry = {.flags = get(at + 8, 2),
                       .method = get(at + 10, 2),
                       .packed = get(at + 20, 4),
                       .size = get(at + 24, 4),
                       .offset = get(at + 42, 4)};
    if (!read_extra(at + CENTRAL_SIZE + name_length, extra_length, &entry))
        return invalid(error, "has a broken extra field");
    if (!g_hash_table_insert(zip->entries, g_steal_pointer(&name), g_memdup2(&entry, sizeof entry)))
        return invalid(error, "has two entries of the same name");
    return TRUE;
}

static gboolean read_directory(jd_zip *zip, const zip_bytes *file, GError **error)
{
    zip_directory directory;
    if (!read_end(file, &directory, error))
        return FALSE;
    /* A copy: the file is mapped and may change while it is read. */
    g_autofree guint8 *copy = g_try_malloc(MAX(directory.size, 1));
    if (!copy) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for the zip archive's directory");
        return FALSE;
    }
    memcpy(copy, file->data + directory.offset, directory.size);
    zip_bytes rest = {copy, directory.size};
    for (guint64 i = 0; i < directory.count; i++) {
        gsize used;
        if (!read_record(zip, &rest, &used, error))
            return FALSE;
        rest.data += used;
        rest.size -= used;
    }
    return TRUE;
}

jd_zip *jd_zip_open(GBytes *file, GError **error)
{
    zip_bytes bytes;
    bytes.data = g_bytes_get_data(file, &bytes.size);
    g_autoptr(jd_zip) zip = g_new0(jd_zip, 1);
    zip->file = g_bytes_ref(file);
    zip->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!read_directory(zip, &bytes, error))
        return NULL;
    return g_steal_pointer(&zip);
}

void jd_zip_free(jd_zip *zip)
{
    if (!zip)
        return;
    g_bytes_unref(zip->file);
    g_hash_table_unref(zip->entries);
    g_free(zip);
}

const char *jd_zip_find(const jd_zip *zip, const char *name)
{
    GHashTableIter iter;
    gpointer key;
    const char *found = NULL;
    g_hash_table_iter_init(&iter, zip->entries);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        const char *slash = strchr(key, '/');
        if (!slash || !g_str_equal(slash + 1, name))
            continue;
        if (found)
            return NULL;
        found = key;
    }
    return found;
}

gboolean jd_zip_has(const jd_zip *zip, const char *name)
{
    return g_hash_table_contains(zip->entries, name);
}

/* Where an entry's data begins: the local header's own lengths count, not the directory's. */
static gboolean data_offset(const zip_bytes *file, const zip_entry *entry, guint64 *offset)
{
    if (file->size < LOCAL_SIZE || entry->offset > file->size - LOCAL_SIZE)
        return FALSE;
    const guint8 *local = file->data + entry->offset;
    if (memcmp(local, "PK\3\4", 4) != 0)
        return FALSE;
    *offset = entry->offset + LOCAL_SIZE + get(local + 26, 2) + get(local + 28, 2);
    return *offset <= file->size && entry->size <= file->size - *offset;
}

GBytes *jd_zip_get(const jd_zip *zip, const char *name, GError **error)
{
    zip_bytes file;
    file.data = g_bytes_get_data(zip->file, &file.size);
    const zip_entry *entry = g_hash_table_lookup(zip->entries, name);
    guint64 offset;
    if (!entry) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the zip archive has no entry %s", name);
        return NULL;
    }
    if (entry->method != 0 || (entry->flags & 1)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "write it with torch.save, which stores entries",
                     "the zip archive's entry %s is %s", name,
                     (entry->flags & 1) ? "encrypted" : "compressed");
        return NULL;
    }
    if (entry->packed != entry->size || !data_offset(&file, entry, &offset)) {
        jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: get it again",
                     "the zip archive's entry %s of %" G_GUINT64_FORMAT
                     " bytes does not fit the file",
                     name, entry->size);
        return NULL;
    }
    return g_bytes_new_from_bytes(zip->file, offset, entry->size);
}
