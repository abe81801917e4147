#include "server/service.h"

#include "base/error.h"
#include "base/limits.h"
#include "pipeline.h"
#include "server/call_state.h"
#include "server/http.h"
#include "server/token.h"

#include <glib/gstdio.h>
#include <stdarg.h>
#include <sys/resource.h>

void jd_service_log(jd_service *service, const char *format, ...)
{
    if (!service->options->log)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *line = g_strdup_vprintf(format, args);
    va_end(args);
    service->options->log(line, service->options->user);
}

gboolean jd_service_is_stopping(jd_service *service)
{
    g_mutex_lock(&service->lock);
    gboolean stopping = service->stopping;
    g_mutex_unlock(&service->lock);
    return stopping;
}

gboolean jd_service_stop_call(jd_service *service, gint64 number, jd_handler handler)
{
    GHashTableIter iter;
    gpointer key;
    gboolean found = FALSE;
    g_mutex_lock(&service->lock);
    g_hash_table_iter_init(&iter, service->calls);
    while (!found && g_hash_table_iter_next(&iter, &key, NULL)) {
        jd_call *call = key;
        found = call->number == number && call->route->handle == handler;
        if (found)
            g_atomic_int_set(&call->cancel, 1);
    }
    g_mutex_unlock(&service->lock);
    return found;
}

const char *const *jd_service_urls(const jd_service *service)
{
    return (const char *const *)service->urls;
}

const char *jd_service_token(const jd_service *service, gboolean *made)
{
    *made = service->token_made;
    return service->gate.token;
}

const char *jd_service_token_file(const jd_service *service)
{
    return service->token_file;
}

/* ---- starting ---- */

static void work(gpointer data, gpointer user)
{
    g_autoptr(jd_call) call = data;
    jd_call_work(call);
}

/* A connection is a descriptor; the system's usual limit of 1024 would be reached first. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    const rlim_t wanted = 2 * JD_SERVER_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = MIN(limit.rlim_max, wanted);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void add_host(GPtrArray *hosts, const char *name)
{
    g_ptr_array_add(hosts, g_ascii_strdown(name, -1));
}

/* The names by which this machine is known in its network, and those that the user gave. */
static char **host_names(const jd_serve_options *options)
{
    GPtrArray *hosts = g_ptr_array_new();
    g_autofree char *local = g_strconcat(g_get_host_name(), ".local", NULL);
    add_host(hosts, g_get_host_name());
    add_host(hosts, local);
    for (const char *const *host = options->hosts; host && *host; host++)
        add_host(hosts, *host);
    g_ptr_array_add(hosts, NULL);
    return (char **)g_ptr_array_free(hosts, FALSE);
}

static gboolean set_up_gate(jd_service *service, GError **error)
{
    const jd_serve_options *options = service->options;
    gboolean needs_token = options->require_token;
    for (guint i = 0; i < service->listeners->len; i++) {
        const jd_listener *listener = service->listeners->pdata[i];
        needs_token |= !listener->loopback;
    }
    service->gate.hosts = host_names(options);
    if (!needs_token)
        return TRUE;
    service->token_file =
        options->token_file ? g_strdup(options->token_file) : jd_token_default_path();
    service->gate.token = jd_token_load(service->token_file, &service->token_made, error);
    return service->gate.token != NULL;
}

/* Opening for writing makes a base where there is none, and brings an older one up to date. One
 * that somebody else writes to, or that cannot be written to, is served as it is. */
static gboolean open_base(jd_service *service, GError **error)
{
    const jd_serve_options *options = service->options;
    g_autoptr(GError) refused = NULL;
    g_autofree char *path = options->kb ? g_strdup(options->kb) : jd_kb_default_path();
    g_autoptr(jd_kb) kb = jd_kb_open(path, JD_KB_WRITE, &options->kb_options, &refused);
    if (!kb && !g_error_matches(refused, JD_ERROR, JD_ERROR_BUSY) &&
        !g_error_matches(refused, JD_ERROR, JD_ERROR_READ_ONLY)) {
        g_propagate_error(error, g_steal_pointer(&refused));
        return FALSE;
    }
    if (!kb)
        jd_service_log(service, "nothing can be written at present: %s", refused->message);
    g_clear_pointer(&kb, jd_kb_close);
    service->spool = g_strconcat(path, ".uploads", NULL);
    service->bases = jd_bases_new(path, &options->kb_options, error);
    if (!service->bases)
        return FALSE;
    service->scribe = jd_scribe_new(service->bases, jd_jobs_work, service);
    service->jobs = jd_jobs_new(service, error);
    return service->jobs != NULL;
}

/* Some proxies close a connection on which nothing comes for a while. */
static void keep_streams_alive(void *user)
{
    jd_service *service = user;
    GHashTableIter iter;
    gpointer call;
    g_mutex_lock(&service->lock);
    g_hash_table_iter_init(&iter, service->calls);
    while (g_hash_table_iter_next(&iter, &call, NULL))
        jd_call_keep_alive(call);
    g_mutex_unlock(&service->lock);
}

static gboolean start_threads(jd_service *service, GError **error)
{
    /* More at once would be none the faster: each would take as long as all of them together, some
     * much longer, and with a base each they would drive one another out of the caches. */
    int cores = MAX(JD_SERVER_LEAST_AT_ONCE, (int)g_get_num_processors());
    service->short_calls = g_thread_pool_new(work, service, cores, FALSE, NULL);
    service->writing_calls = g_thread_pool_new(work, service, JD_SERVER_WRITING_CALLS, FALSE, NULL);
    service->long_calls = g_thread_pool_new(work, service, JD_SERVER_LONG_CALLS, FALSE, NULL);
    jd_guard_options guard = {
        .max_connections = JD_SERVER_CONNECTIONS, .on_quiet = keep_streams_alive, .user = service};
    service->guard = jd_guard_new(&guard, error);
    return service->guard != NULL;
}

static gboolean start_listening(jd_service *service, GError **error)
{
    g_autoptr(GPtrArray) urls = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) daemons = g_ptr_array_new();
    for (guint i = 0; i < service->listeners->len; i++) {
        jd_listener *listener = service->listeners->pdata[i];
        struct MHD_Daemon *daemon = jd_http_listen(service, listener, error);
        if (!daemon)
            break;
        g_ptr_array_add(daemons, daemon);
        g_ptr_array_add(urls, g_strdup(listener->url));
    }
    gboolean all = daemons->len == service->listeners->len;
    service->loop = jd_loop_new(daemons, all ? error : NULL);
    if (!all || !service->loop)
        return FALSE;
    g_ptr_array_add(urls, NULL);
    service->urls = (char **)g_ptr_array_steal(urls, NULL);
    return TRUE;
}

jd_service *jd_service_new(const jd_serve_options *options, GError **error)
{
    g_autoptr(jd_service) service = g_new0(jd_service, 1);
    service->options = options;
    service->began = g_get_monotonic_time();
    service->calls = g_hash_table_new(NULL, NULL);
    service->thumbnails = jd_thumbnails_new();
    service->projections = jd_projections_new();
    service->metrics = jd_metrics_new();
    g_mutex_init(&service->lock);
    g_cond_init(&service->changed);
    raise_descriptor_limit();
    service->listeners = jd_listen(options->listen, options->port, error);
    if (!service->listeners || !set_up_gate(service, error) || !open_base(service, error) ||
        !start_threads(service, error) || !start_listening(service, error))
        return NULL;
    jd_jobs_begin(service->jobs);
    jd_loop_begin(service->loop);
    return g_steal_pointer(&service);
}

/* ---- stopping ---- */

static gboolean wait_for_calls(jd_service *service, gint64 until)
{
    gboolean in_time = TRUE;
    while (g_hash_table_size(service->calls) > 0 && in_time)
        in_time = g_cond_wait_until(&service->changed, &service->lock, until);
    return in_time;
}

static void cancel_call(jd_call *call)
{
    g_atomic_int_set(&call->cancel, 1);
}

/* With the lock held, which is let go meanwhile. */
static void tell_all_calls(jd_service *service, void (*tell)(jd_call *call))
{
    GHashTableIter iter;
    gpointer call;
    g_autoptr(GPtrArray) calls = g_ptr_array_new_with_free_func((GDestroyNotify)jd_call_unref);
    g_hash_table_iter_init(&iter, service->calls);
    while (g_hash_table_iter_next(&iter, &call, NULL))
        g_ptr_array_add(calls, jd_call_ref(call));
    g_mutex_unlock(&service->lock);
    for (guint i = 0; i < calls->len; i++)
        tell(calls->pdata[i]);
    g_mutex_lock(&service->lock);
}

static gint64 seconds_from_now(int seconds)
{
    return g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
}

/* First they may end, then they are to end, then they are ended. */
static void end_calls(jd_service *service)
{
    g_mutex_lock(&service->lock);
    if (!wait_for_calls(service, seconds_from_now(JD_SERVER_GRACE_SECONDS))) {
        tell_all_calls(service, cancel_call);
        if (!wait_for_calls(service, seconds_from_now(JD_SERVER_CANCEL_SECONDS))) {
            tell_all_calls(service, jd_call_hang_up);
            wait_for_calls(service, G_MAXINT64);
        }
    }
    g_mutex_unlock(&service->lock);
}

void jd_service_stop(jd_service *service)
{
    g_mutex_lock(&service->lock);
    gboolean stopped = service->stopping;
    service->stopping = TRUE;
    g_mutex_unlock(&service->lock);
    if (stopped)
        return;
    if (service->loop)
        jd_loop_quiesce(service->loop);
    if (service->jobs)
        jd_jobs_stop(service->jobs);
    end_calls(service);
    if (service->jobs)
        jd_jobs_join(service->jobs);
    g_clear_pointer(&service->loop, jd_loop_free);
}

void jd_service_free(jd_service *service)
{
    if (!service)
        return;
    jd_service_stop(service);
    GThreadPool *pools[] = {service->short_calls, service->writing_calls, service->long_calls};
    for (gsize i = 0; i < G_N_ELEMENTS(pools); i++)
        if (pools[i])
            g_thread_pool_free(pools[i], FALSE, TRUE);
    g_clear_pointer(&service->listeners, g_ptr_array_unref);
    jd_guard_free(service->guard);
    jd_scribe_free(service->scribe);
    jd_jobs_free(service->jobs);
    jd_thumbnails_free(service->thumbnails);
    jd_projections_free(service->projections);
    jd_metrics_free(service->metrics);
    jd_bases_free(service->bases);
    g_hash_table_unref(service->calls);
    g_free(service->gate.token);
    g_strfreev(service->gate.hosts);
    g_strfreev(service->urls);
    if (service->spool)
        g_rmdir(service->spool); /* where nothing is left in it */
    g_free(service->spool);
    g_free(service->token_file);
    g_mutex_clear(&service->lock);
    g_cond_clear(&service->changed);
    g_free(service);
}
