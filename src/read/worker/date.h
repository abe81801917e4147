/* Dates as documents write them. */
#ifndef JD_READ_WORKER_DATE_H
#define JD_READ_WORKER_DATE_H

#include <glib.h>

/**
 * The date in ISO 8601, or NULL where the text holds none. Read are ISO dates and times (kept with
 * time and zone: "2024-11-29T15:02:12.635Z"; a blank between date and time becomes "T"),
 * "2024/11/29", "2024.11.29", "20241129", "November 29, 2024", "29 Nov 2024" and dates of mail
 * ("Fri, 29 Nov 2024 15:02:12 GMT", day only).
 */
char *jd_date_normalise(const char *text);

#endif
