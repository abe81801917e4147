/* JSON-RPC 2.0, the form of MCP's messages: reading one, and making replies. */
#ifndef JD_SERVER_MCP_RPC_H
#define JD_SERVER_MCP_RPC_H

#include <glib.h>
#include <jansson.h>

/** Codes of JSON-RPC, and those that MCP adds. */
typedef enum jd_rpc_code {
    JD_RPC_PARSE_ERROR = -32700,
    JD_RPC_INVALID_REQUEST = -32600,
    JD_RPC_METHOD_NOT_FOUND = -32601,
    JD_RPC_INVALID_PARAMS = -32602,
    JD_RPC_INTERNAL_ERROR = -32603,
    JD_RPC_REFUSED = -32000,            /* by the transport: no token, a busy server, ... */
    JD_RPC_RESOURCE_NOT_FOUND = -32002, /* to 2025-11-25 */
    JD_RPC_HEADER_MISMATCH = -32020,    /* since 2026-07-28, as the next */
    JD_RPC_UNSUPPORTED_VERSION = -32022
} jd_rpc_code;

typedef enum jd_rpc_kind {
    JD_RPC_REQUEST,
    JD_RPC_NOTIFICATION, /* a request without an id: nothing is answered */
    JD_RPC_RESPONSE,     /* to what nobody here has asked */
    JD_RPC_INVALID
} jd_rpc_kind;

/** One message; everything is the JSON's that it was read from. */
typedef struct jd_rpc_message {
    jd_rpc_kind kind;
    json_t *id; /* a string or an integer; NULL where there is none, or none that is valid */
    const char *method; /* of a request or a notification */
    json_t *params;     /* an object, or NULL */
} jd_rpc_message;

/** Parses text; NULL where it is no JSON. A new reference. */
json_t *jd_rpc_parse(const char *text, gsize size);

/** Reads one message; the kind says whether it is one. */
jd_rpc_message jd_rpc_read(json_t *json);

/** A new reference each; `id` NULL is null. `result` and `data` (may be NULL) are taken. */
json_t *jd_rpc_result(json_t *id, json_t *result);
json_t *jd_rpc_error(json_t *id, int code, const char *message, json_t *data);
json_t *jd_rpc_notification(const char *method, json_t *params);

/** The code of a reply that is an error; 0 for a result. */
int jd_rpc_error_code(const json_t *reply);

#endif
