/* A message of MCP, up to where a knowledge base would be needed: kinds, eras, headers, methods. */
#include "server/mcp/mcp.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer(const jd_rpc_message *message, const jd_mcp_headers *headers)
{
    jd_mcp_call call = {.message = message, .headers = headers};
    json_auto_t *reply = jd_mcp_answer(&call);
    g_assert(reply && json_object_get(reply, "id"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *json = jd_rpc_parse((const char *)data, size);
    if (!json)
        return 0;
    jd_rpc_message message = jd_rpc_read(json);
    if (message.kind != JD_RPC_REQUEST || jd_mcp_is_long(&message))
        return 0;
    const jd_mcp_headers headers = {"2026-07-28", message.method, "=?base64?bsO2?="};
    answer(&message, NULL);
    answer(&message, &headers);
    return 0;
}
