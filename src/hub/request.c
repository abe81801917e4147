#include "hub/request.h"

#include "base/error.h"
#include "base/limits.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

struct jd_hub_connection {
    CURL *easy;
};

typedef struct exchange {
    const jd_hub_request *request;
    jd_hub_reply *reply;
    CURL *easy;
    gboolean too_large;
    GError *refused; /* by on_body */
    char message[CURL_ERROR_SIZE];
} exchange;

jd_hub_connection *jd_hub_connection_new(GError **error)
{
    CURL *easy = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    if (!easy) {
        jd_set_error(error, JD_ERROR_INTERNAL, "install libcurl (libcurl.so.4)",
                     "libcurl cannot be started");
        return NULL;
    }
    jd_hub_connection *connection = g_new0(jd_hub_connection, 1);
    connection->easy = easy;
    return connection;
}

void jd_hub_connection_free(jd_hub_connection *connection)
{
    if (!connection)
        return;
    curl_easy_cleanup(connection->easy);
    curl_global_cleanup();
    g_free(connection);
}

/* ---- the answer ---- */

static void forget_headers(jd_hub_reply *reply)
{
    char **texts[] = {&reply->etag,     &reply->linked_etag, &reply->commit,
                      &reply->location, &reply->error_code,  &reply->error_message};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_clear_pointer(texts[i], g_free);
    reply->length = reply->linked_size = reply->range_start = reply->range_total = -1;
    reply->retry_after = -1;
}

void jd_hub_reply_clear(jd_hub_reply *reply)
{
    forget_headers(reply);
    if (reply->body)
        g_string_free(reply->body, TRUE);
    *reply = (jd_hub_reply){0};
}

static gint64 number_or_minus_one(const char *text)
{
    guint64 number;
    return g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL) ? (gint64)number : -1;
}

/* "bytes 100-199/200" */
static void read_range(const char *text, jd_hub_reply *reply)
{
    char *end;
    if (g_ascii_strncasecmp(text, "bytes ", 6) != 0 || !g_ascii_isdigit(text[6]))
        return;
    const guint64 start = g_ascii_strtoull(text + 6, &end, 10);
    const char *slash = strchr(end, '/');
    if (*end != '-' || !slash || start > G_MAXINT64)
        return;
    reply->range_start = (gint64)start;
    reply->range_total = number_or_minus_one(slash + 1);
}

static void read_retry_after(const char *text, jd_hub_reply *reply)
{
    reply->retry_after = number_or_minus_one(text);
    time_t date = reply->retry_after < 0 ? curl_getdate(text, NULL) : -1;
    if (date != -1)
        reply->retry_after = MAX((gint64)date - g_get_real_time() / G_USEC_PER_SEC, 0);
}

static void keep_header(jd_hub_reply *reply, const char *name, const char *value)
{
    const struct {
        const char *name;
        char **text;
    } texts[] = {{"ETag", &reply->etag},
                 {"X-Linked-ETag", &reply->linked_etag},
                 {"X-Repo-Commit", &reply->commit},
                 {"X-Error-Code", &reply->error_code},
                 {"X-Error-Message", &reply->error_message}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        if (g_ascii_strcasecmp(name, texts[i].name) != 0)
            continue;
        g_free(*texts[i].text);
        *texts[i].text = g_utf8_make_valid(value, -1);
    }
    if (g_ascii_strcasecmp(name, "X-Linked-Size") == 0)
        reply->linked_size = number_or_minus_one(value);
    else if (g_ascii_strcasecmp(name, "Content-Length") == 0)
        reply->length = number_or_minus_one(value);
    else if (g_ascii_strcasecmp(name, "Content-Range") == 0)
        read_range(value, reply);
    else if (g_ascii_strcasecmp(name, "Retry-After") == 0)
        read_retry_after(value, reply);
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    exchange *e = user;
    g_autofree char *text = g_strndup(line, size * count);
    /* A proxy's answer, or an interim one, may stand before that which counts. */
    if (g_str_has_prefix(text, "HTTP/"))
        forget_headers(e->reply);
    char *colon = strchr(text, ':');
    if (!colon)
        return size * count;
    *colon = '\0';
    keep_header(e->reply, g_strstrip(text), g_strstrip(colon + 1));
    return size * count;
}

static size_t on_write(char *data, size_t size, size_t count, void *user)
{
    exchange *e = user;
    gsize length = size * count;
    curl_easy_getinfo(e->easy, CURLINFO_RESPONSE_CODE, &e->reply->status);
    const gboolean wanted = e->reply->status == 200 || e->reply->status == 206;
    if (e->request->on_body && wanted)
        return e->request->on_body(e->reply, data, length, e->request->user, &e->refused) ? length
                                                                                          : 0;
    gsize room = (gsize)JD_LIMIT_HUB_BODY_BYTES - e->reply->body->len;
    /* What a server says beside an error is of use only at its beginning. */
    e->too_large = length > room && wanted;
    g_string_append_len(e->reply->body, data, (gssize)MIN(length, room));
    return e->too_large ? 0 : length;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    return jd_cancelled(((exchange *)user)->request->cancel, NULL);
}

/* ---- the request ---- */

static struct curl_slist *make_headers(const jd_hub_request *request)
{
    struct curl_slist *list = NULL;
    if (request->token) {
        g_autofree char *line = g_strconcat("Authorization: Bearer ", request->token, NULL);
        list = curl_slist_append(list, line);
    }
    if (request->from > 0) {
        g_autofree char *line =
            g_strdup_printf("Range: bytes=%" G_GINT64_FORMAT "-", request->from);
        list = curl_slist_append(list, line);
    }
    if (request->from > 0 && request->if_range) {
        g_autofree char *line = g_strconcat("If-Range: ", request->if_range, NULL);
        list = curl_slist_append(list, line);
    }
    return list;
}

static void set_up(exchange *e, struct curl_slist *headers)
{
    CURL *easy = e->easy;
    curl_easy_reset(easy); /* keeps its connections */
    curl_easy_setopt(easy, CURLOPT_URL, e->request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "jackdaw/" JD_VERSION);
    curl_easy_setopt(easy, CURLOPT_NOBODY, e->request->head ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)JD_LIMIT_HUB_CONNECT_SECONDS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)JD_LIMIT_HUB_STALL_SECONDS);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, e);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, e);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, e);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, e->message);
    if (jd_hub_is_local(e->request->url))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

static void set_failure(exchange *e, CURLcode code, GError **error)
{
    g_autofree char *who = jd_hub_origin(e->request->url);
    const char *why = *e->message ? e->message : curl_easy_strerror(code);
    if (e->refused)
        g_propagate_error(error, g_steal_pointer(&e->refused));
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        jd_cancelled(e->request->cancel, error);
    else if (e->too_large)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s answers with more than %d MB", who,
                     (int)(JD_LIMIT_HUB_BODY_BYTES / JD_MIB));
    else if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_COULDNT_CONNECT ||
             code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY)
        jd_set_error(error, JD_ERROR_UNAVAILABLE,
                     "look at the network, or name another source with --source",
                     "cannot reach "
                     "%s: %s",
                     who, why);
    else
        jd_set_error(error, JD_ERROR_REMOTE, "try again: what has come is kept", "%s broke off: %s",
                     who, why);
}

gboolean jd_hub_exchange(jd_hub_connection *connection, const jd_hub_request *request,
                         jd_hub_reply *reply, GError **error)
{
    jd_hub_reply_clear(reply);
    forget_headers(reply);
    reply->body = g_string_new(NULL);
    exchange e = {.request = request, .reply = reply, .easy = connection->easy};
    struct curl_slist *headers = make_headers(request);
    set_up(&e, headers);
    CURLcode code = curl_easy_perform(e.easy);
    curl_easy_getinfo(e.easy, CURLINFO_RESPONSE_CODE, &reply->status);
    char *location = NULL;
    curl_easy_getinfo(e.easy, CURLINFO_REDIRECT_URL, &location);
    reply->location = g_strdup(location);
    curl_easy_setopt(e.easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (code == CURLE_OK && !e.refused)
        return TRUE;
    set_failure(&e, code, error);
    return FALSE;
}

/* ---- URLs ---- */

/* A part of a URL, or NULL; g_free() it. */
static char *part_of(const char *text, CURLUPart part)
{
    CURLU *url = curl_url();
    char *value = NULL, *copy = NULL;
    if (url && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
        curl_url_get(url, part, &value, CURLU_NO_DEFAULT_PORT) == CURLUE_OK) {
        copy = g_ascii_strdown(value, -1);
        curl_free(value);
    }
    curl_url_cleanup(url);
    return copy;
}

char *jd_hub_origin(const char *url)
{
    g_autofree char *scheme = part_of(url, CURLUPART_SCHEME);
    g_autofree char *host = part_of(url, CURLUPART_HOST);
    g_autofree char *port = part_of(url, CURLUPART_PORT);
    if (!scheme || !host || !*host ||
        (!g_str_equal(scheme, "http") && !g_str_equal(scheme, "https")))
        return NULL;
    return g_strconcat(scheme, "://", host, port ? ":" : NULL, port, NULL);
}

gboolean jd_hub_is_local(const char *url)
{
    g_autofree char *host = part_of(url, CURLUPART_HOST);
    return host &&
           (g_str_equal(host, "localhost") || g_str_equal(host, "[::1]") ||
            (g_str_has_prefix(host, "127.") && strspn(host, "0123456789.") == strlen(host)));
}

char *jd_hub_escape(const char *path)
{
    return g_uri_escape_string(path, "/", FALSE);
}
