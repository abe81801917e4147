/* What the server has done, counted, in Prometheus's text format. */
#ifndef JD_SERVER_METRICS_H
#define JD_SERVER_METRICS_H

#include <glib.h>

typedef struct jd_metrics jd_metrics;

jd_metrics *jd_metrics_new(void);
void jd_metrics_free(jd_metrics *metrics);

/** A request that was answered. */
typedef struct jd_metrics_request {
    const char *method, *path; /* path: the route's pattern; both static */
    int status;
    double seconds; /* from its first line to the end of the answer */
} jd_metrics_request;

void jd_metrics_count(jd_metrics *metrics, const jd_metrics_request *request);

/** Appends the requests' numbers: jackdaw_requests_total and the histogram
 * jackdaw_request_seconds. */
void jd_metrics_append(jd_metrics *metrics, GString *out);

/** Appends a single value with its help and type ("gauge" or "counter"). */
void jd_metrics_append_value(GString *out, const char *name, const char *help, double value);

#endif
