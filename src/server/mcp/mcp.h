/*
 * The Model Context Protocol: tools and resources over a knowledge base. The transports are stdio.h
 * and mcp_http.c; everything else is shared by them.
 *
 * Two eras. To 2025-11-25 a client opens with `initialize`, and a reply is read as the version says
 * that was agreed on there. Since 2026-07-28 nothing is agreed on: every request says in
 * params._meta which version it is of. Nothing here remembers a client in either of them: what is
 * answered is the same, but for what the new version adds.
 */
#ifndef JD_SERVER_MCP_MCP_H
#define JD_SERVER_MCP_MCP_H

#include "server/bases.h"
#include "server/mcp/rpc.h"
#include "server/route.h"

/** What all calls share. */
typedef struct jd_mcp_host {
    jd_bases *bases;
    const jd_ask_options *ask; /* backend, model, server, context, offline */
} jd_mcp_host;

/** What a request's headers say over HTTP; each may be NULL. */
typedef struct jd_mcp_headers {
    const char *version, *method, *name;
} jd_mcp_headers;

typedef struct jd_mcp_call {
    const jd_mcp_host *host;
    const jd_rpc_message *message;
    const jd_mcp_headers *headers; /* NULL: not over HTTP */
    jd_cancel *cancel;
    /** Is told of progress where the client has asked for it; takes the notification. May be NULL.
     */
    void (*notify)(json_t *notification, void *user);
    void *user;
} jd_mcp_call;

/** Answers a request: a result or an error, a new reference. */
json_t *jd_mcp_answer(const jd_mcp_call *call);

/** Whether a message is of the era without a handshake. */
gboolean jd_mcp_is_stateless(const jd_rpc_message *message, const jd_mcp_headers *headers);

/** Whether answering it may take long: others should not wait for it. */
gboolean jd_mcp_is_long(const jd_rpc_message *message);

/** The progress token of a request, or NULL; the message's. */
json_t *jd_mcp_progress_token(const jd_rpc_message *message);

extern const jd_route_table jd_routes_mcp;

#endif
