/*
 * Fetches pages and pictures from the web, only where the user asked for it.
 *
 * What it refuses: every scheme but http and https; names and passwords in a URL; every address
 * that is not public (loopback, private, link-local, shared, multicast, reserved, and IPv6
 * addresses that carry such an IPv4 address), checked on the address that is really connected to,
 * for every redirect anew, so that no name server can talk it into the local network. Proxies from
 * the environment are not used, because behind one the address could not be checked; .netrc and
 * cookies are not used either.
 *
 * Politeness: robots.txt is obeyed for pages (RFC 9309), requests to one host keep a distance in
 * time, the User-Agent names the program and its version.
 *
 * What was fetched lies in a cache and is revalidated with ETag and Last-Modified. The cache may be
 * deleted at any time.
 */
#ifndef JD_READ_FETCH_H
#define JD_READ_FETCH_H

#include <jackdaw.h>

typedef struct jd_fetcher jd_fetcher;

typedef struct jd_fetch_options {
    const char *cache;        /* folder; NULL: $XDG_CACHE_HOME/jackdaw/fetch */
    const char *const *allow; /* "HOST" or "HOST:PORT", NULL-terminated: may have private
                                 addresses; NULL: none. An IPv6 address stands in brackets */
    gint64 max_bytes;         /* of one response, decoded; 0: JD_LIMIT_FETCH_BYTES */
    int seconds;              /* for one request; 0: JD_LIMIT_FETCH_SECONDS */
    int delay_ms;             /* between two requests to a host; 0: JD_LIMIT_FETCH_DELAY_MS;
                                 not kept for hosts in `allow` */
    const jd_cancel *cancel;  /* may be NULL */
} jd_fetch_options;

/** Needs no network yet. JD_ERROR_USAGE for an entry of `allow` that is none. `options` may be
 * NULL; what it points at must outlive the fetcher. */
jd_fetcher *jd_fetcher_new(const jd_fetch_options *options, GError **error);
/** No call may be under way. */
void jd_fetcher_free(jd_fetcher *fetcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_fetcher, jd_fetcher_free)

typedef enum jd_fetch_kind {
    JD_FETCH_PAGE,   /* a document: robots.txt decides */
    JD_FETCH_PICTURE /* part of a document that the user asked for */
} jd_fetch_kind;

typedef struct jd_fetched {
    int fd;           /* the body, positioned at its start */
    char *url;        /* where it was found after redirects */
    char *media_type; /* as the server says, without parameters; or NULL */
    gint64 modified;  /* Last-Modified, seconds since 1970; 0 where unknown */
} jd_fetched;

void jd_fetched_free(jd_fetched *fetched);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_fetched, jd_fetched_free)

/**
 * Fetches `url`. May be called from several threads. JD_ERROR_USAGE: a URL that is refused;
 * JD_ERROR_NOT_FOUND: 404 or 410; JD_ERROR_UNSUPPORTED: forbidden by robots.txt; JD_ERROR_LIMIT:
 * too large, too slow, too many redirects; JD_ERROR_REMOTE: any other answer that is no success;
 * JD_ERROR_UNAVAILABLE: no connection.
 */
jd_fetched *jd_fetcher_get(jd_fetcher *fetcher, const char *url, jd_fetch_kind kind,
                           GError **error);

/** Whether this is a URL that would be fetched: it begins with http:// or https://, in any case of
 * letters. */
gboolean jd_fetch_is_url(const char *text);

#endif
