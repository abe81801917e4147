/*
 * torch.save's format until 1.5: a stream of pickles (magic number, protocol version, system,
 * object, list of storage keys), then for each key the number of elements (int64) and the elements.
 * Source: torch/serialization.py, _legacy_save.
 */
#include "nn/torch_build.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* The magic number 0x1950a86a20f9469cfc6c as pickled by protocol 2. */
static const guint8 magic[] = {0x80, 2,    0x8A, 10,   0x6C, 0xFC, 0x9C, 0x46,
                               0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, '.'};
enum { LEGACY_PROTOCOL = 1001, COUNT_BYTES = 8 };

typedef struct legacy_file {
    GBytes *file;  /* the whole file */
    GBytes *begin; /* a copy of its beginning, where the pickles are: the file is mapped and may
                      change while they are read */
    gsize at;
} legacy_file;

static gboolean invalid(GError **error, const char *what)
{
    jd_set_error(error, JD_ERROR_INVALID, "the file is cut short or damaged: get it again",
                 "the checkpoint %s", what);
    return FALSE;
}

gboolean jd_torch_is_legacy(GBytes *file)
{
    gsize size;
    gconstpointer data = g_bytes_get_data(file, &size);
    return size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0;
}

static jd_pickle_value *next_pickle(jd_torch_build *build, legacy_file *from, GError **error)
{
    gsize used;
    g_autoptr(GBytes) rest =
        g_bytes_new_from_bytes(from->begin, from->at, g_bytes_get_size(from->begin) - from->at);
    jd_pickle_value *value = jd_pickle_run(build->pickle, rest, &used, error);
    if (value)
        from->at += used;
    return value;
}

/* The system's description, a dict, where little_endian must be True. */
static gboolean check_system(const jd_pickle_value *system, GError **error)
{
    if (system->kind != JD_PICKLE_DICT)
        return invalid(error, "has no description of its system");
    for (guint i = 0; i + 1 < system->items->len; i += 2) {
        const jd_pickle_value *key = system->items->pdata[i], *value = system->items->pdata[i + 1];
        if (key->kind == JD_PICKLE_STRING && g_str_equal(key->string, "little_endian") &&
            value->kind == JD_PICKLE_BOOL && !value->integer) {
            jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it on a little-endian machine",
                         "the checkpoint's numbers are not little-endian");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_head(jd_torch_build *build, legacy_file *from, GError **error)
{
    from->at = sizeof magic;
    const jd_pickle_value *protocol = next_pickle(build, from, error);
    if (!protocol)
        return FALSE;
    if (protocol->kind != JD_PICKLE_INT || protocol->integer != LEGACY_PROTOCOL)
        return invalid(error, "is of an unknown protocol; 1001 was expected");
    const jd_pickle_value *system = next_pickle(build, from, error);
    return system && check_system(system, error);
}

/* One storage: its number of elements, then they. */
static gboolean read_storage(jd_torch_build *build, legacy_file *from, jd_torch_storage *storage,
                             GError **error)
{
    gsize size, bytes;
    const guint8 *data = g_bytes_get_data(from->file, &size);
    guint64 elements;
    if (size - from->at < COUNT_BYTES)
        return invalid(error, "ends before its storages do");
    memcpy(&elements, data + from->at, sizeof elements);
    from->at += COUNT_BYTES;
    if (elements != storage->elements || elements > G_MAXSIZE ||
        !g_size_checked_mul(&bytes, (gsize)elements, jd_dtype_size(storage->dtype)) ||
        bytes > size - from->at)
        return invalid(error, "has a storage whose size does not fit");
    g_autoptr(GBytes) slice = g_bytes_new_from_bytes(from->file, from->at, bytes);
    from->at += bytes;
    return jd_torch_build_fill(build, storage, slice, error);
}

static gboolean read_storages(jd_torch_build *build, legacy_file *from, const jd_pickle_value *keys,
                              GError **error)
{
    if (keys->kind != JD_PICKLE_LIST)
        return invalid(error, "has no list of storages");
    for (guint i = 0; i < keys->items->len; i++) {
        const jd_pickle_value *key = jd_pickle_item(keys, i, JD_PICKLE_STRING);
        jd_torch_storage *storage = key ? g_hash_table_lookup(build->storages, key->string) : NULL;
        if (!storage || storage->bytes)
            return invalid(error, "lists a storage that no tensor uses, or lists one twice");
        if (!read_storage(build, from, storage, error))
            return FALSE;
    }
    if (keys->items->len != g_hash_table_size(build->storages))
        return invalid(error, "lacks a storage");
    return TRUE;
}

GHashTable *jd_torch_legacy_load(GBytes *file, GError **error)
{
    gsize size;
    gconstpointer data = g_bytes_get_data(file, &size);
    g_autoptr(GBytes) begin = g_bytes_new(data, MIN(size, (gsize)JD_LIMIT_PICKLE_BYTES));
    legacy_file from = {.file = file, .begin = begin};
    g_autoptr(jd_torch_build) build = jd_torch_build_new(size);
    if (!check_head(build, &from, error))
        return NULL;
    const jd_pickle_value *root = next_pickle(build, &from, error);
    const jd_pickle_value *keys = root ? next_pickle(build, &from, error) : NULL;
    if (!keys || !read_storages(build, &from, keys, error))
        return NULL;
    return jd_torch_build_collect(build, root, error);
}
