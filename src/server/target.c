#include "server/target.h"

#include "server/problem.h"

#include <string.h>

/* Text behind percent signs; NULL where it is malformed, holds a NUL or is no UTF-8. */
static char *decode(const char *text)
{
    g_autofree char *decoded = g_uri_unescape_string(text, NULL);
    return decoded && g_utf8_validate(decoded, -1, NULL) ? g_steal_pointer(&decoded) : NULL;
}

static gboolean add_parameter(GHashTable *query, const char *pair, GError **error)
{
    const char *equals = strchr(pair, '=');
    g_autofree char *raw_name = g_strndup(pair, equals ? (gsize)(equals - pair) : strlen(pair));
    g_autofree char *raw_value = g_strdelimit(g_strdup(equals ? equals + 1 : ""), "+", ' ');
    g_autofree char *name = decode(g_strdelimit(raw_name, "+", ' '));
    g_autofree char *value = decode(raw_value);
    if (!name || !value) {
        jd_set_http_error(error, 400, NULL, "the query string is malformed");
        return FALSE;
    }
    if (g_hash_table_contains(query, name)) {
        jd_set_http_error(error, 400, NULL, "the parameter %s is given twice", name);
        return FALSE;
    }
    g_hash_table_insert(query, g_steal_pointer(&name), g_steal_pointer(&value));
    return TRUE;
}

gboolean jd_target_split(const char *target, char **path, GHashTable *query, GError **error)
{
    const char *mark = strchr(target, '?');
    g_autofree char *raw = g_strndup(target, mark ? (gsize)(mark - target) : strlen(target));
    g_autofree char *decoded = decode(raw);
    if (!decoded || *decoded != '/') {
        jd_set_http_error(error, 400, NULL, "the path of the request is malformed");
        return FALSE;
    }
    g_auto(GStrv) pairs = g_strsplit(mark ? mark + 1 : "", "&", -1);
    for (char **pair = pairs; *pair; pair++)
        if (**pair && !add_parameter(query, *pair, error))
            return FALSE;
    *path = g_steal_pointer(&decoded);
    return TRUE;
}
