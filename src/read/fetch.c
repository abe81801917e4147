#include "read/fetch.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"
#include "read/fetch_cache.h"
#include "read/robots.h"
#include "read/transfer.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A server: when it may be asked again, and what it asks of programs. */
typedef struct fetch_host {
    gint64 next_us; /* monotonic time of the next request; under the fetcher's lock */
    GMutex robots_lock;
    jd_robots *robots; /* NULL until known; set once, under robots_lock */
} fetch_host;

struct jd_fetcher {
    jd_fetch_options options; /* complete */
    char *cache;
    jd_connections *connections;
    GMutex lock;
    GHashTable *hosts; /* origin -> fetch_host */
};

static void host_free(gpointer data)
{
    fetch_host *host = data;
    jd_robots_free(host->robots);
    g_mutex_clear(&host->robots_lock);
    g_free(host);
}

gboolean jd_fetch_is_url(const char *text)
{
    return g_ascii_strncasecmp(text, "http://", 7) == 0 ||
           g_ascii_strncasecmp(text, "https://", 8) == 0;
}

void jd_fetched_free(jd_fetched *fetched)
{
    if (!fetched)
        return;
    close(fetched->fd);
    g_free(fetched->url);
    g_free(fetched->media_type);
    g_free(fetched);
}

/* ---- which hosts may be private ---- */

/* The port behind a host's name, or NULL: "a:80", "[::1]:80", but not "[::1]". */
static const char *port_of(const char *entry)
{
    const char *colon = strrchr(entry, ':');
    return colon && !strchr(colon, ']') ? colon + 1 : NULL;
}

static gboolean check_allow(const char *const *allow, GError **error)
{
    for (; allow && *allow; allow++) {
        const char *port = port_of(*allow);
        guint64 number;
        gsize host = port ? (gsize)(port - 1 - *allow) : strlen(*allow);
        gboolean port_fits = !port || g_ascii_string_to_unsigned(port, 10, 1, 65535, &number, NULL);
        gboolean host_fits = host > 0 && !strpbrk(*allow, "/@ ") &&
                             ((*allow)[0] == '[' || !memchr(*allow, ':', host));
        if (port_fits && host_fits)
            continue;
        jd_set_error(error, JD_ERROR_USAGE, "an IPv6 address stands in brackets: [::1]:8080",
                     "\"%s\" is no HOST or HOST:PORT", *allow);
        return FALSE;
    }
    return TRUE;
}

static gboolean is_allowed_private(const jd_fetcher *fetcher, const jd_url *url)
{
    for (const char *const *allow = fetcher->options.allow; allow && *allow; allow++) {
        const char *port = port_of(*allow);
        gsize host = port ? (gsize)(port - 1 - *allow) : strlen(*allow);
        if (strlen(url->host) == host && g_ascii_strncasecmp(url->host, *allow, host) == 0 &&
            (!port || atoi(port) == url->port))
            return TRUE;
    }
    return FALSE;
}

/* ---- life ---- */

jd_fetcher *jd_fetcher_new(const jd_fetch_options *options, GError **error)
{
    static const jd_fetch_options defaults = {0};
    if (!options)
        options = &defaults;
    if (!check_allow(options->allow, error))
        return NULL;
    jd_connections *connections = jd_connections_new(error);
    if (!connections)
        return NULL;
    jd_fetcher *fetcher = g_new0(jd_fetcher, 1);
    fetcher->options = *options;
    if (options->max_bytes <= 0)
        fetcher->options.max_bytes = JD_LIMIT_FETCH_BYTES;
    if (options->seconds <= 0)
        fetcher->options.seconds = JD_LIMIT_FETCH_SECONDS;
    if (options->delay_ms <= 0)
        fetcher->options.delay_ms = JD_LIMIT_FETCH_DELAY_MS;
    fetcher->cache = options->cache
                         ? g_strdup(options->cache)
                         : g_build_filename(g_get_user_cache_dir(), "jackdaw", "fetch", NULL);
    fetcher->connections = connections;
    g_mutex_init(&fetcher->lock);
    fetcher->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, host_free);
    return fetcher;
}

void jd_fetcher_free(jd_fetcher *fetcher)
{
    if (!fetcher)
        return;
    jd_connections_free(fetcher->connections);
    jd_cache_trim(fetcher->cache, JD_LIMIT_FETCH_CACHE_BYTES);
    g_hash_table_unref(fetcher->hosts);
    g_mutex_clear(&fetcher->lock);
    g_free(fetcher->cache);
    g_free(fetcher);
}

/* ---- politeness ---- */

static fetch_host *host_of(jd_fetcher *fetcher, const jd_url *url)
{
    g_mutex_lock(&fetcher->lock);
    fetch_host *host = g_hash_table_lookup(fetcher->hosts, url->origin);
    if (!host) {
        host = g_new0(fetch_host, 1);
        g_mutex_init(&host->robots_lock);
        g_hash_table_insert(fetcher->hosts, g_strdup(url->origin), host);
    }
    g_mutex_unlock(&fetcher->lock);
    return host;
}

/* Waits until the host may be asked again; several threads get one place after another. */
static gboolean wait_turn(jd_fetcher *fetcher, const jd_url *url, GError **error)
{
    enum { POLL_US = 50000, US_PER_MS = 1000 };
    if (is_allowed_private(fetcher, url))
        return TRUE;
    fetch_host *host = host_of(fetcher, url);
    g_mutex_lock(&fetcher->lock);
    gint64 turn = MAX(host->next_us, g_get_monotonic_time());
    host->next_us = turn + (gint64)fetcher->options.delay_ms * US_PER_MS;
    g_mutex_unlock(&fetcher->lock);
    for (gint64 left; (left = turn - g_get_monotonic_time()) > 0;) {
        if (jd_cancelled(fetcher->options.cancel, error))
            return FALSE;
        g_usleep(MIN(left, POLL_US));
    }
    return TRUE;
}

/* ---- requests ---- */

/* What one request of a chain of redirects gave. */
typedef struct fetch_step {
    jd_fetched *fetched; /* the body, or NULL with */
    char *redirect;      /* where to go on */
    long status;         /* of the answer; 0 where there was none */
} fetch_step;

static void step_clear(fetch_step *step)
{
    jd_fetched_free(step->fetched);
    g_free(step->redirect);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fetch_step, step_clear)

static jd_transfer transfer_for(const jd_fetcher *fetcher, const jd_url *url, int fd)
{
    return (jd_transfer){
        .url = url,
        .private_allowed = is_allowed_private(fetcher, url),
        .limits = {.max_bytes = fetcher->options.max_bytes, .seconds = fetcher->options.seconds},
        .cancel = fetcher->options.cancel,
        .fd = fd};
}

static jd_fetched *fetched_new(int fd, const jd_url *url, const char *media_type, gint64 modified)
{
    jd_fetched *fetched = g_new0(jd_fetched, 1);
    lseek(fd, 0, SEEK_SET);
    fetched->fd = fd;
    fetched->url = g_strdup(url->text);
    fetched->media_type = g_strdup(media_type);
    fetched->modified = modified;
    return fetched;
}

static void set_bad_status(const jd_url *url, long status, GError **error)
{
    if (status == 404 || status == 410)
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "%s is not there (status %ld)", url->text,
                     status);
    else
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s answered with status %ld", url->text,
                     status);
}

/* Turns the server's answer into a step; `fd` and `path` are the body's. */
static gboolean take_answer(const jd_fetcher *fetcher, jd_transfer *transfer, const char *path,
                            fetch_step *step, GError **error)
{
    const jd_url *url = transfer->url;
    if (transfer->status >= 300 && transfer->status < 400 && transfer->redirect) {
        step->redirect = g_steal_pointer(&transfer->redirect);
        g_unlink(path);
        close(transfer->fd);
        return TRUE;
    }
    if (transfer->status < 200 || transfer->status >= 300) {
        set_bad_status(url, transfer->status, error);
        g_unlink(path);
        close(transfer->fd);
        return FALSE;
    }
    g_autoptr(jd_cache_entry) entry = g_new0(jd_cache_entry, 1);
    entry->etag = g_strdup(transfer->new_etag);
    entry->last_modified = g_strdup(transfer->new_last_modified);
    entry->media_type = g_strdup(transfer->media_type);
    entry->modified = transfer->modified;
    /* A cache that cannot be kept only costs the next run a request. */
    jd_cache_store(fetcher->cache, url->text, path, transfer->fd, entry);
    step->fetched = fetched_new(transfer->fd, url, entry->media_type, entry->modified);
    return TRUE;
}

static gboolean request(jd_fetcher *fetcher, const jd_url *url, fetch_step *step, GError **error)
{
    int cached_fd = -1;
    g_autofree char *path = NULL;
    g_autoptr(jd_cache_entry) cached = jd_cache_find(fetcher->cache, url->text, &cached_fd);
    int fd = jd_cache_begin(fetcher->cache, &path, error);
    gboolean done = fd >= 0 && wait_turn(fetcher, url, error);
    g_auto(jd_transfer) transfer = transfer_for(fetcher, url, fd);
    transfer.etag = cached ? cached->etag : NULL;
    transfer.last_modified = cached ? cached->last_modified : NULL;
    done = done && jd_transfer_perform(&transfer, fetcher->connections, error);
    step->status = transfer.status;
    if (done && transfer.status == 304 && cached) {
        step->fetched = fetched_new(cached_fd, url, cached->media_type, cached->modified);
        cached_fd = -1;
    } else if (done) {
        done = take_answer(fetcher, &transfer, path, step, error);
        fd = -1;
    }
    if (fd >= 0) {
        g_unlink(path);
        close(fd);
    }
    if (cached_fd >= 0)
        close(cached_fd);
    return done;
}

/* ---- redirects and robots.txt ---- */

static jd_fetched *follow(jd_fetcher *fetcher, const char *text, gboolean obey_robots, long *status,
                          GError **error);

static jd_robots *read_robots(const jd_fetched *fetched)
{
    g_autofree char *text = g_malloc(JD_LIMIT_ROBOTS_BYTES);
    gsize length = 0;
    for (ssize_t got; length < JD_LIMIT_ROBOTS_BYTES; length += got) {
        got = read(fetched->fd, text + length, JD_LIMIT_ROBOTS_BYTES - length);
        if (got <= 0)
            break;
    }
    return jd_robots_parse(text, length, "jackdaw");
}

/* The rules of a host, asked for once. No robots.txt (4xx, or redirects without end) means no
 * rules, a server in trouble (5xx) that nothing may be fetched: RFC 9309, 2.3.1. */
static jd_robots *robots_of(jd_fetcher *fetcher, const jd_url *url, GError **error)
{
    fetch_host *host = host_of(fetcher, url);
    g_mutex_lock(&host->robots_lock);
    if (!host->robots) {
        long status = 0;
        g_autoptr(GError) failed = NULL;
        g_autofree char *address = g_strconcat(url->origin, "/robots.txt", NULL);
        g_autoptr(jd_fetched) fetched = follow(fetcher, address, FALSE, &status, &failed);
        if (fetched)
            host->robots = read_robots(fetched);
        else if (status >= 500)
            host->robots = jd_robots_forbid_all();
        else if (status >= 300)
            host->robots = jd_robots_parse("", 0, "jackdaw");
        else
            g_propagate_error(error, g_steal_pointer(&failed));
    }
    g_mutex_unlock(&host->robots_lock);
    return host->robots;
}

static gboolean check_robots(jd_fetcher *fetcher, const jd_url *url, GError **error)
{
    const jd_robots *robots = robots_of(fetcher, url, error);
    if (!robots)
        return FALSE;
    if (jd_robots_allow(robots, url->path))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 "%s: the site's robots.txt asks programs not to fetch it", url->text);
    return FALSE;
}

/* Fetches a URL through its redirects. `*status` gets that of the last answer. */
static jd_fetched *follow(jd_fetcher *fetcher, const char *text, gboolean obey_robots, long *status,
                          GError **error)
{
    g_autofree char *next = g_strdup(text);
    for (int hop = 0; hop <= JD_LIMIT_FETCH_REDIRECTS; hop++) {
        g_auto(fetch_step) step = {0};
        g_autoptr(jd_url) url = jd_url_parse(next, error);
        gboolean done = url && (!obey_robots || check_robots(fetcher, url, error)) &&
                        request(fetcher, url, &step, error);
        *status = step.status;
        if (!done) {
            if (hop > 0)
                jd_prefix_error(error, "%s redirects: ", text);
            return NULL;
        }
        if (step.fetched)
            return g_steal_pointer(&step.fetched);
        g_free(next);
        next = g_steal_pointer(&step.redirect);
    }
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s redirects more than %d times", text,
                 JD_LIMIT_FETCH_REDIRECTS);
    return NULL;
}

jd_fetched *jd_fetcher_get(jd_fetcher *fetcher, const char *url, jd_fetch_kind kind, GError **error)
{
    long status;
    return follow(fetcher, url, kind == JD_FETCH_PAGE, &status, error);
}
