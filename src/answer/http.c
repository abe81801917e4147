#include "answer/http.h"

#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"

#include <curl/curl.h>
#include <string.h>

typedef struct transfer {
    const jd_http_request *request;
    jd_http_reply *reply;
    CURL *easy;
    gint64 started, last_byte; /* monotonic, microseconds; last_byte 0: none yet */
    gboolean stopped;          /* on_data wanted no more */
    gboolean too_large;
    gboolean told; /* on_wait was called */
    char message[CURL_ERROR_SIZE];
} transfer;

void jd_http_reply_clear(jd_http_reply *reply)
{
    if (reply->body)
        g_string_free(reply->body, TRUE);
    *reply = (jd_http_reply){0};
}

static size_t on_write(char *data, size_t size, size_t count, void *user)
{
    transfer *t = user;
    gsize length = size * count;
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->last_byte = g_get_monotonic_time();
    if (t->request->on_data && status >= 200 && status < 300) {
        t->stopped = !t->request->on_data(data, length, t->request->user);
        return t->stopped ? 0 : length;
    }
    t->too_large = length > (gsize)JD_LIMIT_SERVER_BODY_BYTES - t->reply->body->len;
    if (t->too_large)
        return 0;
    g_string_append_len(t->reply->body, data, length);
    return length;
}

static gint64 or_default(gint64 value, gint64 fallback)
{
    return value > 0 ? value : fallback;
}

static struct curl_slist *make_headers(const jd_http_request *request)
{
    struct curl_slist *list = NULL;
    if (request->body)
        list = curl_slist_append(list, "Content-Type: application/json");
    /* Without this libcurl waits a second for "100 Continue" before it sends a large body. */
    list = curl_slist_append(list, "Expect:");
    if (request->key && *request->key) {
        g_autofree char *line = g_strconcat("Authorization: Bearer ", request->key, NULL);
        list = curl_slist_append(list, line);
    }
    return list;
}

static void set_up(transfer *t, struct curl_slist *headers)
{
    const jd_http_request *request = t->request;
    CURL *easy = t->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "jackdaw/" JD_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->message);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)or_default(request->connect_ms, JD_LIMIT_SERVER_CONNECT_SECONDS * 1000));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    if (jd_url_is_local(request->url))
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
}

/* FALSE with an error where it takes too long or is to stop. */
static gboolean check_time(transfer *t, GError **error)
{
    const jd_http_request *request = t->request;
    if (jd_cancelled(request->cancel, error))
        return FALSE;
    gint64 now = g_get_monotonic_time();
    gint64 since_start = (now - t->started) / 1000;
    gint64 silent = (now - (t->last_byte ? t->last_byte : t->started)) / 1000;
    gint64 allowed =
        t->last_byte
            ? or_default(request->stall_ms, JD_LIMIT_SERVER_STALL_SECONDS * 1000)
            : or_default(request->first_byte_ms, JD_LIMIT_SERVER_FIRST_BYTE_SECONDS * 1000);
    if (silent > allowed || (request->total_ms > 0 && since_start > request->total_ms)) {
        g_autofree char *who = jd_url_origin(request->url);
        jd_set_error(error, JD_ERROR_UNAVAILABLE, request->hint,
                     "%s was silent for %.1f seconds and was given up", who, silent / 1000.0);
        return FALSE;
    }
    if (!t->last_byte && !t->told && request->on_wait &&
        since_start > or_default(request->patience_ms, JD_ASK_PATIENCE_MS)) {
        t->told = TRUE;
        request->on_wait(request->user);
    }
    return TRUE;
}

/* What libcurl's result means. */
static gboolean judge(transfer *t, CURLcode code, GError **error)
{
    if (code == CURLE_OK || t->stopped)
        return TRUE;
    g_autofree char *who = jd_url_origin(t->request->url);
    const char *why = curl_easy_strerror(code);
    if (*t->message && code != CURLE_COULDNT_CONNECT && code != CURLE_OPERATION_TIMEDOUT)
        why = t->message;
    if (t->too_large)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s answered with more than %d MB", who,
                     (int)(JD_LIMIT_SERVER_BODY_BYTES / JD_MIB));
    else if (t->last_byte)
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s broke off in mid-answer: %s", who, why);
    else
        jd_set_error(error, JD_ERROR_UNAVAILABLE, t->request->hint, "nothing answers at %s: %s",
                     who, why);
    return FALSE;
}

static gboolean perform(transfer *t, CURLM *multi, GError **error)
{
    enum { POLL_MS = 50 }; /* how soon a request to stop is seen */
    int running = 1;
    while (running > 0) {
        CURLMcode code = curl_multi_perform(multi, &running);
        if (code == CURLM_OK && running > 0)
            code = curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
        if (code != CURLM_OK) {
            jd_set_error(error, JD_ERROR_INTERNAL, NULL, "libcurl failed: %s",
                         curl_multi_strerror(code));
            return FALSE;
        }
        if (running > 0 && !check_time(t, error))
            return FALSE;
    }
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    CURLcode result = message ? message->data.result : CURLE_OK;
    return judge(t, result, error);
}

gboolean jd_http_run(const jd_http_request *request, jd_http_reply *reply, GError **error)
{
    jd_http_reply_clear(reply);
    reply->body = g_string_new(NULL);
    if (request->offline && !jd_url_is_local(request->url)) {
        g_autofree char *who = jd_url_origin(request->url);
        jd_set_error(error, JD_ERROR_USAGE, "leave --offline away, or use a server on this machine",
                     "%s is on another machine, which --offline forbids", who);
        return FALSE;
    }
    transfer t = {.request = request,
                  .reply = reply,
                  .easy = curl_easy_init(),
                  .started = g_get_monotonic_time()};
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = make_headers(request);
    gboolean good = FALSE;
    if (t.easy && multi) {
        set_up(&t, headers);
        curl_multi_add_handle(multi, t.easy);
        good = perform(&t, multi, error);
        curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &reply->status);
        curl_multi_remove_handle(multi, t.easy);
    } else {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "libcurl could not be started");
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(t.easy);
    curl_multi_cleanup(multi);
    return good;
}
