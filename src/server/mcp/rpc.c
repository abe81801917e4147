#include "server/mcp/rpc.h"

#include "retrieve/json.h"

json_t *jd_rpc_parse(const char *text, gsize size)
{
    return json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
}

static gboolean is_id(const json_t *id)
{
    return json_is_string(id) || json_is_integer(id);
}

jd_rpc_message jd_rpc_read(json_t *json)
{
    jd_rpc_message message = {.kind = JD_RPC_INVALID};
    const char *version = json_string_value(json_object_get(json, "jsonrpc"));
    json_t *id = json_object_get(json, "id"), *params = json_object_get(json, "params");
    message.id = is_id(id) ? id : NULL;
    if (g_strcmp0(version, "2.0") != 0 || (id && !message.id && !json_is_null(id)))
        return message;
    message.method = json_string_value(json_object_get(json, "method"));
    if (!message.method) {
        gboolean answers = json_object_get(json, "result") || json_object_get(json, "error");
        message.kind =
            answers && !json_object_get(json, "method") ? JD_RPC_RESPONSE : JD_RPC_INVALID;
        return message;
    }
    /* Null is no id of a request in MCP, but it is there: somebody waits for an answer. */
    if ((params && !json_is_object(params)) || json_is_null(id))
        return message;
    message.params = params;
    message.kind = id ? JD_RPC_REQUEST : JD_RPC_NOTIFICATION;
    return message;
}

static json_t *id_or_null(json_t *id)
{
    return id ? json_incref(id) : json_null();
}

json_t *jd_rpc_result(json_t *id, json_t *result)
{
    return json_pack("{s:s, s:o, s:o}", "jsonrpc", "2.0", "id", id_or_null(id), "result", result);
}

json_t *jd_rpc_error(json_t *id, int code, const char *message, json_t *data)
{
    json_t *reply = json_pack("{s:s, s:o, s:{s:i, s:o}}", "jsonrpc", "2.0", "id", id_or_null(id),
                              "error", "code", code, "message", jd_json_string(message));
    if (data)
        json_object_set_new(json_object_get(reply, "error"), "data", data);
    return reply;
}

json_t *jd_rpc_notification(const char *method, json_t *params)
{
    return json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params);
}

int jd_rpc_error_code(const json_t *reply)
{
    return (int)json_integer_value(json_object_get(json_object_get(reply, "error"), "code"));
}
