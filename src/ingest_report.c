#include "ingest_report.h"

static void skipped_free(gpointer data)
{
    jd_skipped *skipped = data;
    g_free(skipped->uri);
    g_free(skipped->reason);
    g_free(skipped);
}

void jd_skipped_add(GPtrArray *list, const char *uri, const char *reason)
{
    jd_skipped *skipped = g_new0(jd_skipped, 1);
    skipped->uri = g_utf8_make_valid(uri, -1);
    skipped->reason = g_utf8_make_valid(reason, -1);
    g_ptr_array_add(list, skipped);
}

GPtrArray *jd_skipped_list_new(void)
{
    return g_ptr_array_new_with_free_func(skipped_free);
}

jd_ingest_report *jd_ingest_report_new(void)
{
    jd_ingest_report *report = g_new0(jd_ingest_report, 1);
    report->skipped = jd_skipped_list_new();
    report->warnings = jd_skipped_list_new();
    return report;
}

void jd_ingest_report_free(jd_ingest_report *report)
{
    if (!report)
        return;
    g_ptr_array_unref(report->skipped);
    g_ptr_array_unref(report->warnings);
    g_free(report);
}
