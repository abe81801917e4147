/*
 * One HTTP request, without redirects, under the rules that fetch.h promises. The only file that
 * knows libcurl is transfer.c.
 */
#ifndef JD_READ_TRANSFER_H
#define JD_READ_TRANSFER_H

#include <jackdaw.h>

/** A URL in its parts, checked: http or https, a host, neither name nor password. */
typedef struct jd_url {
    char *text;   /* the whole, without fragment */
    char *origin; /* "https://host:443" */
    char *host;   /* lower case; an IPv6 address in brackets */
    int port;
    char *path; /* with the query; begins with "/" */
} jd_url;

/** JD_ERROR_USAGE where it is not to be fetched. */
jd_url *jd_url_parse(const char *text, GError **error);
void jd_url_free(jd_url *url);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_url, jd_url_free)

typedef struct jd_transfer_limits {
    gint64 max_bytes; /* of the body, decoded */
    int seconds;
    gboolean truncate; /* a longer body is cut, which is no error */
} jd_transfer_limits;

typedef struct jd_transfer {
    /* in */
    const jd_url *url;
    gboolean private_allowed;  /* the host may have a private address */
    const char *etag;          /* for If-None-Match; may be NULL */
    const char *last_modified; /* for If-Modified-Since, as the server wrote it; may be NULL */
    jd_transfer_limits limits;
    const jd_cancel *cancel; /* may be NULL */
    int fd;                  /* where the body goes */
    /* out; the strings are freed by jd_transfer_clear() */
    long status;
    char *redirect; /* absolute URL, with a status of 3xx */
    char *new_etag, *new_last_modified, *media_type;
    gint64 modified; /* seconds since 1970; 0 where unknown */
} jd_transfer;

void jd_transfer_clear(jd_transfer *transfer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_transfer, jd_transfer_clear)

/** Connections kept between requests. Starts libcurl, which is not done before anyone fetches. */
typedef struct jd_connections jd_connections;
jd_connections *jd_connections_new(GError **error);
void jd_connections_free(jd_connections *connections);

/**
 * Does the request; any answer of the server is success. JD_ERROR_USAGE: a private address;
 * JD_ERROR_LIMIT: too large or too slow; JD_ERROR_UNAVAILABLE: no connection; JD_ERROR_REMOTE:
 * broken off; JD_ERROR_IO, JD_ERROR_NO_SPACE: the body could not be written. From any thread.
 */
gboolean jd_transfer_perform(jd_transfer *transfer, jd_connections *connections, GError **error);

#endif
