/* Messages of JSON-RPC as they may come: which kind each is, and what is answered. */
#include "server/mcp/mcp.h"

#include <string.h>

static const struct {
    const char *text;
    int kind; /* -1: no JSON */
} messages[] = {
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", JD_RPC_REQUEST},
    {"{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"x\",\"params\":{}}", JD_RPC_REQUEST},
    {"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", JD_RPC_NOTIFICATION},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", JD_RPC_RESPONSE},
    {"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"\"}}", JD_RPC_RESPONSE},
    {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", JD_RPC_INVALID},
    {"{\"id\":1,\"method\":\"ping\"}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":[1]}", JD_RPC_INVALID},
    {"{\"jsonrpc\":\"2.0\",\"id\":1}", JD_RPC_INVALID},
    {"[]", JD_RPC_INVALID},
    {"7", JD_RPC_INVALID},
    {"", -1},
    {"{", -1},
    {"{\"id\":1,\"id\":2}", -1},
    {"\"\xff\"", -1},
};

static void test_kinds(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
        json_auto_t *json = jd_rpc_parse(messages[i].text, strlen(messages[i].text));
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_assert_cmpint(json ? (int)jd_rpc_read(json).kind : -1, ==, messages[i].kind);
    }
}

static json_t *ask(const char *text, const jd_mcp_headers *headers)
{
    json_auto_t *json = jd_rpc_parse(text, strlen(text));
    jd_rpc_message message = jd_rpc_read(json);
    g_assert_cmpint(message.kind, ==, JD_RPC_REQUEST);
    jd_mcp_call call = {.message = &message, .headers = headers};
    return jd_mcp_answer(&call);
}

static int code_of(const char *text, const jd_mcp_headers *headers)
{
    json_auto_t *reply = ask(text, headers);
    return jd_rpc_error_code(reply);
}

static const char *agreed(const char *wanted, json_t **reply)
{
    g_autofree char *text =
        g_strdup_printf("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                        "\"initialize\",\"params\":{\"protocolVersion\":\"%s\"}}",
                        wanted);
    *reply = ask(text, NULL);
    return json_string_value(json_object_get(json_object_get(*reply, "result"), "protocolVersion"));
}

static void test_handshake(void)
{
    static const char *const versions[][2] = {
        {"2024-11-05", "2024-11-05"}, {"2025-03-26", "2025-03-26"}, {"2025-06-18", "2025-06-18"},
        {"2025-11-25", "2025-11-25"}, {"1999-01-01", "2025-11-25"}, {"2026-07-28", "2025-11-25"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
        json_auto_t *reply = NULL;
        g_assert_cmpstr(agreed(versions[i][0], &reply), ==, versions[i][1]);
        g_assert_null(json_object_get(json_object_get(reply, "result"), "resultType"));
    }
    g_assert_cmpint(code_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}", NULL), ==,
                    JD_RPC_INVALID_PARAMS);
    g_assert_cmpint(code_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", NULL), ==, 0);
    g_assert_cmpint(code_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/list\"}", NULL), ==,
                    JD_RPC_METHOD_NOT_FOUND);
}

#define META(version)                                                                              \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":" version                              \
    ",\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define REQUEST(method, params)                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" params "}}"

static void test_stateless(void)
{
    json_auto_t *reply = ask(REQUEST("server/discover", META("\"2026-07-28\"")), NULL);
    const json_t *result = json_object_get(reply, "result");
    g_assert_cmpstr(json_string_value(json_object_get(result, "resultType")), ==, "complete");
    g_assert_cmpstr(
        json_string_value(json_array_get(json_object_get(result, "supportedVersions"), 0)), ==,
        "2026-07-28");
    g_assert_true(json_is_integer(json_object_get(result, "ttlMs")));
    g_assert_cmpint(code_of(REQUEST("server/discover", ""), NULL), ==, JD_RPC_INVALID_PARAMS);
    g_assert_cmpint(code_of(REQUEST("tools/list", META("\"2099-01-01\"")), NULL), ==,
                    JD_RPC_UNSUPPORTED_VERSION);
    g_assert_cmpint(code_of(REQUEST("tools/list", META("7")), NULL), ==, JD_RPC_INVALID_PARAMS);
    g_assert_cmpint(code_of(REQUEST("initialize", META("\"2026-07-28\"")), NULL), ==,
                    JD_RPC_METHOD_NOT_FOUND);
    g_assert_cmpint(code_of(REQUEST("ping", META("\"2026-07-28\"")), NULL), ==,
                    JD_RPC_METHOD_NOT_FOUND);
    g_assert_cmpint(code_of(REQUEST("tools/list", META("\"2026-07-28\"")), NULL), ==, 0);
}

static void test_headers(void)
{
    static const char version[] = "2026-07-28";
    static const char list[] = REQUEST("tools/list", META("\"2026-07-28\""));
    static const char call[] =
        REQUEST("tools/call", "\"name\":\"n\xc3\xb6\"," META("\"2026-07-28\""));
    static const struct {
        const char *text;
        jd_mcp_headers headers;
        int code;
    } cases[] = {
        {list, {version, "tools/list", NULL}, 0},
        {list, {NULL, "tools/list", NULL}, JD_RPC_HEADER_MISMATCH},
        {list, {"2025-11-25", "tools/list", NULL}, JD_RPC_HEADER_MISMATCH},
        {list, {version, NULL, NULL}, JD_RPC_HEADER_MISMATCH},
        {list, {version, "tools/call", NULL}, JD_RPC_HEADER_MISMATCH},
        {call, {version, "tools/call", NULL}, JD_RPC_HEADER_MISMATCH},
        {call, {version, "tools/call", "other"}, JD_RPC_HEADER_MISMATCH},
        {call, {version, "tools/call", "=?base64?!!?="}, JD_RPC_HEADER_MISMATCH},
        {call, {version, "tools/call", "=?base64?bsO2?="}, JD_RPC_INVALID_PARAMS},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(code_of(cases[i].text, &cases[i].headers), ==, cases[i].code);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mcp/kinds", test_kinds);
    g_test_add_func("/mcp/handshake", test_handshake);
    g_test_add_func("/mcp/stateless", test_stateless);
    g_test_add_func("/mcp/headers", test_headers);
    return g_test_run();
}
