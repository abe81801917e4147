/*
 * One request to a language-model server over libcurl: streamed, stoppable, with limits.
 *
 * http and https only, no redirects (a key must not travel to another host), proxies of the
 * environment except for this machine's own servers. libcurl initialises itself on first use, so a
 * program that asks no server pays nothing for it.
 */
#ifndef JD_ANSWER_HTTP_H
#define JD_ANSWER_HTTP_H

#include <jackdaw.h>

typedef struct jd_http_request {
    const char *url;
    const char *body; /* JSON for a POST; NULL: a GET */
    const char *key;  /* sent as a bearer token and never printed; may be NULL */
    const char *hint; /* of the error where nothing answers; may be NULL */
    gboolean offline; /* only a server on this machine */

    /* milliseconds; 0: the limit of limits.h, or none for total */
    gint64 connect_ms;
    gint64 first_byte_ms;
    gint64 stall_ms;
    gint64 total_ms;
    gint64 patience_ms;

    /** Gets the body of a 2xx answer piece by piece; FALSE ends the transfer, which is no error.
     * NULL: the body is collected in the reply. */
    gboolean (*on_data)(const char *data, gsize length, void *user);
    /** Called once when no first byte came within patience_ms; may be NULL. */
    void (*on_wait)(void *user);
    void *user;
    jd_cancel *cancel;
} jd_http_request;

typedef struct jd_http_reply {
    long status;
    GString *body; /* of an answer that was not streamed; never NULL after jd_http_run() */
} jd_http_reply;

void jd_http_reply_clear(jd_http_reply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_http_reply, jd_http_reply_clear)

/**
 * Runs the request. TRUE whenever the server answered to the end, whatever its status. Else
 * JD_ERROR_UNAVAILABLE (nothing answers, or not in time), JD_ERROR_REMOTE (it broke off),
 * JD_ERROR_LIMIT (it says too much), JD_ERROR_CANCELLED, JD_ERROR_USAGE (offline and not local).
 * Data may have been passed on before it failed. The reply starts as {0} or cleared.
 */
gboolean jd_http_run(const jd_http_request *request, jd_http_reply *reply, GError **error);

#endif
