/* /api/v1/health and /metrics: for those who watch the server. */
#include "server/api.h"

#include "pipeline.h"
#include "server/metrics.h"
#include "server/service.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static double uptime(const jd_service *service)
{
    return (double)(g_get_monotonic_time() - service->began) / G_USEC_PER_SEC;
}

static gboolean get_stats(const jd_service *service, jd_store_stats *stats, GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    return base.kb && jd_store_get_stats(jd_kb_store(base.kb), stats, error);
}

/* Whether it works anybody may know; how much there is only who may ask for it. */
static gboolean health(jd_call *call, GError **error)
{
    const jd_service *service = jd_call_service(call);
    jd_store_stats stats;
    if (!get_stats(service, &stats, error))
        return FALSE;
    json_t *json = json_pack("{s:s, s:s}", "status", "ok", "version", jd_version());
    if (jd_gate_check_token(&service->gate, call, NULL))
        json_object_set_new(
            json, "base",
            json_pack("{s:I, s:I, s:I, s:I, s:I}", "documents", (json_int_t)stats.documents,
                      "chunks", (json_int_t)stats.chunks, "images", (json_int_t)stats.images,
                      "vectors", (json_int_t)stats.vectors, "bytes", (json_int_t)stats.bytes));
    jd_call_reply_json(call, 200, json);
    return TRUE;
}

/* Bytes of memory that the process has, 0 where the system does not tell. */
static double resident_bytes(void)
{
    unsigned long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file && fscanf(file, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    if (file)
        fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static gboolean metrics(jd_call *call, GError **error)
{
    jd_service *service = jd_call_service(call);
    jd_store_stats stats;
    if (!get_stats(service, &stats, error))
        return FALSE;
    const struct {
        const char *name, *help;
        double value;
    } values[] = {
        {"jackdaw_uptime_seconds", "Time since the server started.", uptime(service)},
        {"jackdaw_connections", "Open connections.", jd_guard_count(service->guard)},
        {"jackdaw_jobs", "Jobs that wait or run.", jd_jobs_waiting(service->jobs)},
        {"jackdaw_documents", "Documents in the knowledge base.", (double)stats.documents},
        {"jackdaw_chunks", "Passages in the knowledge base.", (double)stats.chunks},
        {"jackdaw_images", "Pictures in the knowledge base.", (double)stats.images},
        {"jackdaw_vectors", "Vectors in the knowledge base.", (double)stats.vectors},
        {"jackdaw_base_bytes", "Size of the knowledge base.", (double)stats.bytes},
        {"process_resident_memory_bytes", "Memory of the server.", resident_bytes()},
    };
    g_autoptr(GString) text = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(values); i++)
        jd_metrics_append_value(text, values[i].name, values[i].help, values[i].value);
    jd_metrics_append(service->metrics, text);
    g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
    jd_call_reply_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8", bytes);
    return TRUE;
}

static const jd_route routes[] = {
    /* Beside the short ones: a queue of searches is no reason to call the server dead. */
    {"GET", "/api/v1/health", health, .flags = JD_ROUTE_PUBLIC | JD_ROUTE_LONG},
    {"GET", "/metrics", metrics, .flags = JD_ROUTE_LONG},
    {NULL},
};

const jd_route_table jd_routes_health = {"/api/v1/", routes, jd_put_error};
