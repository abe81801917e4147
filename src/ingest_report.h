/* Adds to the lists of what an ingest skipped or warns of. */
#ifndef JD_INGEST_REPORT_H
#define JD_INGEST_REPORT_H

#include <jackdaw.h>

jd_ingest_report *jd_ingest_report_new(void);

/** An empty list of jd_skipped *, which owns them. */
GPtrArray *jd_skipped_list_new(void);

/** Appends to a list of jd_skipped *; both strings are copied and made valid UTF-8. */
void jd_skipped_add(GPtrArray *list, const char *uri, const char *reason);

#endif
