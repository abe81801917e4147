/* Points in time as people write them: for filters by time. */
#ifndef JD_BASE_SINCE_H
#define JD_BASE_SINCE_H

#include <glib.h>

/**
 * Seconds since 1970 of "2026-01-31", "2026-01-31T12:00" (local time where it has no zone), or so
 * long before `now`: "7d", "2w", "3 months", "1 year". Hours, days, weeks, months and years, by
 * their first letter, in full or in the plural (months by "mo", as "m" might be minutes).
 * JD_ERROR_USAGE, naming `where`, for anything else.
 */
gboolean jd_since_parse(const char *text, GDateTime *now, const char *where, gint64 *since,
                        GError **error);

#endif
