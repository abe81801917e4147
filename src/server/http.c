#include "server/http.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/call_state.h"
#include "server/events_state.h"
#include "server/receive.h"

#include <string.h>
#include <unistd.h>

/* ---- replies ---- */

/* What every answer carries: nothing of ours is to be shown inside another page, or be taken for
 * something else than what it says it is. */
static const char *const always[] = {"X-Content-Type-Options",
                                     "nosniff",
                                     "X-Frame-Options",
                                     "DENY",
                                     "Referrer-Policy",
                                     "no-referrer",
                                     "Cross-Origin-Resource-Policy",
                                     "same-origin",
                                     "Cross-Origin-Opener-Policy",
                                     "same-origin",
                                     NULL};

/* Where a handler has not set its own. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
};

static gboolean has_header(const GPtrArray *headers, const char *name)
{
    for (guint i = 0; i < headers->len; i += 2)
        if (g_ascii_strcasecmp(headers->pdata[i], name) == 0)
            return TRUE;
    return FALSE;
}

static void add_headers(struct MHD_Response *response, const jd_call_reply *reply)
{
    for (gsize i = 0; always[i]; i += 2)
        MHD_add_response_header(response, always[i], always[i + 1]);
    for (gsize i = 0; i < G_N_ELEMENTS(defaults); i++)
        if (!has_header(reply->headers, defaults[i].name))
            MHD_add_response_header(response, defaults[i].name, defaults[i].value);
    for (guint i = 0; i < reply->headers->len; i += 2)
        MHD_add_response_header(response, reply->headers->pdata[i], reply->headers->pdata[i + 1]);
    if (reply->media_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->media_type);
}

static void drop_bytes(void *bytes)
{
    g_bytes_unref(bytes);
}

static struct MHD_Response *make_response(const jd_call_reply *reply)
{
    if (reply->events)
        return jd_events_response(reply->events);
    if (!reply->bytes)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    gsize size;
    const void *data = g_bytes_get_data(reply->bytes, &size);
    return MHD_create_response_from_buffer_with_free_callback_cls(size, (void *)data, drop_bytes,
                                                                  g_bytes_ref(reply->bytes));
}

static enum MHD_Result send_reply(jd_call *call)
{
    struct MHD_Response *response = make_response(&call->reply);
    if (!response)
        return MHD_NO;
    add_headers(response, &call->reply);
    enum MHD_Result queued =
        MHD_queue_response(call->connection, (unsigned)call->reply.status, response);
    MHD_destroy_response(response);
    call->state = JD_CALL_SENT;
    return queued;
}

static enum MHD_Result refuse(jd_call *call, const GError *error)
{
    jd_call_fail(call, error);
    return send_reply(call);
}

/* ---- requests ---- */

static void register_call(jd_call *call)
{
    jd_service *service = call->service;
    g_mutex_lock(&service->lock);
    call->number = ++service->last_number;
    g_hash_table_add(service->calls, call);
    g_mutex_unlock(&service->lock);
}

/* Hands the call to a worker. */
static enum MHD_Result dispatch(jd_call *call)
{
    jd_service *service = call->service;
    gboolean is_long = call->route->flags & JD_ROUTE_LONG;
    GThreadPool *pool = is_long                                ? service->long_calls
                        : call->route->flags & JD_ROUTE_WRITES ? service->writing_calls
                                                               : service->short_calls;
    guint most = is_long ? JD_SERVER_LONG_WAITING : JD_SERVER_WAITING_CALLS;
    jd_guard_set_phase(service->guard, call->peer, JD_PHASE_WORK, 0);
    if (call->route->flags & JD_ROUTE_AT_ONCE) {
        jd_call_answer(call);
        return send_reply(call);
    }
    if (g_thread_pool_unprocessed(pool) >= most) {
        g_autoptr(GError) error = NULL;
        jd_set_http_error(&error, 503, "try again in a moment", "the server is busy");
        return refuse(call, error);
    }
    register_call(call);
    if (is_long)
        jd_guard_watch(service->guard, call->peer, call);
    call->state = JD_CALL_WORKING;
    MHD_suspend_connection(call->connection);
    g_thread_pool_push(pool, jd_call_ref(call), NULL);
    return MHD_YES;
}

/* Counts what bodies hold in memory. FALSE where it is too much for all together. */
static gboolean count_buffered(jd_call *call, gint64 bytes)
{
    jd_service *service = call->service;
    if (!call->route || call->route->flags & JD_ROUTE_FILES)
        return TRUE;
    g_mutex_lock(&service->lock);
    gboolean fits = service->buffered + bytes <= JD_SERVER_BUFFERED_BYTES;
    if (fits) {
        service->buffered += bytes;
        call->buffered += bytes;
    }
    g_mutex_unlock(&service->lock);
    return fits;
}

/* One that is refused is answered when its body has come, unless that is long, or nobody can tell
 * where it ends: closing a connection on a client that still sends would take the answer with it.
 */
static enum MHD_Result begin(jd_call *call, const char *method)
{
    GError **error = &call->body.error;
    gboolean admitted = jd_call_receive(call, method, error);
    const char *length = jd_call_header(call, "content-length");
    gint64 announced = length ? g_ascii_strtoll(length, NULL, 10) : 0;
    jd_guard_set_phase(call->service->guard, call->peer, JD_PHASE_BODY, announced);
    if (!admitted && (call->unframed || announced > JD_SERVER_DISCARDED_BYTES))
        return refuse(call, *error);
    call->state = JD_CALL_RECEIVING;
    return MHD_YES;
}

static enum MHD_Result take_piece(jd_call *call, const char *data, gsize size)
{
    if (!call->body.error && !count_buffered(call, (gint64)size))
        jd_set_http_error(&call->body.error, 503, "try again in a moment",
                          "the server holds too many large requests");
    if (!jd_body_add(&call->body, data, size))
        call->discarded += (gint64)size;
    return call->discarded > JD_SERVER_DISCARDED_BYTES ? MHD_NO : MHD_YES;
}

/* All of the body has come. */
static enum MHD_Result finish(jd_call *call)
{
    g_autoptr(GError) error = NULL;
    if (!jd_body_finish(&call->body, &error))
        return refuse(call, error);
    return dispatch(call);
}

/*
 * libmicrohttpd calls this when the headers are there, for each piece of the body, after the last
 * piece, and once more when a connection that was held back goes on.
 */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
    jd_call *call = *state;
    gsize piece = *size;
    *size = 0; /* all of it is taken */
    switch (call->state) {
    case JD_CALL_NEW:
        return begin(call, method);
    case JD_CALL_RECEIVING:
        return piece > 0 ? take_piece(call, data, piece) : finish(call);
    case JD_CALL_READY:
        return send_reply(call);
    default:
        return MHD_YES;
    }
}

static void *on_request_line(void *user, const char *target, struct MHD_Connection *connection)
{
    jd_service *service = user;
    jd_call *call = jd_call_new(service, connection, target);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    call->peer = info->socket_context;
    jd_guard_set_phase(service->guard, call->peer, JD_PHASE_HEAD, 0);
    return call;
}

static void count(const jd_call *call)
{
    jd_metrics_request request = {
        .method = call->route ? call->route->method : "any",
        .path = call->route && call->route->pattern ? call->route->pattern : "other",
        .status = call->reply.status,
        .seconds = (double)(g_get_monotonic_time() - call->began) / G_USEC_PER_SEC};
    jd_metrics_count(call->service->metrics, &request);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode how)
{
    jd_service *service = user;
    jd_call *call = g_steal_pointer(state);
    if (!call)
        return;
    g_autoptr(jd_events) events = jd_call_events(call);
    if (events)
        jd_events_detach(events);
    count(call);
    if (how != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        g_atomic_int_set(&call->cancel, 1);
    jd_guard_watch(service->guard, call->peer, NULL);
    jd_guard_set_phase(service->guard, call->peer, JD_PHASE_IDLE, 0);
    g_mutex_lock(&service->lock);
    service->buffered -= call->buffered;
    if (g_hash_table_remove(service->calls, call))
        g_cond_broadcast(&service->changed);
    g_mutex_unlock(&service->lock);
    jd_call_unref(call);
}

/* ---- connections ---- */

static enum MHD_Result on_accept(void *user, const struct sockaddr *address, socklen_t size)
{
    jd_service *service = user;
    return jd_guard_admits(service->guard, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *user, struct MHD_Connection *connection, void **peer,
                          enum MHD_ConnectionNotificationCode what)
{
    jd_service *service = user;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        jd_guard_remove(service->guard, g_steal_pointer(peer));
        return;
    }
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *peer = jd_guard_add(service->guard, fd->connect_fd, address->client_addr);
}

/* Paths and parameters are decoded in receive.c, where what is malformed can be refused. */
static size_t leave_escaped(void *user, struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

struct MHD_Daemon *jd_http_listen(jd_service *service, jd_listener *listener, GError **error)
{
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, on_accept, service, on_request, service, MHD_OPTION_LISTEN_SOCKET, listener->fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)JD_SERVER_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)JD_SERVER_HEAD_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)JD_SERVER_IDLE_SECONDS,
        MHD_OPTION_URI_LOG_CALLBACK, on_request_line, service, MHD_OPTION_UNESCAPE_CALLBACK,
        leave_escaped, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, service,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, service, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_END);
    if (!daemon) {
        jd_set_error(error, JD_ERROR_IO, "see that libmicrohttpd is installed",
                     "cannot serve %s: libmicrohttpd cannot be loaded, or lacks memory or threads",
                     listener->url);
        return NULL;
    }
    listener->fd = -1;
    return daemon;
}
