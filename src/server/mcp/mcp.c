#include "server/mcp/mcp.h"

#include "retrieve/json.h"
#include "server/mcp/handler.h"

#include <string.h>

G_DEFINE_QUARK(jd - mcp - error - quark, jd_mcp_error)

static const char latest[] = "2026-07-28";
static const char *const with_handshake[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05",
                                             NULL};

static const char version_key[] = "io.modelcontextprotocol/protocolVersion";
static const char capabilities_key[] = "io.modelcontextprotocol/clientCapabilities";

static const char instructions[] =
    "Jackdaw holds a person's own documents and the pictures in them. Use `search` to find "
    "passages "
    "and pictures, `ask` for an answer with its sources, `get_document` to read on, `get_image` to "
    "see a picture. Cite the documents' titles. Where nothing relevant is found, say so.";

static json_t *server_info(void)
{
    return json_pack("{s:s, s:s, s:s}", "name", "jackdaw", "title", "Jackdaw", "version",
                     jd_version());
}

static json_t *capabilities(void)
{
    return json_pack("{s:{}, s:{}}", "tools", "resources");
}

static json_t *meta_of(const jd_rpc_message *message)
{
    return json_object_get(message->params, "_meta");
}

json_t *jd_mcp_progress_token(const jd_rpc_message *message)
{
    json_t *token = json_object_get(meta_of(message), "progressToken");
    return json_is_string(token) || json_is_integer(token) ? token : NULL;
}

void jd_mcp_tell_progress(const jd_mcp_call *call, int step, const char *what)
{
    json_t *token = jd_mcp_progress_token(call->message);
    if (!token || !call->notify)
        return;
    json_t *params = json_pack("{s:O, s:i, s:o}", "progressToken", token, "progress", step,
                               "message", jd_json_string(what));
    call->notify(jd_rpc_notification("notifications/progress", params), call->user);
}

/* ---- the handshake, and what stands for it ---- */

static json_t *initialize(const jd_mcp_call *call, GError **error)
{
    const char *wanted =
        json_string_value(json_object_get(call->message->params, "protocolVersion"));
    if (!wanted) {
        g_set_error_literal(error, JD_MCP_ERROR, JD_RPC_INVALID_PARAMS,
                            "initialize needs a protocolVersion");
        return NULL;
    }
    const char *version = g_strv_contains(with_handshake, wanted) ? wanted : with_handshake[0];
    return json_pack("{s:s, s:o, s:o, s:s}", "protocolVersion", version, "capabilities",
                     capabilities(), "serverInfo", server_info(), "instructions", instructions);
}

static json_t *ping(const jd_mcp_call *call, GError **error)
{
    return json_object();
}

static json_t *versions(void)
{
    json_t *list = json_pack("[s]", latest);
    for (gsize i = 0; with_handshake[i]; i++)
        json_array_append_new(list, json_string(with_handshake[i]));
    return list;
}

static json_t *discover(const jd_mcp_call *call, GError **error)
{
    return json_pack("{s:o, s:o, s:s}", "supportedVersions", versions(), "capabilities",
                     capabilities(), "instructions", instructions);
}

/* ---- the methods ---- */

typedef struct method {
    const char *name;
    jd_mcp_handler handle;
    gboolean handshake, stateless; /* the eras that have it */
    gboolean is_long;
    int fresh_ms; /* how long a client may keep the result; -1: it is none to keep */
} method;

enum { AN_HOUR_MS = 3600 * 1000 };

static const method methods[] = {
    {"initialize", initialize, TRUE, FALSE, FALSE, -1},
    {"ping", ping, TRUE, FALSE, FALSE, -1},
    {"server/discover", discover, FALSE, TRUE, FALSE, AN_HOUR_MS},
    {"tools/list", jd_mcp_list_tools, TRUE, TRUE, FALSE, AN_HOUR_MS},
    {"tools/call", jd_mcp_call_tool, TRUE, TRUE, TRUE, -1},
    {"resources/list", jd_mcp_list_resources, TRUE, TRUE, TRUE, 0},
    {"resources/templates/list", jd_mcp_list_templates, TRUE, TRUE, FALSE, AN_HOUR_MS},
    {"resources/read", jd_mcp_read_resource, TRUE, TRUE, TRUE, 0},
};

static const method *find_method(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        if (g_str_equal(methods[i].name, name))
            return &methods[i];
    return NULL;
}

gboolean jd_mcp_is_long(const jd_rpc_message *message)
{
    const method *found = find_method(message->method);
    return found && found->is_long;
}

/* ---- requests without a handshake ---- */

gboolean jd_mcp_is_stateless(const jd_rpc_message *message, const jd_mcp_headers *headers)
{
    const char *header = headers ? headers->version : NULL;
    if (json_object_get(meta_of(message), version_key))
        return TRUE;
    if (message->method && g_str_equal(message->method, "initialize"))
        return FALSE; /* whatever the header says: a version is about to be agreed on */
    return (message->method && g_str_equal(message->method, "server/discover")) ||
           (header && !g_strv_contains(with_handshake, header));
}

static json_t *refuse(const jd_rpc_message *message, int code, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static json_t *refuse(const jd_rpc_message *message, int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return jd_rpc_error(message->id, code, text, NULL);
}

/* A header's value that is not plain ASCII comes as "=?base64?...?=". */
static char *header_text(const char *value)
{
    static const char begin[] = "=?base64?", end[] = "?=";
    if (!g_str_has_prefix(value, begin) || !g_str_has_suffix(value, end) ||
        strlen(value) < strlen(begin) + strlen(end))
        return g_strdup(value);
    const char *start = value + strlen(begin);
    g_autofree char *payload = g_strndup(start, strlen(start) - strlen(end));
    gsize size;
    g_autofree guchar *bytes = g_base64_decode(payload, &size);
    return g_utf8_validate((const char *)bytes, (gssize)size, NULL)
               ? g_strndup((const char *)bytes, size)
               : NULL;
}

/* What the Mcp-Name header repeats, or NULL. */
static const char *named(const jd_rpc_message *message)
{
    const char *key = NULL;
    if (g_str_equal(message->method, "tools/call") || g_str_equal(message->method, "prompts/get"))
        key = "name";
    if (g_str_equal(message->method, "resources/read"))
        key = "uri";
    return key ? json_string_value(json_object_get(message->params, key)) : NULL;
}

/* An error where the headers do not repeat what the body says. */
static json_t *check_headers(const jd_rpc_message *message, const jd_mcp_headers *headers,
                             const char *version)
{
    const char *name = named(message);
    if (g_strcmp0(headers->version, version) != 0)
        return refuse(message, JD_RPC_HEADER_MISMATCH,
                      "the header MCP-Protocol-Version is not what params._meta says");
    if (g_strcmp0(headers->method, message->method) != 0)
        return refuse(message, JD_RPC_HEADER_MISMATCH,
                      "the header Mcp-Method is not the request's method");
    g_autofree char *given = headers->name ? header_text(headers->name) : NULL;
    if (name && g_strcmp0(given, name) != 0)
        return refuse(message, JD_RPC_HEADER_MISMATCH,
                      "the header Mcp-Name is not what the request's params name");
    return NULL;
}

/* NULL where the request says all that it has to, and is of a version that is known here. */
static json_t *check_envelope(const jd_mcp_call *call)
{
    const jd_rpc_message *message = call->message;
    json_t *meta = meta_of(message), *version = json_object_get(meta, version_key);
    const char *missing = !version                                   ? version_key
                          : !json_object_get(meta, capabilities_key) ? capabilities_key
                                                                     : NULL;
    if (missing)
        return refuse(message, JD_RPC_INVALID_PARAMS, "params._meta lacks %s", missing);
    json_t *mismatch =
        call->headers ? check_headers(message, call->headers, json_string_value(version)) : NULL;
    if (mismatch)
        return mismatch;
    if (!json_is_string(version))
        return refuse(message, JD_RPC_INVALID_PARAMS, "%s is to be a string", version_key);
    if (g_str_equal(json_string_value(version), latest))
        return NULL;
    return jd_rpc_error(message->id, JD_RPC_UNSUPPORTED_VERSION, "this version is not known here",
                        json_pack("{s:[s], s:O}", "supported", latest, "requested", version));
}

/* What that version adds to a result. */
static void complete_result(json_t *result, const method *of)
{
    json_object_set_new(result, "resultType", json_string("complete"));
    json_object_set_new(result, "_meta",
                        json_pack("{s:o}", "io.modelcontextprotocol/serverInfo", server_info()));
    if (of->fresh_ms < 0)
        return;
    json_object_set_new(result, "ttlMs", json_integer(of->fresh_ms));
    json_object_set_new(result, "cacheScope", json_string("private"));
}

/* ---- answering ---- */

static json_t *error_reply(const jd_rpc_message *message, gboolean stateless, const GError *error)
{
    if (error->domain != JD_MCP_ERROR) {
        g_auto(jd_problem) problem;
        jd_problem_init(&problem, error);
        return jd_rpc_error(message->id, JD_RPC_INTERNAL_ERROR, problem.message, NULL);
    }
    int code = error->code;
    json_t *data = NULL;
    if (code == JD_RPC_RESOURCE_NOT_FOUND) {
        data = json_pack("{s:O}", "uri", json_object_get(message->params, "uri"));
        if (stateless)
            code = JD_RPC_INVALID_PARAMS; /* the new version has retired the other */
    }
    return jd_rpc_error(message->id, code, error->message, data);
}

json_t *jd_mcp_answer(const jd_mcp_call *call)
{
    const jd_rpc_message *message = call->message;
    gboolean stateless = jd_mcp_is_stateless(message, call->headers);
    json_t *refusal = stateless ? check_envelope(call) : NULL;
    if (refusal)
        return refusal;
    const method *found = find_method(message->method);
    if (!found || !(stateless ? found->stateless : found->handshake))
        return refuse(message, JD_RPC_METHOD_NOT_FOUND, "there is no method %s", message->method);
    g_autoptr(GError) error = NULL;
    json_t *result = found->handle(call, &error);
    if (!result)
        return error_reply(message, stateless, error);
    if (stateless)
        complete_result(result, found);
    return jd_rpc_result(message->id, result);
}
