/*
 * One HTTP exchange with a hub or with where it redirects to. The only file of this stage that
 * knows libcurl is request.c.
 *
 * http and https only; no redirect is followed here (hub.h does, and sees to it that a token goes
 * to nobody else); proxies of the environment except for this machine's own servers; bytes come as
 * they are stored, never compressed.
 */
#ifndef JD_HUB_REQUEST_H
#define JD_HUB_REQUEST_H

#include "hub/watch.h"

typedef struct jd_hub_connection jd_hub_connection;

/** Kept between requests. Starts libcurl. */
jd_hub_connection *jd_hub_connection_new(GError **error);
void jd_hub_connection_free(jd_hub_connection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_hub_connection, jd_hub_connection_free)

typedef struct jd_hub_reply jd_hub_reply;

typedef struct jd_hub_request {
    const char *url;
    gboolean head;        /* wants no body */
    const char *token;    /* sent as a bearer token and never printed; may be NULL */
    gint64 from;          /* the first byte that is wanted */
    const char *if_range; /* the ETag that the bytes before it had; may be NULL */
    /** Gets the body of a 200 or 206 piece by piece; FALSE with an error set ends the exchange with
     * that error. NULL: it is collected in the reply, up to JD_LIMIT_HUB_BODY_BYTES. */
    gboolean (*on_body)(const jd_hub_reply *reply, const void *data, gsize length, void *user,
                        GError **error);
    void *user;
    const jd_cancel *cancel;
} jd_hub_request;

/** What was answered; headers that did not come are NULL or -1. */
struct jd_hub_reply {
    long status;
    GString *body;
    char *etag, *linked_etag; /* as they stand in the header */
    char *commit;
    char *location; /* of a redirect: an absolute URL */
    char *error_code, *error_message;
    gint64 length, linked_size;
    gint64 range_start, range_total; /* of a 206 */
    gint64 retry_after;              /* seconds */
};

void jd_hub_reply_clear(jd_hub_reply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_hub_reply, jd_hub_reply_clear)

/**
 * Any answer of the server to the end is success. Else JD_ERROR_UNAVAILABLE (no connection, not in
 * time), JD_ERROR_REMOTE (it broke off), JD_ERROR_LIMIT (too much), JD_ERROR_CANCELLED, or what
 * on_body set. The reply starts as {0} or cleared.
 */
gboolean jd_hub_exchange(jd_hub_connection *connection, const jd_hub_request *request,
                         jd_hub_reply *reply, GError **error);

/** "https://host" of a URL, with the port where it is not the scheme's own; NULL where it is no
 * http or https URL. */
char *jd_hub_origin(const char *url);

/** Whether a URL's host is this machine by its name: localhost, 127.0.0.0/8, ::1. */
gboolean jd_hub_is_local(const char *url);

/** A part of a path with everything escaped that a URL does not hold; "/" is kept. */
char *jd_hub_escape(const char *path);

#endif
