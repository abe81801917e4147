/* What the handlers of MCP's methods share. */
#ifndef JD_SERVER_MCP_HANDLER_H
#define JD_SERVER_MCP_HANDLER_H

#include "server/mcp/mcp.h"

/** Errors that are a JSON-RPC code; others are told as an internal error, or in a tool's result. */
#define JD_MCP_ERROR jd_mcp_error_quark()
GQuark jd_mcp_error_quark(void);

/** A method's result, without what the era adds; NULL with an error. */
typedef json_t *(*jd_mcp_handler)(const jd_mcp_call *call, GError **error);

json_t *jd_mcp_list_tools(const jd_mcp_call *call, GError **error);
json_t *jd_mcp_call_tool(const jd_mcp_call *call, GError **error);
json_t *jd_mcp_list_resources(const jd_mcp_call *call, GError **error);
json_t *jd_mcp_list_templates(const jd_mcp_call *call, GError **error);
json_t *jd_mcp_read_resource(const jd_mcp_call *call, GError **error);

/** Tells the client how far a call is, where it wants to know. `step` rises from call to call. */
void jd_mcp_tell_progress(const jd_mcp_call *call, int step, const char *what);

#endif
