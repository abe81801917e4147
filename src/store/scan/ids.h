/* Rising ids: finding one, and which rows of a block are among those that pass a filter. */
#ifndef JD_STORE_SCAN_IDS_H
#define JD_STORE_SCAN_IDS_H

#include <glib.h>

typedef struct jd_scan_ids {
    const gint64 *ids;
    gsize n;
} jd_scan_ids;

/** The place of the first id that is not less than `id`; n where there is none. */
gsize jd_scan_ids_find(jd_scan_ids ids, gint64 id);

/** Whether an id is there. */
gboolean jd_scan_ids_contain(jd_scan_ids ids, gint64 id);

/** Neighbouring rows that pass. */
typedef struct jd_scan_run {
    gsize first, rows;
    gsize at; /* place among the passing; jd_scan_run_next()'s own */
} jd_scan_run;

/** The next run of `rows` that are among `passing` (NULL: all are); FALSE at the end. Begin with
 * zeros. */
gboolean jd_scan_run_next(jd_scan_run *run, jd_scan_ids rows, const jd_scan_ids *passing);

#endif
