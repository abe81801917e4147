/* The tables of routes. */
#include "server/route.h"

#include "server/api.h"
#include "server/mcp/mcp.h"
#include "server/openai/openai.h"

const jd_route_table *const jd_route_tables[] = {
    &jd_routes_search,
    &jd_routes_ask,
    &jd_routes_documents,
    &jd_routes_items,
    &jd_routes_ingest,
    &jd_routes_jobs,
    &jd_routes_map,
    &jd_routes_models,
    &jd_routes_encoders,
    &jd_routes_conversations,
    &jd_routes_health,
    &jd_routes_session,
    &jd_routes_mcp,
    &jd_routes_openai_chat,
    &jd_routes_openai_embeddings,
    &jd_routes_openai_models,
    &jd_routes_openai_responses,
    NULL,
};
