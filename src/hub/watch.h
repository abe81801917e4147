/* How a long job of this stage tells how far it is, and how it is stopped. */
#ifndef JD_HUB_WATCH_H
#define JD_HUB_WATCH_H

#include "base/progress.h"

typedef struct jd_watch {
    jd_reporter reporter;
    void (*on_note)(const char *note, void *user); /* one sentence for the user; may be NULL */
    void *user;
    const jd_cancel *cancel; /* may be NULL */
    jd_progress progress;    /* as it stands */
} jd_watch;

/** Begins a stage of `total` bytes (0: unknown). */
void jd_watch_begin(jd_watch *watch, const char *stage, guint64 total);
/** What is at hand now: belongs to the caller as long as it is the current one. */
void jd_watch_set_what(jd_watch *watch, const char *what);
/** Adds bytes, which may be negative where they have to be done again. FALSE with
 * JD_ERROR_CANCELLED. */
gboolean jd_watch_advance(jd_watch *watch, gint64 bytes, GError **error);

/** The same of bytes that an earlier run has brought: they count as done, and not for the rate. */
gboolean jd_watch_skip(jd_watch *watch, gint64 bytes, GError **error);

void jd_watch_note(const jd_watch *watch, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Waits; FALSE with JD_ERROR_CANCELLED as soon as that is asked for. */
gboolean jd_watch_sleep(const jd_watch *watch, gint64 milliseconds, GError **error);

#endif
