#include "server/call_state.h"

#include "base/error.h"
#include "base/limits.h"
#include "server/events_state.h"
#include "server/service.h"

#include <string.h>

jd_call *jd_call_new(jd_service *service, struct MHD_Connection *connection, const char *target)
{
    jd_call *call = g_new0(jd_call, 1);
    call->refs = 1;
    call->service = service;
    call->connection = connection;
    call->began = g_get_monotonic_time();
    call->target = g_strdup(target);
    call->query = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    call->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    call->reply.headers = g_ptr_array_new_with_free_func(g_free);
    g_mutex_init(&call->lock);
    jd_body_init(&call->body);
    return call;
}

jd_call *jd_call_ref(jd_call *call)
{
    g_atomic_int_inc(&call->refs);
    return call;
}

void jd_call_unref(jd_call *call)
{
    if (!call || !g_atomic_int_dec_and_test(&call->refs))
        return;
    jd_body_clear(&call->body);
    g_free(call->target);
    g_free(call->method);
    g_free(call->path);
    g_hash_table_unref(call->query);
    g_hash_table_unref(call->headers);
    g_strfreev(call->parts);
    json_decref(call->json);
    g_free(call->reply.media_type);
    g_clear_pointer(&call->reply.bytes, g_bytes_unref);
    g_clear_pointer(&call->reply.events, jd_events_unref);
    g_ptr_array_unref(call->reply.headers);
    g_mutex_clear(&call->lock);
    g_free(call);
}

/* ---- the request ---- */

jd_service *jd_call_service(const jd_call *call)
{
    return call->service;
}

gint64 jd_call_number(const jd_call *call)
{
    return call->number;
}

const char *jd_call_method(const jd_call *call)
{
    return call->method;
}

const char *jd_call_path(const jd_call *call)
{
    return call->path;
}

const char *jd_call_part(const jd_call *call, guint n)
{
    g_return_val_if_fail(call->parts && n < g_strv_length(call->parts), "");
    return call->parts[n];
}

const char *jd_call_header(const jd_call *call, const char *name)
{
    return g_hash_table_lookup(call->headers, name);
}

const char *jd_call_query(const jd_call *call, const char *name)
{
    return g_hash_table_lookup(call->query, name);
}

GHashTable *jd_call_query_all(const jd_call *call)
{
    return call->query;
}

const char *jd_call_media_type(const jd_call *call)
{
    return call->body.media_type;
}

GBytes *jd_call_body(const jd_call *call)
{
    return call->body.bytes;
}

json_t *jd_call_json(jd_call *call, GError **error)
{
    if (call->json)
        return call->json;
    const char *type = call->body.media_type;
    if (!g_str_equal(type, "application/json") && !g_str_has_suffix(type, "+json")) {
        jd_set_http_error(error, 415, "send it with Content-Type: application/json",
                          "%s takes JSON, not %s", call->path, *type ? type : "an untyped body");
        return NULL;
    }
    gsize size;
    const char *text = g_bytes_get_data(call->body.bytes, &size);
    json_error_t problem;
    call->json =
        json_loadb(text ? text : "", size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!call->json)
        jd_set_http_error(error, 400, NULL, "the body is no JSON: %s (line %d, column %d)",
                          problem.text, problem.line, problem.column);
    return call->json;
}

const GPtrArray *jd_call_uploads(const jd_call *call)
{
    return call->body.uploads;
}

GHashTable *jd_call_fields(const jd_call *call)
{
    return call->body.fields;
}

const char *jd_call_upload_folder(const jd_call *call)
{
    return call->body.folder;
}

void jd_call_keep_uploads(jd_call *call)
{
    call->body.keep_folder = TRUE;
}

jd_cancel *jd_call_cancel(jd_call *call)
{
    return &call->cancel;
}

/* ---- the answer ---- */

void jd_call_set_header(jd_call *call, const char *name, const char *value)
{
    g_ptr_array_add(call->reply.headers, g_strdup(name));
    g_ptr_array_add(call->reply.headers, g_strdup(value));
}

void jd_call_reply_bytes(jd_call *call, int status, const char *media_type, GBytes *bytes)
{
    g_return_if_fail(call->reply.status == 0);
    call->reply.status = status;
    call->reply.media_type = g_strdup(media_type);
    call->reply.bytes = bytes ? g_bytes_ref(bytes) : NULL;
}

void jd_call_reply_empty(jd_call *call, int status)
{
    jd_call_reply_bytes(call, status, NULL, NULL);
}

void jd_call_reply_json(jd_call *call, int status, json_t *json)
{
    /* What came from files and other servers was checked on its way in; a value that jansson
     * refuses all the same leaves no text. */
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(json);
    g_autoptr(GBytes) bytes = text ? g_bytes_new_with_free_func(text, strlen(text), free, text)
                                   : g_bytes_new_static("{}", 2);
    jd_call_reply_bytes(call, text ? status : 500, "application/json", bytes);
}

static void deliver(jd_call *call)
{
    call->state = JD_CALL_READY;
    MHD_resume_connection(call->connection);
    jd_loop_wake(call->service->loop);
}

jd_events *jd_call_reply_events(jd_call *call)
{
    jd_events *events = jd_events_new(call->service->loop, call->connection);
    g_mutex_lock(&call->lock);
    call->reply.status = 200;
    call->reply.media_type = g_strdup("text/event-stream");
    call->reply.events = jd_events_ref(events);
    g_mutex_unlock(&call->lock);
    if (g_atomic_int_get(&call->cancel))
        jd_events_give_up(events);
    deliver(call);
    return events;
}

void jd_call_fail(jd_call *call, const GError *error)
{
    g_auto(jd_problem) problem;
    jd_problem_init(&problem, error);
    if (problem.status == 401)
        jd_call_set_header(call, "WWW-Authenticate", "Bearer");
    if (problem.status == 503 || problem.status == 429)
        jd_call_set_header(call, "Retry-After", "1");
    if (problem.status == 500)
        jd_service_log(call->service, "%s %s: %s", call->method, call->path, error->message);
    (call->table ? call->table->put_error : jd_put_error)(call, &problem);
}

/* A client that had to wait for long may have given up. */
static gboolean is_wanted(jd_call *call, GError **error)
{
    gint64 waited = g_get_monotonic_time() - call->began;
    if (waited < JD_SERVER_PATIENCE_MS * 1000 || !jd_peer_has_gone(call->peer))
        return TRUE;
    jd_set_error(error, JD_ERROR_CANCELLED, NULL, "the client has gone");
    return FALSE;
}

void jd_call_answer(jd_call *call)
{
    g_autoptr(GError) error = NULL;
    gboolean done = is_wanted(call, &error) && call->route->handle(call, &error);
    jd_body_drop_files(&call->body);
    if (!done && !call->reply.events)
        jd_call_fail(call, error);
}

void jd_call_work(jd_call *call)
{
    jd_call_answer(call);
    if (!call->reply.events) /* which were delivered when they began */
        deliver(call);
}

jd_events *jd_call_events(jd_call *call)
{
    g_mutex_lock(&call->lock);
    jd_events *events = call->reply.events ? jd_events_ref(call->reply.events) : NULL;
    g_mutex_unlock(&call->lock);
    return events;
}

void jd_call_keep_alive(jd_call *call)
{
    g_autoptr(jd_events) events = jd_call_events(call);
    if (events)
        jd_events_keep_alive(events);
}

void jd_call_hang_up(jd_call *call)
{
    g_atomic_int_set(&call->cancel, 1);
    g_autoptr(jd_events) events = jd_call_events(call);
    if (events)
        jd_events_give_up(events);
}
