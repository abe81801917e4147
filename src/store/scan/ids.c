#include "store/scan/ids.h"

gsize jd_scan_ids_find(jd_scan_ids ids, gint64 id)
{
    gsize low = 0, high = ids.n;
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (ids.ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

gboolean jd_scan_ids_contain(jd_scan_ids ids, gint64 id)
{
    gsize at = jd_scan_ids_find(ids, id);
    return at < ids.n && ids.ids[at] == id;
}

/* Whether an id, which rises from call to call, passes. */
static gboolean passes(jd_scan_run *run, gint64 id, jd_scan_ids passing)
{
    while (run->at < passing.n && passing.ids[run->at] < id)
        run->at++;
    return run->at < passing.n && passing.ids[run->at] == id;
}

gboolean jd_scan_run_next(jd_scan_run *run, jd_scan_ids rows, const jd_scan_ids *passing)
{
    gsize row = run->first + run->rows;
    if (row < rows.n && !passing) {
        *run = (jd_scan_run){.first = row, .rows = rows.n - row};
        return TRUE;
    }
    if (row == 0 && rows.n > 0 && passing)
        run->at = jd_scan_ids_find(*passing, rows.ids[0]);
    while (row < rows.n && !passes(run, rows.ids[row], *passing))
        row++;
    run->first = row;
    while (row < rows.n && passes(run, rows.ids[row], *passing))
        row++;
    run->rows = row - run->first;
    return run->rows > 0;
}
