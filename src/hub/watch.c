#include "hub/watch.h"

#include <stdarg.h>

void jd_watch_begin(jd_watch *watch, const char *stage, guint64 total)
{
    watch->progress = (jd_progress){.stage = stage, .total = total, .unit = "bytes"};
    watch->reporter.last_us = 0;
    jd_reporter_update(&watch->reporter, &watch->progress);
}

void jd_watch_set_what(jd_watch *watch, const char *what)
{
    watch->progress.what = what;
    jd_reporter_update(&watch->reporter, &watch->progress);
}

gboolean jd_watch_advance(jd_watch *watch, gint64 bytes, GError **error)
{
    watch->progress.done += (guint64)bytes;
    jd_reporter_update(&watch->reporter, &watch->progress);
    return !jd_cancelled(watch->cancel, error);
}

gboolean jd_watch_skip(jd_watch *watch, gint64 bytes, GError **error)
{
    watch->progress.before += (guint64)bytes;
    return jd_watch_advance(watch, bytes, error);
}

void jd_watch_note(const jd_watch *watch, const char *format, ...)
{
    if (!watch->on_note)
        return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *note = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    watch->on_note(note, watch->user);
}

gboolean jd_watch_sleep(const jd_watch *watch, gint64 milliseconds, GError **error)
{
    enum { LOOK_AGAIN_US = 50000 };
    const gint64 until = g_get_monotonic_time() + milliseconds * G_TIME_SPAN_MILLISECOND;
    for (gint64 left; (left = until - g_get_monotonic_time()) > 0;) {
        if (jd_cancelled(watch->cancel, error))
            return FALSE;
        g_usleep((gulong)MIN(left, LOOK_AGAIN_US));
    }
    return !jd_cancelled(watch->cancel, error);
}
