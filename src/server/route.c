#include "server/route.h"

#include "server/page.h"

#include <jansson.h>
#include <string.h>

/* ---- matching ---- */

/* Whether `path` is of the pattern; the texts of its braces are added to `parts`. */
static gboolean matches(const char *pattern, const char *path, GPtrArray *parts)
{
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return FALSE;
            continue;
        }
        const char *end = strchr(pattern, '}');
        gsize length =
            g_str_has_prefix(end - strlen("..."), "...") ? strlen(path) : strcspn(path, "/");
        if (length == 0)
            return FALSE;
        g_ptr_array_add(parts, g_strndup(path, length));
        path += length;
        pattern = end + 1;
    }
    return *path == '\0';
}

static gboolean answers(const jd_route *route, const char *method)
{
    return g_str_equal(route->method, method) ||
           (g_str_equal(method, "HEAD") && g_str_equal(route->method, "GET"));
}

static void set_not_found(const char *path, const GString *methods, char **allow, GError **error)
{
    if (methods->len == 0) {
        jd_set_http_error(error, 404, "/api/v1/openapi.json lists what there is",
                          "there is nothing at %s", path);
        return;
    }
    *allow = g_strdup(methods->str);
    jd_set_http_error(error, 405, NULL, "%s takes %s", path, methods->str);
}

const jd_route *jd_route_find(const char *method, const char *path, char ***parts, char **allow,
                              GError **error)
{
    g_autoptr(GString) methods = g_string_new(NULL);
    for (gsize t = 0; jd_route_tables[t]; t++)
        for (const jd_route *route = jd_route_tables[t]->routes; route->method; route++) {
            g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
            if (!matches(route->pattern, path, found))
                continue;
            if (answers(route, method)) {
                g_ptr_array_add(found, NULL);
                *parts = (char **)g_ptr_array_steal(found, NULL);
                return route;
            }
            g_string_append_printf(methods, "%s%s", methods->len ? ", " : "", route->method);
        }
    if (jd_page_find(path)) {
        if (answers(&jd_page_route, method))
            return &jd_page_route;
        g_string_append(methods, jd_page_route.method);
    }
    set_not_found(path, methods, allow, error);
    return NULL;
}

const jd_route_table *jd_route_table_for(const char *path)
{
    const jd_route_table *best = NULL;
    for (gsize t = 0; jd_route_tables[t]; t++) {
        const jd_route_table *table = jd_route_tables[t];
        if (g_str_has_prefix(path, table->prefix) &&
            (!best || strlen(table->prefix) > strlen(best->prefix)))
            best = table;
    }
    return best;
}

/* ---- errors ---- */

void jd_put_error(jd_call *call, const jd_problem *problem)
{
    json_t *json = json_pack("{s:{s:s, s:s, s:s?}}", "error", "code", problem->code, "message",
                             problem->message, "hint", problem->hint);
    if (!json) /* a message that is no UTF-8 */
        json = json_pack("{s:{s:s, s:s, s:n}}", "error", "code", problem->code, "message",
                         "the message cannot be shown", "hint");
    jd_call_reply_json(call, problem->status, json);
}
