#include "answer/url.h"

#include "base/error.h"

#include <curl/curl.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

/* One part of the URL, or NULL; curl_free() it. */
static char *part_of(CURLU *url, CURLUPart part)
{
    char *value = NULL;
    return curl_url_get(url, part, &value, 0) == CURLUE_OK ? value : NULL;
}

static CURLU *parse(const char *text, GError **error)
{
    g_autoptr(CURLU) url = curl_url();
    if (url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        char *scheme = part_of(url, CURLUPART_SCHEME);
        gboolean good = scheme && (!strcmp(scheme, "http") || !strcmp(scheme, "https"));
        curl_free(scheme);
        if (good)
            return g_steal_pointer(&url);
    }
    g_autofree char *shown = jd_url_for_display(text);
    jd_set_error(error, JD_ERROR_USAGE, "write it like http://127.0.0.1:11434",
                 "\"%s\" is no address of a server: http://HOST:PORT or https://HOST was expected",
                 shown);
    return NULL;
}

/* The whole URL without slashes at its end. */
static char *text_of(CURLU *url)
{
    char *text = part_of(url, CURLUPART_URL);
    char *copy = g_strdup(text ? text : "");
    curl_free(text);
    gsize length = strlen(copy);
    while (length > 0 && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

/* "host:port" with what is missing filled in; "" and the any-addresses become loopback. */
static char *complete_host(const char *host_port, const char *default_port)
{
    const char *colon = strrchr(host_port, ':');
    gboolean bare_v6 = colon && strchr(host_port, ':') != colon && host_port[0] != '[';
    if (colon && (bare_v6 || strchr(colon, ']')))
        colon = NULL;
    g_autofree char *host = colon ? g_strndup(host_port, colon - host_port) : g_strdup(host_port);
    const char *port = colon && colon[1] ? colon + 1 : default_port;
    guint64 number;
    if (!g_ascii_string_to_unsigned(port, 10, 0, 65535, &number, NULL))
        port = default_port;
    const char *name = host;
    if (!*host || !strcmp(host, "0.0.0.0"))
        name = "127.0.0.1";
    else if (!strcmp(host, "::") || !strcmp(host, "[::]"))
        name = "[::1]";
    else if (bare_v6)
        return g_strdup_printf("[%s]:%s", name, port);
    return g_strdup_printf("%s:%s", name, port);
}

char *jd_url_ollama(const char *host, GError **error)
{
    g_autofree char *text = g_strdup(host ? host : "");
    g_strstrip(g_strdelimit(text, "\"'", ' '));
    const char *rest = text, *scheme = "http", *port = "11434";
    g_autofree char *written = NULL;
    const char *mark = strstr(text, "://");
    if (mark) {
        scheme = written = g_ascii_strdown(text, mark - text);
        port = !strcmp(scheme, "https") ? "443" : "80";
        rest = mark + 3;
    }
    g_auto(GStrv) halves = g_strsplit(rest, "/", 2);
    g_autofree char *host_port = complete_host(halves[0] ? halves[0] : "", port);
    const char *path = halves[0] && halves[1] ? halves[1] : "";
    g_autofree char *whole = g_strdup_printf("%s://%s/%s", scheme, host_port, path);
    g_autoptr(CURLU) url = parse(whole, error);
    return url ? text_of(url) : NULL;
}

char *jd_url_openai(const char *base, GError **error)
{
    g_autofree char *text = g_strstrip(g_strdup(base));
    g_autofree char *whole =
        strstr(text, "://") ? g_strdup(text) : g_strconcat("http://", text, NULL);
    g_autoptr(CURLU) url = parse(whole, error);
    if (!url)
        return NULL;
    char *path = part_of(url, CURLUPART_PATH);
    gboolean bare = !path || !path[strspn(path, "/")];
    curl_free(path);
    if (bare)
        curl_url_set(url, CURLUPART_PATH, "/v1", 0);
    return text_of(url);
}

gboolean jd_url_is_local(const char *text)
{
    g_autoptr(CURLU) url = parse(text, NULL);
    char *host = url ? part_of(url, CURLUPART_HOST) : NULL;
    if (!host)
        return FALSE;
    gboolean v4 = g_str_has_prefix(host, "127.") && strspn(host, "0123456789.") == strlen(host);
    gboolean local = v4 || !g_ascii_strcasecmp(host, "localhost") || !strcmp(host, "[::1]");
    curl_free(host);
    return local;
}

static char *without(const char *text, const CURLUPart *parts, gsize count)
{
    g_autoptr(CURLU) url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
        const char *at = strrchr(text, '@');
        return g_strdup(at ? at + 1 : text);
    }
    for (gsize i = 0; i < count; i++)
        curl_url_set(url, parts[i], NULL, 0);
    return text_of(url);
}

char *jd_url_for_display(const char *url)
{
    static const CURLUPart hidden[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY};
    return without(url, hidden, G_N_ELEMENTS(hidden));
}

char *jd_url_origin(const char *url)
{
    static const CURLUPart hidden[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                       CURLUPART_PATH};
    return without(url, hidden, G_N_ELEMENTS(hidden));
}
