/* What documents declare about themselves, as they write it. */
#ifndef JD_READ_WORKER_DECLARED_H
#define JD_READ_WORKER_DECLARED_H

#include <glib.h>

/**
 * The date in ISO 8601, or NULL where the text holds none. Read are ISO dates and times (kept with
 * time and zone: "2024-11-29T15:02:12.635Z"; a blank between date and time becomes "T"),
 * "2024/11/29", "2024.11.29", "20241129", "November 29, 2024", "29 Nov 2024" and dates of mail
 * ("Fri, 29 Nov 2024 15:02:12 GMT", day only).
 */
char *jd_declared_date(const char *text);

/** The two-letter code of a language tag: "en" of "en-US" and "EN_us"; NULL for NULL and for a
 * language without one. */
char *jd_declared_language(const char *tag);

/** Takes a value, its own in any case, into a field that has none yet; empty and NULL count as
 * none.
 */
void jd_declare(char **field, char *value);

#endif
