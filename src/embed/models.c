#include "embed/models.h"

#include "base/error.h"
#include "base/remedy.h"
#include "embed/config.h"

#include <string.h>

char *jd_models_folder(void)
{
    const char *own = g_getenv("JACKDAW_MODELS");
    return own && *own ? g_strdup(own)
                       : g_build_filename(g_get_user_data_dir(), "jackdaw", "models", NULL);
}

char *jd_models_cache(void)
{
    return g_build_filename(g_get_user_cache_dir(), "jackdaw", NULL);
}

static gboolean is_model(const char *folder)
{
    g_autofree char *config = g_build_filename(folder, "config.json", NULL);
    return g_file_test(config, G_FILE_TEST_IS_REGULAR);
}

/* The models in `folder`, each with `prefix` before its name; and, one level deep, those in folders
 * that are no models. */
static void collect(const char *folder, const char *prefix, GPtrArray *names)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (*name == '.')
            continue;
        if (is_model(path))
            g_ptr_array_add(names, g_strconcat(prefix, name, NULL));
        else if (!*prefix) {
            g_autofree char *org = g_strconcat(name, "/", NULL);
            collect(path, org, names);
        }
    }
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **jd_models_names(void)
{
    g_autofree char *folder = jd_models_folder();
    GPtrArray *names = g_ptr_array_new();
    collect(folder, "", names);
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

/* "all-MiniLM-L6-v2" is "sentence-transformers/all-MiniLM-L6-v2". */
static gboolean is_name_of(const char *wanted, const char *installed)
{
    const char *slash = strchr(installed, '/');
    return strcmp(wanted, installed) == 0 || (slash && strcmp(wanted, slash + 1) == 0);
}

static void set_not_found(const char *wanted, const char *folder, char **names, GError **error)
{
    g_autofree char *list = g_strjoinv(", ", names);
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_PULL_ENCODER,
                 "no model '%s': it is no folder with a config.json, and %s holds %s", wanted,
                 folder, *list ? list : "none");
}

/* The one of `names` that is meant; NULL where there is none, or, with an error, where there are
 * several. */
static const char *find_among(char *const *names, const char *wanted, GError **error)
{
    const char *found = NULL;
    for (gsize i = 0; names[i]; i++) {
        if (strcmp(wanted, names[i]) == 0)
            return names[i];
        if (!is_name_of(wanted, names[i]))
            continue;
        if (found) {
            jd_set_error(error, JD_ERROR_USAGE, "give the whole name", "'%s' may be %s or %s",
                         wanted, found, names[i]);
            return NULL;
        }
        found = names[i];
    }
    return found;
}

char *jd_models_find_name(const char *name, GError **error)
{
    g_autofree char *folder = jd_models_folder();
    g_auto(GStrv) names = jd_models_names();
    g_autoptr(GError) cause = NULL;
    const char *found = find_among(names, name, &cause);
    if (found)
        return g_strdup(found);
    if (cause)
        g_propagate_error(error, g_steal_pointer(&cause));
    else
        set_not_found(name, folder, names, error);
    return NULL;
}

char *jd_models_find(const char *name_or_folder, GError **error)
{
    g_autofree char *folder = jd_models_folder();
    g_autoptr(GError) cause = NULL;
    g_autofree char *found = jd_models_find_name(name_or_folder, &cause);
    if (found)
        return g_build_filename(folder, found, NULL);
    if (is_model(name_or_folder) && g_error_matches(cause, JD_ERROR, JD_ERROR_NOT_FOUND))
        return g_strdup(name_or_folder);
    g_propagate_error(error, g_steal_pointer(&cause));
    return NULL;
}

gboolean jd_models_is_reranker(const char *folder)
{
    g_autoptr(jd_config) config = jd_config_load(folder, "config.json", NULL);
    g_autoptr(jd_config) modules =
        jd_config_load(folder, "config_sentence_transformers.json", NULL);
    const char *kind = modules ? jd_config_get_string(modules, "model_type", "") : "";
    const char *architecture = config ? jd_config_get_nth(config, "architectures", 0, "") : "";
    return strcmp(kind, "CrossEncoder") == 0 ||
           g_str_has_suffix(architecture, "ForSequenceClassification");
}

char *jd_models_find_reranker(GError **error)
{
    g_autofree char *folder = jd_models_folder();
    g_auto(GStrv) names = jd_models_names();
    for (gsize i = 0; names[i]; i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        if (jd_models_is_reranker(path))
            return g_steal_pointer(&path);
    }
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_PULL_RERANKER,
                 "no cross-encoder is installed in %s", folder);
    return NULL;
}
