/* The tools: one function each. What they take and give is described in tools.json. */
#ifndef JD_SERVER_MCP_TOOLS_H
#define JD_SERVER_MCP_TOOLS_H

#include "server/mcp/handler.h"
#include "server/params.h"

typedef struct jd_tool_call {
    const jd_mcp_call *mcp;
    jd_kb *kb;        /* borrowed */
    jd_params params; /* the arguments */
    json_t *content;  /* out: an array of what a model is shown */
} jd_tool_call;

/** Fills in `content` and returns the structured result; NULL with an error, which the model is
 * told. */
typedef json_t *(*jd_tool_fn)(jd_tool_call *call, GError **error);

json_t *jd_tool_search(jd_tool_call *call, GError **error);
json_t *jd_tool_ask(jd_tool_call *call, GError **error);
json_t *jd_tool_get_document(jd_tool_call *call, GError **error);
json_t *jd_tool_get_image(jd_tool_call *call, GError **error);
json_t *jd_tool_list_collections(jd_tool_call *call, GError **error);

/** Adds a text to the content. */
void jd_tool_say(jd_tool_call *call, const char *text);

/** Adds an item to a text that a model reads: its id, where it stands, what it says. `number` 0:
 * none in front. */
void jd_tool_describe(GString *text, const jd_item *item, int number);

#endif
