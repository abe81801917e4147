#include "server/gate.h"

#include "server/problem.h"

#include <string.h>

/* ---- Host and Origin ---- */

/* "example.org:7860" without its port, in lower case; brackets of an IPv6 address stay. NULL where
 * it is malformed. */
static char *host_name(const char *host)
{
    const char *end = *host == '[' ? strchr(host, ']') : NULL;
    const char *colon = strchr(end ? end : host, ':');
    if ((*host == '[' && !end) || (end && end[1] != '\0' && end[1] != ':') || *host == '\0')
        return NULL;
    for (const char *digit = colon ? colon + 1 : ""; *digit; digit++)
        if (!g_ascii_isdigit(*digit))
            return NULL;
    gsize length = colon ? (gsize)(colon - host) : strlen(host);
    return g_ascii_strdown(host, (gssize)length);
}

static gboolean is_ip_address(const char *name)
{
    if (*name != '[')
        return g_hostname_is_ip_address(name);
    g_autofree char *inner = g_strndup(name + 1, strlen(name) - 2);
    return g_hostname_is_ip_address(inner);
}

static gboolean knows_host(const jd_gate *gate, const char *name)
{
    return g_str_equal(name, "localhost") || is_ip_address(name) ||
           g_strv_contains((const char *const *)gate->hosts, name);
}

/* A browser's own word on where a request comes from. */
static gboolean comes_from_elsewhere(const jd_call *call)
{
    const char *site = jd_call_header(call, "sec-fetch-site");
    if (!site || g_str_equal(site, "same-origin") || g_str_equal(site, "none"))
        return FALSE;
    /* A link that leads to a page shows it to the user, not to the page that has the link. */
    return !g_str_equal(jd_call_method(call), "GET") ||
           g_strcmp0(jd_call_header(call, "sec-fetch-mode"), "navigate") != 0 ||
           g_strcmp0(jd_call_header(call, "sec-fetch-dest"), "document") != 0;
}

gboolean jd_gate_check_source(const jd_gate *gate, const jd_call *call, GError **error)
{
    const char *host = jd_call_header(call, "host");
    g_autofree char *name = host ? host_name(host) : NULL;
    if (!name) {
        jd_set_http_error(error, 400, NULL, "the request has no usable Host header");
        return FALSE;
    }
    if (!knows_host(gate, name)) {
        jd_set_http_error(error, 421,
                          "call it by its address, or ask its operator to add this name",
                          "this server does not go by the name %s", name);
        return FALSE;
    }
    const char *origin = jd_call_header(call, "origin");
    const char *colon = origin ? strstr(origin, "://") : NULL;
    gboolean own =
        !origin || (colon && g_ascii_strcasecmp(colon + 3, host) == 0 &&
                    (g_str_has_prefix(origin, "http://") || g_str_has_prefix(origin, "https://")));
    if (own && !comes_from_elsewhere(call))
        return TRUE;
    jd_set_http_error(error, 403, NULL, "requests from pages of other sites are refused");
    return FALSE;
}

/* ---- the token ---- */

gboolean jd_gate_is_token(const jd_gate *gate, const char *text)
{
    gsize size = strlen(gate->token);
    gboolean same_size = strlen(text) == size;
    const char *other = same_size ? text : gate->token;
    guint difference = !same_size;
    for (gsize i = 0; i < size; i++)
        difference |= (guint)(guchar)(gate->token[i] ^ other[i]);
    return difference == 0;
}

/* The value of one cookie in "a=1; jackdaw=2", or NULL. */
static char *cookie_value(const char *header, const char *name)
{
    g_auto(GStrv) cookies = g_strsplit(header, ";", -1);
    gsize length = strlen(name);
    for (char **cookie = cookies; *cookie; cookie++) {
        const char *text = g_strstrip(*cookie);
        if (g_str_has_prefix(text, name) && text[length] == '=')
            return g_strdup(text + length + 1);
    }
    return NULL;
}

gboolean jd_gate_check_token(const jd_gate *gate, const jd_call *call, GError **error)
{
    static const char scheme[] = "Bearer ";
    if (!gate->token)
        return TRUE;
    const char *header = jd_call_header(call, "authorization");
    const char *cookies = jd_call_header(call, "cookie");
    g_autofree char *cookie = cookies ? cookie_value(cookies, JD_GATE_COOKIE) : NULL;
    if (header && g_ascii_strncasecmp(header, scheme, strlen(scheme)) == 0 &&
        jd_gate_is_token(gate, header + strlen(scheme)))
        return TRUE;
    if (cookie && jd_gate_is_token(gate, cookie))
        return TRUE;
    jd_set_http_error(error, 401, "send it as Authorization: Bearer TOKEN",
                      "this needs the token that the server printed when it first started");
    return FALSE;
}
