#include "server/receive.h"

#include "base/limits.h"
#include "server/service.h"
#include "server/target.h"

#include <string.h>

/* ---- headers ---- */

typedef struct header_walk {
    jd_call *call;
    gboolean bad; /* one is there twice that must not be, is no UTF-8, or has a name that is none */
} header_walk;

/* RFC 9110, 5.6.2. What else is in a name, as a space before the colon, others read otherwise. */
static gboolean is_token(const char *text)
{
    const char *c = text;
    while (g_ascii_isalnum(*c) || (*c && strchr("!#$%&'*+-.^_`|~", *c)))
        c++;
    return *c == '\0' && c > text;
}

/* White space around a value is none of it (RFC 9110, 5.5); libmicrohttpd takes away what stands
 * before it alone. What says where the body ends stays as it came: as libmicrohttpd understood it.
 */
static char *trimmed(const char *name, const char *value)
{
    gsize length = strlen(value);
    if (!g_str_equal(name, "transfer-encoding") && !g_str_equal(name, "content-length"))
        while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
            length--;
    return g_strndup(value, length);
}

static enum MHD_Result add_header(void *user, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    static const char *const single[] = {"host",           "origin",         "authorization",
                                         "content-type",   "content-length", "transfer-encoding",
                                         "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"};
    header_walk *walk = user;
    g_autofree char *key = g_ascii_strdown(name, -1);
    gboolean known = g_hash_table_contains(walk->call->headers, key);
    for (gsize i = 0; known && i < G_N_ELEMENTS(single); i++)
        walk->bad |= g_str_equal(key, single[i]);
    walk->bad |= !is_token(name) || (value && !g_utf8_validate(value, -1, NULL));
    char *kept = trimmed(key, value ? value : "");
    g_hash_table_replace(walk->call->headers, g_steal_pointer(&key), kept);
    return MHD_YES;
}

/* A body in an encoding that is not read here, or with two ends, is where one request is smuggled
 * past a proxy within another (RFC 9112, 6.1 and 6.3). */
static gboolean is_framed(const jd_call *call)
{
    const char *encoding = jd_call_header(call, "transfer-encoding");
    return !encoding || (g_ascii_strcasecmp(encoding, "chunked") == 0 &&
                         !jd_call_header(call, "content-length"));
}

static gboolean read_headers(jd_call *call, GError **error)
{
    header_walk walk = {.call = call};
    MHD_get_connection_values(call->connection, MHD_HEADER_KIND, add_header, &walk);
    if (!walk.bad && is_framed(call))
        return TRUE;
    call->unframed = TRUE;
    jd_call_set_header(call, "Connection", "close");
    jd_set_http_error(error, 400, NULL, "the headers of the request are malformed");
    return FALSE;
}

/* ---- the body ---- */

static gint64 limit_of(const jd_route *route)
{
    return route->max_body > 0 ? route->max_body : JD_SERVER_BODY_BYTES;
}

static gboolean begin_body(jd_call *call, GError **error)
{
    const char *length = jd_call_header(call, "content-length");
    gint64 limit = limit_of(call->route);
    guint64 announced = 0;
    if (length && (!g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &announced, NULL) ||
                   announced > (guint64)limit)) {
        jd_set_http_error(error, 413, NULL,
                          "the body is over the limit of %" G_GINT64_FORMAT " bytes for %s", limit,
                          call->path);
        return FALSE;
    }
    gboolean files = call->route->flags & JD_ROUTE_FILES;
    jd_body_options options = {.content_type = jd_call_header(call, "content-type"),
                               .limit = limit,
                               .spool = files ? call->service->spool : NULL};
    return jd_body_begin(&call->body, call->connection, &options, error);
}

/* ---- all of it ---- */

static gboolean find_route(jd_call *call, GError **error)
{
    g_autofree char *allow = NULL;
    call->route = jd_route_find(call->method, call->path, &call->parts, &allow, error);
    if (allow)
        jd_call_set_header(call, "Allow", allow);
    return call->route != NULL;
}

gboolean jd_call_receive(jd_call *call, const char *method, GError **error)
{
    call->method = g_strdup(method);
    gboolean whole = jd_target_split(call->target, &call->path, call->query, error);
    if (!whole)
        call->path = g_strdup("/");
    call->table = jd_route_table_for(call->path);
    const jd_gate *gate = &call->service->gate;
    if (!whole || !read_headers(call, error) || !jd_gate_check_source(gate, call, error) ||
        !find_route(call, error))
        return FALSE;
    if (!(call->route->flags & JD_ROUTE_PUBLIC) && !jd_gate_check_token(gate, call, error))
        return FALSE;
    if (jd_service_is_stopping(call->service)) {
        jd_set_http_error(error, 503, NULL, "the server is about to stop");
        return FALSE;
    }
    return begin_body(call, error);
}
