#include "nn/torch.h"

#include "base/error.h"
#include "base/limits.h"
#include "nn/torch_build.h"
#include "nn/zip.h"

#include <string.h>

/* torch has written "little" or "big" since 2.1; before, every file was little-endian. */
static gboolean check_byte_order(const jd_zip *zip, const char *folder, GError **error)
{
    g_autofree char *name = g_strconcat(folder, "byteorder", NULL);
    if (!jd_zip_has(zip, name))
        return TRUE;
    g_autoptr(GBytes) order = jd_zip_get(zip, name, error);
    if (!order)
        return FALSE;
    gsize size;
    const char *text = g_bytes_get_data(order, &size);
    if (size == 6 && memcmp(text, "little", 6) == 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it on a little-endian machine",
                 "the checkpoint's numbers are not little-endian");
    return FALSE;
}

/* A copy: the file is mapped and may change while the pickle is read. */
static GBytes *copy_pickle(const jd_zip *zip, const char *name, GError **error)
{
    g_autoptr(GBytes) shared = jd_zip_get(zip, name, error);
    if (!shared)
        return NULL;
    gsize size;
    gconstpointer data = g_bytes_get_data(shared, &size);
    if (size > JD_LIMIT_PICKLE_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s has %zu bytes; at most %lld are read", name,
                     size, JD_LIMIT_PICKLE_BYTES);
        return NULL;
    }
    return g_bytes_new(data, size);
}

static gboolean fill_storages(jd_torch_build *build, const jd_zip *zip, const char *folder,
                              GError **error)
{
    GHashTableIter iter;
    gpointer storage;
    g_hash_table_iter_init(&iter, build->storages);
    while (g_hash_table_iter_next(&iter, NULL, &storage)) {
        g_autofree char *name =
            g_strconcat(folder, "data/", ((jd_torch_storage *)storage)->key, NULL);
        g_autoptr(GBytes) bytes = jd_zip_get(zip, name, error);
        if (!bytes || !jd_torch_build_fill(build, storage, bytes, error))
            return FALSE;
    }
    return TRUE;
}

static GHashTable *load_zip(GBytes *file, GError **error)
{
    g_autoptr(jd_zip) zip = jd_zip_open(file, error);
    if (!zip)
        return NULL;
    const char *name = jd_zip_find(zip, "data.pkl");
    if (!name) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it with torch.save",
                     "a zip archive without data.pkl: no checkpoint of torch");
        return NULL;
    }
    g_autofree char *folder = g_strndup(name, strlen(name) - strlen("data.pkl"));
    if (!check_byte_order(zip, folder, error))
        return NULL;
    g_autoptr(GBytes) pickle = copy_pickle(zip, name, error);
    if (!pickle)
        return NULL;
    g_autoptr(jd_torch_build) build = jd_torch_build_new(g_bytes_get_size(file));
    const jd_pickle_value *root = jd_pickle_run(build->pickle, pickle, NULL, error);
    if (!root || !fill_storages(build, zip, folder, error))
        return NULL;
    return jd_torch_build_collect(build, root, error);
}

GHashTable *jd_torch_load(GBytes *file, GError **error)
{
    gsize size;
    const char *data = g_bytes_get_data(file, &size);
    if (size >= 4 && memcmp(data, "PK\3\4", 4) == 0)
        return load_zip(file, error);
    if (jd_torch_is_legacy(file))
        return jd_torch_legacy_load(file, error);
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "save it with torch.save",
                 "the file is no checkpoint of torch.save");
    return NULL;
}
