/* The tables of routes, each in a file of its own. */
#ifndef JD_SERVER_API_H
#define JD_SERVER_API_H

#include "server/route.h"

extern const jd_route_table jd_routes_ask;
extern const jd_route_table jd_routes_conversations;
extern const jd_route_table jd_routes_documents;
extern const jd_route_table jd_routes_encoders;
extern const jd_route_table jd_routes_health;
extern const jd_route_table jd_routes_ingest;
extern const jd_route_table jd_routes_items;
extern const jd_route_table jd_routes_jobs;
extern const jd_route_table jd_routes_map;
extern const jd_route_table jd_routes_models;
extern const jd_route_table jd_routes_search;
extern const jd_route_table jd_routes_session;

/** Has a job do it (a row of job_kinds.c) and replies with the job: 202. `request` stays the
 * caller's; see jd_jobs_add(). */
gboolean jd_reply_job(jd_call *call, const char *kind, json_t *request, GError **error);

#endif
