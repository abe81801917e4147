/* config.json and its kin: values with their range checked, errors that name file and key. */
#ifndef JD_EMBED_CONFIG_H
#define JD_EMBED_CONFIG_H

#include "nn/linear.h"

/** One JSON object of a file, or of an object in it. */
typedef struct jd_config jd_config;

/** Reads a JSON file of at most some MiB. JD_ERROR_NOT_FOUND or JD_ERROR_INVALID. */
jd_config *jd_config_load(const char *folder, const char *file, GError **error);
void jd_config_free(jd_config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_config, jd_config_free)

/** The object under a key, empty where there is none; the parent's own. */
const jd_config *jd_config_object(const jd_config *config, const char *key);
gboolean jd_config_has(const jd_config *config, const char *key);

/** An integer in [low, high]. With a default where the key is absent or null; low > the default
 * means that it must be there. */
typedef struct jd_config_int {
    const char *key;
    int low, high, otherwise;
} jd_config_int;
gboolean jd_config_get_int(const jd_config *config, const jd_config_int *wish, int *value,
                           GError **error);

double jd_config_get_number(const jd_config *config, const char *key, double otherwise);
gboolean jd_config_get_bool(const jd_config *config, const char *key, gboolean otherwise);
/** The configuration's own, or `otherwise`. */
const char *jd_config_get_string(const jd_config *config, const char *key, const char *otherwise);
/** The nth string of an array; the configuration's own, or `otherwise`. */
const char *jd_config_get_nth(const jd_config *config, const char *key, gsize n,
                              const char *otherwise);
/** Up to n numbers of an array; those absent are left as they are. */
void jd_config_get_numbers(const jd_config *config, const char *key, float *values, gsize n);

/** "quick_gelu", "gelu", "gelu_pytorch_tanh", ...: JD_ERROR_UNSUPPORTED naming any other. */
gboolean jd_config_get_activation(const jd_config *config, const char *key, const char *otherwise,
                                  jd_activation *activation, GError **error);

#endif
