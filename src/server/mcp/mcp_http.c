/*
 * MCP's Streamable HTTP at /mcp: one POST a message.
 *
 * The reply is JSON, or, for a call whose progress the client wants to hear of, a stream of events
 * that ends with it. Nothing is ever said to a client that has not asked, so there is no stream for
 * GET and no session: both are the server's choice in the protocol. Closing the request stops it.
 */
#include "base/limits.h"
#include "server/mcp/mcp.h"
#include "server/service.h"

#include <string.h>

static void put_error(jd_call *call, const jd_problem *problem)
{
    jd_call_reply_json(call, problem->status,
                       jd_rpc_error(NULL, JD_RPC_REFUSED, problem->message, NULL));
}

/* In the new version an error's kind is the answer's status too. */
static int status_of(const json_t *reply, gboolean stateless)
{
    int code = jd_rpc_error_code(reply);
    if (code == JD_RPC_PARSE_ERROR || code == JD_RPC_INVALID_REQUEST)
        return 400;
    if (!stateless || code == 0 || code == JD_RPC_INTERNAL_ERROR)
        return 200;
    return code == JD_RPC_METHOD_NOT_FOUND ? 404 : 400;
}

typedef struct post {
    jd_call *call;
    jd_mcp_host host;
    jd_mcp_headers headers;
    jd_events *events; /* NULL: JSON */
} post;

static void notify(json_t *notification, void *user)
{
    post *at = user;
    if (!at->events)
        at->events = jd_call_reply_events(at->call);
    jd_events_send(at->events, "message", notification);
}

static gboolean wants_progress(const post *at, const jd_rpc_message *message)
{
    const char *accept = jd_call_header(at->call, "accept");
    return accept && strstr(accept, "text/event-stream") && jd_mcp_progress_token(message);
}

static json_t *answer(post *at, const jd_rpc_message *message)
{
    jd_mcp_call call = {.host = &at->host,
                        .message = message,
                        .headers = &at->headers,
                        .cancel = jd_call_cancel(at->call),
                        .user = at};
    if (wants_progress(at, message))
        call.notify = notify;
    return jd_mcp_answer(&call);
}

static void answer_one(post *at, json_t *json)
{
    jd_rpc_message message = jd_rpc_read(json);
    if (message.kind == JD_RPC_NOTIFICATION || message.kind == JD_RPC_RESPONSE) {
        jd_call_reply_empty(at->call, 202);
        return;
    }
    json_t *reply = message.kind == JD_RPC_REQUEST
                        ? answer(at, &message)
                        : jd_rpc_error(message.id, JD_RPC_INVALID_REQUEST,
                                       "this is no request of JSON-RPC 2.0", NULL);
    if (!at->events) {
        gboolean stateless = jd_mcp_is_stateless(&message, &at->headers);
        jd_call_reply_json(at->call, status_of(reply, stateless), reply);
        return;
    }
    jd_events_send(at->events, "message", reply);
    jd_events_end(at->events);
    jd_events_unref(at->events);
}

static gboolean receive(jd_call *call, GError **error)
{
    if (!g_str_equal(jd_call_media_type(call), "application/json")) {
        jd_set_http_error(error, 415, NULL, "send it with Content-Type: application/json");
        return FALSE;
    }
    jd_service *service = jd_call_service(call);
    post at = {.call = call,
               .host = {.bases = service->bases, .ask = &service->options->ask},
               .headers = {.version = jd_call_header(call, "mcp-protocol-version"),
                           .method = jd_call_header(call, "mcp-method"),
                           .name = jd_call_header(call, "mcp-name")}};
    gsize size;
    const char *text = g_bytes_get_data(jd_call_body(call), &size);
    json_auto_t *json = text ? jd_rpc_parse(text, size) : NULL;
    if (json)
        answer_one(&at, json);
    else
        jd_call_reply_json(call, 400,
                           jd_rpc_error(NULL, JD_RPC_PARSE_ERROR, "this is no JSON", NULL));
    return TRUE;
}

static const jd_route routes[] = {
    {"POST", "/mcp", receive, JD_ROUTE_LONG, JD_SERVER_PICTURE_BODY_BYTES},
    {NULL},
};

const jd_route_table jd_routes_mcp = {"/mcp", routes, put_error};
