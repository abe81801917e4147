/* MCP on two streams: one message a line. */
#ifndef JD_SERVER_MCP_STDIO_H
#define JD_SERVER_MCP_STDIO_H

#include "server/mcp/mcp.h"

/**
 * Answers what comes from `in` on `out` until `in` ends, then ends what is under way. Calls that
 * may take long run beside each other in threads; notifications/cancelled stops one. FALSE where
 * reading or writing fails.
 */
gboolean jd_mcp_serve_stdio(const jd_mcp_host *host, int in, int out, GError **error);

#endif
