#include "base/since.h"

#include "base/error.h"

#include <string.h>

typedef struct span_unit {
    const char *names[4];
    int hours, days, months;
} span_unit;

static const span_unit units[] = {
    {{"h", "hour", "hours"}, .hours = 1},   {{"d", "day", "days"}, .days = 1},
    {{"w", "week", "weeks"}, .days = 7},    {{"mo", "month", "months"}, .months = 1},
    {{"y", "year", "years"}, .months = 12},
};

static const span_unit *find_unit(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_strv_contains(units[i].names, name))
            return &units[i];
    return NULL;
}

/* "3 months" before `now`; NULL where it is no such span. */
static GDateTime *before(const char *text, GDateTime *now)
{
    enum { MOST = 100000 };
    char *end = NULL;
    guint64 count = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;
    if (!end || count > MOST)
        return NULL;
    g_autofree char *name = g_ascii_strdown(g_strchug(end), -1);
    const span_unit *unit = find_unit(name);
    if (!unit)
        return NULL;
    int n = -(int)count;
    return g_date_time_add_full(now, 0, unit->months * n, unit->days * n, unit->hours * n, 0, 0);
}

/* ISO 8601, of which the time of day and its seconds may be missing. */
static GDateTime *date(const char *text)
{
    g_autofree char *full = NULL;
    gsize length = strlen(text);
    if (length == strlen("2026-01-31"))
        full = g_strconcat(text, "T00:00:00", NULL);
    else if (length == strlen("2026-01-31T12:00"))
        full = g_strconcat(text, ":00", NULL);
    else
        full = g_strdup(text);
    g_autoptr(GTimeZone) local = g_time_zone_new_local();
    return g_date_time_new_from_iso8601(full, local);
}

gboolean jd_since_parse(const char *text, GDateTime *now, const char *where, gint64 *since,
                        GError **error)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_autoptr(GDateTime) time = date(trimmed);
    if (!time)
        time = before(trimmed, now);
    if (!time) {
        jd_set_error(error, JD_ERROR_USAGE, NULL,
                     "%s: expected a date as 2026-01-31 or a span as 7d, 2w or '3 months', found "
                     "'%s'",
                     where, text);
        return FALSE;
    }
    *since = g_date_time_to_unix(time);
    return TRUE;
}
