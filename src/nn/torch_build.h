/*
 * What a checkpoint's pickle builds: storages, and tensors that view them. Shared by the two file
 * formats, which differ only in where the storages' bytes are.
 */
#ifndef JD_NN_TORCH_BUILD_H
#define JD_NN_TORCH_BUILD_H

#include "nn/pickle.h"
#include "nn/view.h"

typedef struct jd_torch_storage {
    char *key;
    jd_dtype dtype;
    guint64 elements; /* as the pickle says */
    GBytes *bytes;    /* set by the file format's reader after the pickle has run; at least
                         `elements` long */
} jd_torch_storage;

typedef struct jd_torch_build {
    jd_pickle_env env;
    jd_pickle *pickle;
    GHashTable *storages; /* key -> jd_torch_storage * */
    GPtrArray *tensors;   /* what the pickle's tensor objects point to */
    guint64 budget;       /* bytes that copies may still take */
} jd_torch_build;

/** `file_size` bounds what copies may take. */
jd_torch_build *jd_torch_build_new(gsize file_size);
void jd_torch_build_free(jd_torch_build *build);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_torch_build, jd_torch_build_free)

/** Gives a storage its bytes, copied where they lie unaligned. JD_ERROR_INVALID where they are too
 * few. */
gboolean jd_torch_build_fill(jd_torch_build *build, jd_torch_storage *storage, GBytes *bytes,
                             GError **error);

/** All tensors that `root` holds, by name, as jd_torch_load() returns them. Every storage must have
 * its bytes. */
GHashTable *jd_torch_build_collect(jd_torch_build *build, const jd_pickle_value *root,
                                   GError **error);

/** The older format (torch_legacy.c). */
gboolean jd_torch_is_legacy(GBytes *file);
GHashTable *jd_torch_legacy_load(GBytes *file, GError **error);

#endif
