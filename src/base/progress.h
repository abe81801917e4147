/* Passes progress on to the caller's function, at most 20 times a second. */
#ifndef JD_BASE_PROGRESS_H
#define JD_BASE_PROGRESS_H

#include <jackdaw.h>

typedef struct jd_reporter {
    jd_progress_fn fn; /* may be NULL */
    void *user;
    gint64 last_us; /* monotonic time of the last call */
} jd_reporter;

/** Reports unless the last report was a moment ago; the first and the last (done == total) are
 * always passed on. */
void jd_reporter_update(jd_reporter *reporter, const jd_progress *progress);

/** TRUE with JD_ERROR_CANCELLED set where `cancel` (may be NULL) asks to stop. */
gboolean jd_cancelled(const jd_cancel *cancel, GError **error);

#endif
