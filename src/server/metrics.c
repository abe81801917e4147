#include "server/metrics.h"

/* Upper ends of the histogram's buckets, seconds. */
static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                0.25,  0.5,    1,     2.5,  5,     10,   60};

typedef struct series {
    const char *method, *path;
    GHashTable *statuses; /* status -> count */
    guint64 buckets[G_N_ELEMENTS(bounds)];
    guint64 count;
    double sum;
} series;

struct jd_metrics {
    GMutex lock;
    GHashTable *by_route; /* "METHOD path" -> series * */
};

static void series_free(gpointer data)
{
    series *one = data;
    g_hash_table_unref(one->statuses);
    g_free(one);
}

jd_metrics *jd_metrics_new(void)
{
    jd_metrics *metrics = g_new0(jd_metrics, 1);
    metrics->by_route = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, series_free);
    g_mutex_init(&metrics->lock);
    return metrics;
}

void jd_metrics_free(jd_metrics *metrics)
{
    if (!metrics)
        return;
    g_hash_table_unref(metrics->by_route);
    g_mutex_clear(&metrics->lock);
    g_free(metrics);
}

/* With the lock held. */
static series *series_of(jd_metrics *metrics, const jd_metrics_request *request)
{
    g_autofree char *key = g_strdup_printf("%s %s", request->method, request->path);
    series *found = g_hash_table_lookup(metrics->by_route, key);
    if (found)
        return found;
    series *made = g_new0(series, 1);
    made->method = request->method;
    made->path = request->path;
    made->statuses = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(metrics->by_route, g_steal_pointer(&key), made);
    return made;
}

void jd_metrics_count(jd_metrics *metrics, const jd_metrics_request *request)
{
    g_mutex_lock(&metrics->lock);
    series *at = series_of(metrics, request);
    gpointer status = GINT_TO_POINTER(request->status);
    gsize before = GPOINTER_TO_SIZE(g_hash_table_lookup(at->statuses, status));
    g_hash_table_insert(at->statuses, status, GSIZE_TO_POINTER(before + 1));
    at->count++;
    at->sum += request->seconds;
    for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++)
        at->buckets[i] += request->seconds <= bounds[i];
    g_mutex_unlock(&metrics->lock);
}

/* ---- text ---- */

static void append_number(GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    g_string_append(out, g_ascii_formatd(text, sizeof text, "%.9g", value));
    g_string_append_c(out, '\n');
}

void jd_metrics_append_value(GString *out, const char *name, const char *help, double value)
{
    const char *type = g_str_has_suffix(name, "_total") ? "counter" : "gauge";
    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s ", name, help, name, type, name);
    append_number(out, value);
}

static void append_statuses(GString *out, const series *one)
{
    GHashTableIter iter;
    gpointer status, count;
    g_hash_table_iter_init(&iter, one->statuses);
    while (g_hash_table_iter_next(&iter, &status, &count))
        g_string_append_printf(
            out,
            "jackdaw_requests_total{method=\"%s\",path=\"%s\",status=\"%d\"} %" G_GSIZE_FORMAT "\n",
            one->method, one->path, GPOINTER_TO_INT(status), GPOINTER_TO_SIZE(count));
}

static void append_histogram(GString *out, const series *one)
{
    static const char name[] = "jackdaw_request_seconds";
    for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
        char bound[G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(bound, sizeof bound, "%g", bounds[i]);
        g_string_append_printf(
            out, "%s_bucket{method=\"%s\",path=\"%s\",le=\"%s\"} %" G_GUINT64_FORMAT "\n", name,
            one->method, one->path, bound, one->buckets[i]);
    }
    g_string_append_printf(
        out, "%s_bucket{method=\"%s\",path=\"%s\",le=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name,
        one->method, one->path, one->count);
    g_string_append_printf(out, "%s_sum{method=\"%s\",path=\"%s\"} ", name, one->method, one->path);
    append_number(out, one->sum);
    g_string_append_printf(out, "%s_count{method=\"%s\",path=\"%s\"} %" G_GUINT64_FORMAT "\n", name,
                           one->method, one->path, one->count);
}

void jd_metrics_append(jd_metrics *metrics, GString *out)
{
    GHashTableIter iter;
    gpointer one;
    g_mutex_lock(&metrics->lock);
    g_string_append(out, "# HELP jackdaw_requests_total Requests answered.\n"
                         "# TYPE jackdaw_requests_total counter\n");
    g_hash_table_iter_init(&iter, metrics->by_route);
    while (g_hash_table_iter_next(&iter, NULL, &one))
        append_statuses(out, one);
    g_string_append(out, "# HELP jackdaw_request_seconds Time from a request's first line to the "
                         "end of its answer.\n# TYPE jackdaw_request_seconds histogram\n");
    g_hash_table_iter_init(&iter, metrics->by_route);
    while (g_hash_table_iter_next(&iter, NULL, &one))
        append_histogram(out, one);
    g_mutex_unlock(&metrics->lock);
}
