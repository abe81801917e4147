#include "embed/tokenizer_json.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

const char *jd_settings_optional(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return NULL;
    return json_string_value(value);
}

const char *jd_settings_text(const json_t *object, const char *key, GError **error)
{
    const char *text = jd_settings_optional(object, key);
    if (!text)
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the text \"%s\" is missing", key);
    return text;
}

gboolean jd_settings_flag(const json_t *object, const char *key, gboolean fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

gint64 jd_settings_index(const json_t *value, const char *what, gint64 limit, GError **error)
{
    if (!json_is_integer(value)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "%s is no integer", what);
        return -1;
    }
    const gint64 number = json_integer_value(value);
    if (number < 0 || number >= limit) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "%s is %" G_GINT64_FORMAT ", not from 0 to %" G_GINT64_FORMAT, what, number,
                     limit - 1);
        return -1;
    }
    return number;
}

const char *jd_settings_type(const json_t *object, const char *what, GError **error)
{
    const char *type = jd_settings_optional(object, "type");
    if (!type)
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the %s names no \"type\"", what);
    return type;
}

static gboolean walk(const json_t *json, const jd_settings_chain *chain, int depth, int *count,
                     GError **error)
{
    if (!json || json_is_null(json))
        return TRUE;
    const char *type = jd_settings_type(json, chain->what, error);
    if (!type)
        return FALSE;
    if (depth > JD_LIMIT_TOKENIZER_DEPTH || ++*count > JD_LIMIT_TOKENIZER_STEPS) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "the %s has more than %d steps, or sequences deeper than %d", chain->what,
                     JD_LIMIT_TOKENIZER_STEPS, JD_LIMIT_TOKENIZER_DEPTH);
        return FALSE;
    }
    if (strcmp(type, "Sequence") != 0) {
        if (chain->add(json, type, chain->user, error))
            return TRUE;
        jd_prefix_error(error, "the %s %s: ", chain->what, type);
        return FALSE;
    }
    const json_t *list = json_object_get(json, chain->list);
    if (!json_is_array(list)) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the %s Sequence has no list \"%s\"",
                     chain->what, chain->list);
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(list); i++)
        if (!walk(json_array_get(list, i), chain, depth + 1, count, error))
            return FALSE;
    return TRUE;
}

gboolean jd_settings_walk(const json_t *json, const jd_settings_chain *chain, GError **error)
{
    int count = 0;
    return walk(json, chain, 0, &count, error);
}
