/* Loading: from the cache where it fits the files, else from the files. */
#include "base/error.h"
#include "base/hash.h"
#include "embed/tokenizer.h"
#include "embed/tokenizer_compile.h"
#include "embed/tokenizer_files.h"

#include <string.h>

static char *cache_path(const char *folder, const jd_tokenizer_options *options)
{
    if (!options || !options->cache)
        return NULL;
    g_autofree char *absolute = g_canonicalize_filename(folder, NULL);
    g_autofree char *hash = jd_sha256(absolute, strlen(absolute));
    g_autofree char *name = g_strdup_printf("tokenizer-%.16s.pack", hash);
    return g_build_filename(options->cache, name, NULL);
}

static jd_tokenizer *load_files(const char *folder, const char *path, const char *key,
                                GError **error)
{
    json_auto_t *json = jd_tokenizer_files_read(folder, error);
    if (!json)
        return NULL;
    g_autoptr(jd_tables) tables = jd_tables_new(path, key);
    jd_tables *kept = tables;
    jd_tokenizer *tokenizer = NULL;
    if (jd_tokenizer_compile(json, tables, error))
        tokenizer = jd_tokenizer_open(g_steal_pointer(&tables), error);
    if (tokenizer)
        jd_tables_save(kept);
    else
        jd_prefix_error(error, "the tokenizer of %s: ", folder);
    return tokenizer;
}

jd_tokenizer *jd_tokenizer_load(const char *folder, const jd_tokenizer_options *options,
                                GError **error)
{
    g_autofree char *path = cache_path(folder, options);
    g_autofree char *key = jd_tokenizer_files_key(folder);
    jd_tables *tables = path ? jd_tables_open(path, key) : NULL;
    jd_tokenizer *tokenizer = tables ? jd_tokenizer_open(tables, NULL) : NULL;
    return tokenizer ? tokenizer : load_files(folder, path, key, error);
}
