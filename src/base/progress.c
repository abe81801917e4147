#include "base/progress.h"

#include "base/error.h"

void jd_reporter_update(jd_reporter *reporter, const jd_progress *progress)
{
    enum { INTERVAL_US = 50000 };
    if (!reporter->fn)
        return;
    gint64 now = g_get_monotonic_time();
    gboolean last = progress->total > 0 && progress->done >= progress->total;
    if (reporter->last_us && !last && now - reporter->last_us < INTERVAL_US)
        return;
    reporter->last_us = now;
    reporter->fn(progress, reporter->user);
}

gboolean jd_cancelled(const jd_cancel *cancel, GError **error)
{
    if (!cancel || g_atomic_int_get(cancel) == 0)
        return FALSE;
    jd_set_error(error, JD_ERROR_CANCELLED, NULL, "stopped on request");
    return TRUE;
}
