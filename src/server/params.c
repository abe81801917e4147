#include "server/params.h"

#include "server/problem.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static void add_texts(json_t *object, GHashTable *texts)
{
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, texts);
    while (g_hash_table_iter_next(&iter, &name, &value))
        json_object_set_new(object, name, json_string(value));
}

void jd_params_init_json(jd_params *params, json_t *object)
{
    *params = (jd_params){.object = json_incref(object),
                          .known = g_hash_table_new(g_str_hash, g_str_equal)};
}

gboolean jd_params_init(jd_params *params, jd_call *call, GError **error)
{
    const char *type = jd_call_media_type(call);
    gboolean multipart = g_str_equal(type, "multipart/form-data");
    gboolean empty = g_bytes_get_size(jd_call_body(call)) == 0;
    if (!multipart && (!empty || g_str_equal(type, "application/json"))) {
        json_t *json = jd_call_json(call, error);
        if (!json)
            return FALSE;
        if (!json_is_object(json)) {
            jd_set_http_error(error, 400, NULL, "the body is to be a JSON object");
            return FALSE;
        }
        jd_params_init_json(params, json);
        return TRUE;
    }
    json_auto_t *object = json_object();
    add_texts(object, jd_call_query_all(call));
    add_texts(object, jd_call_fields(call));
    jd_params_init_json(params, object);
    params->text = TRUE;
    return TRUE;
}

void jd_params_clear(jd_params *params)
{
    json_decref(params->object);
    if (params->known)
        g_hash_table_unref(params->known);
    *params = (jd_params){0};
}

/* The value, or NULL where it is absent or null. */
static json_t *look_up(jd_params *params, const char *name)
{
    g_hash_table_add(params->known, (gpointer)name);
    json_t *value = json_object_get(params->object, name);
    return json_is_null(value) ? NULL : value;
}

static gboolean refuse(const char *name, const char *expected, GError **error)
{
    jd_set_http_error(error, 400, NULL, "%s is to be %s", name, expected);
    return FALSE;
}

gboolean jd_params_has(const jd_params *params, const char *name)
{
    const json_t *value = json_object_get(params->object, name);
    return value && !json_is_null(value);
}

gboolean jd_params_text(jd_params *params, const char *name, const char **value, GError **error)
{
    json_t *found = look_up(params, name);
    if (!found)
        return TRUE;
    if (!json_is_string(found))
        return refuse(name, "a string", error);
    *value = json_string_value(found);
    return TRUE;
}

gboolean jd_params_flag(jd_params *params, const char *name, gboolean *value, GError **error)
{
    json_t *found = look_up(params, name);
    if (!found)
        return TRUE;
    const char *text = params->text ? json_string_value(found) : NULL;
    gboolean yes = json_is_true(found) || g_strcmp0(text, "true") == 0;
    if (!yes && !json_is_false(found) && g_strcmp0(text, "false") != 0)
        return refuse(name, "true or false", error);
    *value = yes;
    return TRUE;
}

gboolean jd_params_number(jd_params *params, const char *name, jd_range range, double *value,
                          GError **error)
{
    json_t *found = look_up(params, name);
    if (!found)
        return TRUE;
    double number = NAN;
    if (json_is_number(found)) {
        number = json_number_value(found);
    } else if (params->text) {
        const char *text = json_string_value(found);
        char *end;
        number = g_ascii_strtod(text, &end);
        if (end == text || *end != '\0')
            number = NAN;
    }
    if (number >= range.min && number <= range.max) {
        *value = number;
        return TRUE;
    }
    g_autofree char *expected = g_strdup_printf("a number from %g to %g", range.min, range.max);
    return refuse(name, expected, error);
}

gboolean jd_params_integer(jd_params *params, const char *name, jd_range range, int *value,
                           GError **error)
{
    double number = NAN;
    json_t *found = json_object_get(params->object, name);
    gboolean whole = jd_params_number(params, name, range, &number, NULL) &&
                     (isnan(number) || number == floor(number)) && !json_is_real(found);
    if (!whole) {
        g_autofree char *expected =
            g_strdup_printf("a whole number from %.0f to %.0f", range.min, range.max);
        return refuse(name, expected, error);
    }
    if (!isnan(number))
        *value = (int)number;
    return TRUE;
}

gboolean jd_params_choice(jd_params *params, const char *name, const char *const *words, int *index,
                          GError **error)
{
    const char *text = NULL;
    if (!jd_params_text(params, name, &text, error))
        return FALSE;
    if (!text)
        return TRUE;
    for (int i = 0; words[i]; i++)
        if (g_str_equal(words[i], text)) {
            *index = i;
            return TRUE;
        }
    g_autofree char *list = g_strjoinv(", ", (char **)words);
    g_autofree char *expected = g_strconcat("one of ", list, NULL);
    return refuse(name, expected, error);
}

gboolean jd_params_json(jd_params *params, const char *name, int type, json_t **value,
                        GError **error)
{
    json_t *found = look_up(params, name);
    if (found && params->text) {
        /* Kept in place of the text, so that it lives as long as the parameters. */
        json_t *parsed = json_loads(json_string_value(found), JSON_REJECT_DUPLICATES, NULL);
        if (parsed)
            json_object_set_new(params->object, name, parsed);
        found = parsed ? parsed : found;
    }
    if (found && (int)json_typeof(found) != type)
        return refuse(name, type == JSON_ARRAY ? "an array" : "an object", error);
    *value = found;
    return TRUE;
}

gboolean jd_params_strings(jd_params *params, const char *name, const char ***value, GError **error)
{
    json_t *found = look_up(params, name);
    gboolean one = params->text && json_is_string(found);
    if (found && !one && !json_is_array(found))
        return refuse(name, "an array of strings", error);
    gsize n = one ? 1 : json_array_size(found);
    g_autofree const char **strings = g_new0(const char *, n + 1);
    for (gsize i = 0; i < n; i++) {
        strings[i] = json_string_value(one ? found : json_array_get(found, i));
        if (!strings[i])
            return refuse(name, "an array of strings", error);
    }
    *value = found ? g_steal_pointer(&strings) : NULL;
    return TRUE;
}

gboolean jd_params_end(const jd_params *params, GError **error)
{
    const char *name;
    json_t *value;
    json_object_foreach(params->object, name, value)
    {
        if (g_hash_table_contains(params->known, name))
            continue;
        guint n;
        g_autofree const char **known =
            (const char **)g_hash_table_get_keys_as_array(params->known, &n);
        g_autofree char *list = n > 0 ? g_strjoinv(", ", (char **)known) : g_strdup("none");
        g_autofree char *hint = g_strdup_printf("known are: %s", list);
        jd_set_http_error(error, 400, hint, "there is no parameter %s here", name);
        return FALSE;
    }
    return TRUE;
}
