#include "read/transfer.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"
#include "read/address.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- URLs ---- */

void jd_url_free(jd_url *url)
{
    if (!url)
        return;
    g_free(url->text);
    g_free(url->origin);
    g_free(url->host);
    g_free(url->path);
    g_free(url);
}

/* A part of a URL as curl understands it, or NULL where it is empty. g_free() it. */
static char *url_part(CURLU *handle, CURLUPart part, unsigned flags)
{
    char *value = NULL;
    if (curl_url_get(handle, part, &value, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_strdup(value);
    curl_free(value);
    return copy;
}

static jd_url *url_from(CURLU *handle)
{
    g_autofree char *scheme = url_part(handle, CURLUPART_SCHEME, 0);
    g_autofree char *port = url_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    g_autofree char *host = url_part(handle, CURLUPART_HOST, 0);
    g_autofree char *path = url_part(handle, CURLUPART_PATH, 0);
    g_autofree char *query = url_part(handle, CURLUPART_QUERY, 0);
    g_autofree char *text = url_part(handle, CURLUPART_URL, 0);
    if (!scheme || !port || !host || !host[0] || !path || !text)
        return NULL;
    jd_url *url = g_new0(jd_url, 1);
    url->text = g_steal_pointer(&text);
    url->host = g_ascii_strdown(host, -1);
    url->port = atoi(port);
    url->origin = g_strdup_printf("%s://%s:%d", scheme, url->host, url->port);
    url->path = query ? g_strconcat(path, "?", query, NULL) : g_steal_pointer(&path);
    return url;
}

jd_url *jd_url_parse(const char *text, GError **error)
{
    jd_url *url = NULL;
    CURLU *handle = curl_url();
    g_autofree char *shown = g_strndup(text, 200);
    const char *problem = NULL;
    if (strlen(text) > JD_LIMIT_FETCH_URL_BYTES)
        problem = "is longer than a URL may be";
    else if (!handle || curl_url_set(handle, CURLUPART_URL, text, CURLU_URLENCODE) != CURLUE_OK)
        problem = "is no URL";
    else {
        g_autofree char *scheme = url_part(handle, CURLUPART_SCHEME, 0);
        g_autofree char *user = url_part(handle, CURLUPART_USER, 0);
        g_autofree char *password = url_part(handle, CURLUPART_PASSWORD, 0);
        curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
        if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0)
            problem = "is neither http nor https";
        else if (user || password)
            problem = "holds a name or a password, which would be stored with the document";
        else if (!(url = url_from(handle)))
            problem = "is no URL";
    }
    curl_url_cleanup(handle);
    if (problem)
        jd_set_error(error, JD_ERROR_USAGE, NULL, "%s %s", shown, problem);
    return url;
}

/* ---- connections ---- */

struct jd_connections {
    GMutex lock;
    GPtrArray *idle; /* CURL * */
};

jd_connections *jd_connections_new(GError **error)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "libcurl cannot be started");
        return NULL;
    }
    jd_connections *connections = g_new0(jd_connections, 1);
    g_mutex_init(&connections->lock);
    connections->idle = g_ptr_array_new_with_free_func(curl_easy_cleanup);
    return connections;
}

void jd_connections_free(jd_connections *connections)
{
    if (!connections)
        return;
    g_ptr_array_unref(connections->idle);
    g_mutex_clear(&connections->lock);
    g_free(connections);
    curl_global_cleanup();
}

static CURL *take_handle(jd_connections *connections)
{
    g_mutex_lock(&connections->lock);
    guint n = connections->idle->len;
    CURL *handle = n > 0 ? g_ptr_array_steal_index(connections->idle, n - 1) : NULL;
    g_mutex_unlock(&connections->lock);
    if (!handle)
        return curl_easy_init();
    curl_easy_reset(handle); /* keeps its connections */
    return handle;
}

static void give_handle(jd_connections *connections, CURL *handle)
{
    g_mutex_lock(&connections->lock);
    g_ptr_array_add(connections->idle, handle);
    g_mutex_unlock(&connections->lock);
}

/* ---- one request ---- */

typedef struct request {
    jd_transfer *transfer;
    gint64 written;
    gboolean too_large;
    char *refused; /* the private address that was not connected to */
    int write_errno;
    char message[CURL_ERROR_SIZE];
} request;

/* curl asks here for every connection: the last moment at which an address can be refused, when no
 * name server has anything more to say. */
static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    request *own = user;
    if (!own->transfer->private_allowed && !jd_address_is_public(&address->addr)) {
        g_free(own->refused);
        own->refused = jd_address_text(&address->addr);
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t write_body(char *data, size_t size, size_t n, void *user)
{
    request *own = user;
    gint64 length = size * n;
    gint64 room = own->transfer->limits.max_bytes - own->written;
    gboolean over = length > room;
    for (gint64 left = MIN(length, room); left > 0;) {
        ssize_t put = write(own->transfer->fd, data, left);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            own->write_errno = errno;
            return 0;
        }
        data += put;
        left -= put;
        own->written += put;
    }
    own->too_large |= over;
    return over ? 0 : size * n;
}

static char *header_value(const char *line, size_t length, const char *name)
{
    gsize n = strlen(name);
    if (length <= n || g_ascii_strncasecmp(line, name, n) != 0 || line[n] != ':')
        return NULL;
    g_autofree char *raw = g_strndup(line + n + 1, length - n - 1);
    return g_strdup(g_strstrip(raw));
}

static void keep(char **slot, char *value)
{
    if (!value)
        return;
    g_free(*slot);
    *slot = value;
}

static size_t read_header(char *line, size_t size, size_t n, void *user)
{
    jd_transfer *transfer = ((request *)user)->transfer;
    keep(&transfer->new_etag, header_value(line, size * n, "ETag"));
    keep(&transfer->new_last_modified, header_value(line, size * n, "Last-Modified"));
    return size * n;
}

static int check_cancel(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                        curl_off_t up_now)
{
    return jd_cancelled(((request *)user)->transfer->cancel, NULL);
}

static void set_rules(CURL *handle, const jd_transfer *transfer)
{
    curl_easy_setopt(handle, CURLOPT_URL, transfer->url->text);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "jackdaw/" JD_VERSION);
    curl_easy_setopt(handle, CURLOPT_FILETIME, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)transfer->limits.seconds);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, (long)JD_LIMIT_FETCH_CONNECT_SECONDS);
}

static void set_callbacks(CURL *handle, request *own)
{
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, own);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, own);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, own);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, check_cancel);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, own);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, own->message);
}

static struct curl_slist *condition_headers(const jd_transfer *transfer)
{
    struct curl_slist *list = NULL;
    if (transfer->etag) {
        g_autofree char *line = g_strconcat("If-None-Match: ", transfer->etag, NULL);
        list = curl_slist_append(list, line);
    }
    if (transfer->last_modified) {
        g_autofree char *line = g_strconcat("If-Modified-Since: ", transfer->last_modified, NULL);
        list = curl_slist_append(list, line);
    }
    return list;
}

static void set_failure(const request *own, CURLcode code, GError **error)
{
    const jd_transfer *transfer = own->transfer;
    const char *url = transfer->url->text;
    const char *why = own->message[0] ? own->message : curl_easy_strerror(code);
    if (own->refused)
        jd_set_error(error, JD_ERROR_USAGE, "--fetch-allow HOST lets it be fetched",
                     "%s has the address %s, which is not on the public internet", url,
                     own->refused);
    else if (own->too_large)
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "%s is larger than the limit of %" G_GINT64_FORMAT " bytes", url,
                     transfer->limits.max_bytes);
    else if (own->write_errno)
        jd_set_error_errno(error, own->write_errno, "cannot write what %s sends", url);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        jd_cancelled(transfer->cancel, error);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s did not answer in time: %s", url, why);
    else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT)
        jd_set_error(error, JD_ERROR_UNAVAILABLE, NULL, "cannot reach %s: %s", url, why);
    else
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "fetching %s failed: %s", url, why);
}

static void take_answer(CURL *handle, jd_transfer *transfer)
{
    char *text = NULL;
    curl_off_t modified = -1;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &transfer->status);
    curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &text);
    transfer->redirect = g_strdup(text);
    text = NULL;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &text);
    if (text)
        transfer->media_type = g_strstrip(g_strndup(text, strcspn(text, ";")));
    curl_easy_getinfo(handle, CURLINFO_FILETIME_T, &modified);
    transfer->modified = MAX(modified, 0);
}

void jd_transfer_clear(jd_transfer *transfer)
{
    g_clear_pointer(&transfer->redirect, g_free);
    g_clear_pointer(&transfer->new_etag, g_free);
    g_clear_pointer(&transfer->new_last_modified, g_free);
    g_clear_pointer(&transfer->media_type, g_free);
}

gboolean jd_transfer_perform(jd_transfer *transfer, jd_connections *connections, GError **error)
{
    request own = {.transfer = transfer};
    CURL *handle = take_handle(connections);
    if (!handle) {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "libcurl cannot be started");
        return FALSE;
    }
    struct curl_slist *headers = condition_headers(transfer);
    set_rules(handle, transfer);
    set_callbacks(handle, &own);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(handle);
    gboolean cut = own.too_large && transfer->limits.truncate;
    gboolean done = code == CURLE_OK || cut;
    if (done)
        take_answer(handle, transfer);
    else
        set_failure(&own, code, error);
    give_handle(connections, handle);
    curl_slist_free_all(headers);
    g_free(own.refused);
    return done;
}
