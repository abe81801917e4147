#include "embed/config.h"

#include "base/error.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

struct jd_config {
    char *path;           /* for messages */
    json_t *root;         /* a reference */
    GHashTable *children; /* key -> jd_config * */
};

enum { MAX_CONFIG_BYTES = 16 << 20 };

static jd_config *config_new(const char *path, json_t *root)
{
    jd_config *config = g_new0(jd_config, 1);
    config->path = g_strdup(path);
    config->root = json_incref(root);
    config->children =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)jd_config_free);
    return config;
}

jd_config *jd_config_load(const char *folder, const char *file, GError **error)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    struct stat info;
    if (stat(path, &info) != 0) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, "a model folder has config.json and weights",
                     "%s is not there", path);
        return NULL;
    }
    if (info.st_size > MAX_CONFIG_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s is larger than %d MiB", path,
                     MAX_CONFIG_BYTES >> 20);
        return NULL;
    }
    json_error_t where;
    json_auto_t *root = json_load_file(path, 0, &where);
    if (!json_is_object(root)) {
        jd_set_error(error, JD_ERROR_INVALID, "fetch the model again",
                     "%s: expected a JSON object (line %d: %s)", path, where.line,
                     root ? "something else" : where.text);
        return NULL;
    }
    return config_new(path, root);
}

void jd_config_free(jd_config *config)
{
    if (!config)
        return;
    g_hash_table_unref(config->children);
    json_decref(config->root);
    g_free(config->path);
    g_free(config);
}

/* Made on first use; the model is loaded by one thread. */
const jd_config *jd_config_object(const jd_config *config, const char *key)
{
    jd_config *child = g_hash_table_lookup(config->children, key);
    if (child)
        return child;
    json_t *value = json_object_get(config->root, key);
    json_auto_t *empty = json_is_object(value) ? NULL : json_object();
    g_autofree char *path = g_strdup_printf("%s: %s", config->path, key);
    child = config_new(path, empty ? empty : value);
    g_hash_table_insert(config->children, g_strdup(key), child);
    return child;
}

gboolean jd_config_has(const jd_config *config, const char *key)
{
    const json_t *value = json_object_get(config->root, key);
    return value && !json_is_null(value);
}

gboolean jd_config_get_int(const jd_config *config, const jd_config_int *wish, int *value,
                           GError **error)
{
    const json_t *found = json_object_get(config->root, wish->key);
    if ((!found || json_is_null(found)) && wish->otherwise >= wish->low) {
        *value = wish->otherwise;
        return TRUE;
    }
    const gint64 number = json_integer_value(found);
    if (json_is_integer(found) && number >= wish->low && number <= wish->high) {
        *value = (int)number;
        return TRUE;
    }
    g_autofree char *text = found ? json_dumps(found, JSON_ENCODE_ANY) : NULL;
    jd_set_error(error, JD_ERROR_INVALID, "is it the config of a model that Jackdaw knows?",
                 "%s: %s is %s; expected a whole number from %d to %d", config->path, wish->key,
                 text ? text : "missing", wish->low, wish->high);
    return FALSE;
}

double jd_config_get_number(const jd_config *config, const char *key, double otherwise)
{
    const json_t *found = json_object_get(config->root, key);
    return json_is_number(found) ? json_number_value(found) : otherwise;
}

gboolean jd_config_get_bool(const jd_config *config, const char *key, gboolean otherwise)
{
    const json_t *found = json_object_get(config->root, key);
    return json_is_boolean(found) ? json_is_true(found) : otherwise;
}

const char *jd_config_get_string(const jd_config *config, const char *key, const char *otherwise)
{
    const char *found = json_string_value(json_object_get(config->root, key));
    return found ? found : otherwise;
}

const char *jd_config_get_nth(const jd_config *config, const char *key, gsize n,
                              const char *otherwise)
{
    const json_t *array = json_object_get(config->root, key);
    const char *found = json_string_value(json_array_get(array, n));
    return found ? found : otherwise;
}

void jd_config_get_numbers(const jd_config *config, const char *key, float *values, gsize n)
{
    const json_t *array = json_object_get(config->root, key);
    for (gsize i = 0; i < n && i < json_array_size(array); i++)
        if (json_is_number(json_array_get(array, i)))
            values[i] = (float)json_number_value(json_array_get(array, i));
}

gboolean jd_config_get_activation(const jd_config *config, const char *key, const char *otherwise,
                                  jd_activation *activation, GError **error)
{
    static const struct {
        const char *name;
        jd_activation activation;
    } names[] = {{"quick_gelu", JD_ACT_QUICK_GELU},
                 {"gelu", JD_ACT_GELU_ERF},
                 {"gelu_new", JD_ACT_GELU_TANH},
                 {"gelu_pytorch_tanh", JD_ACT_GELU_TANH},
                 {"gelu_fast", JD_ACT_GELU_TANH},
                 {"relu", JD_ACT_RELU},
                 {"tanh", JD_ACT_TANH}};
    const char *name = jd_config_get_string(config, key, otherwise);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i].name) == 0) {
            *activation = names[i].activation;
            return TRUE;
        }
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "%s: %s is \"%s\"; known are quick_gelu, gelu, gelu_new, gelu_pytorch_tanh, relu "
                 "and tanh",
                 config->path, key, name);
    return FALSE;
}
