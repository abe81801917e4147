/* GET /api/v1/health: whether the server works, for those who watch it. */
#include "server/api.h"

#include "pipeline.h"
#include "retrieve/json.h"
#include "server/service.h"

static json_t *counts(const jd_store_stats *stats)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "documents", (json_int_t)stats->documents,
                     "chunks", (json_int_t)stats->chunks, "images", (json_int_t)stats->images,
                     "vectors", (json_int_t)stats->vectors, "bytes", (json_int_t)stats->bytes);
}

static gboolean health(jd_call *call, GError **error)
{
    const jd_service *service = jd_call_service(call);
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    jd_store_stats stats;
    if (!base.kb || !jd_store_get_stats(jd_kb_store(base.kb), &stats, error))
        return FALSE;
    double seconds = (double)(g_get_monotonic_time() - service->began) / G_USEC_PER_SEC;
    jd_call_reply_json(call, 200,
                       json_pack("{s:s, s:s, s:f, s:o}", "status", "ok", "version", jd_version(),
                                 "seconds", seconds, "base", counts(&stats)));
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/health", health},
    {NULL},
};

const jd_route_table jd_routes_health = {"/api/v1/", routes, jd_put_error};
