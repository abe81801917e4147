/*
 * The nearest vectors by their codes: which rows of the cached blocks can be among the k best.
 *
 * Every thread goes over slots and keeps the k greatest lower bounds that it saw; a row whose upper
 * bound is below the k-th of them is not among the k best, and is dropped. What is left is a few
 * rows, however the threads shared the work, and the true k best are among them.
 */
#ifndef JD_STORE_SCAN_NEAREST_H
#define JD_STORE_SCAN_NEAREST_H

#include "store/scan/cache.h"
#include "store/scan/ids.h"

typedef struct jd_scan_search {
    jd_scan_cache *cache; /* held */
    const int *slots;     /* to be looked through */
    gsize slot_count;
    const jd_scan_query *queries;
    gsize query_count;
    gsize k;
    const jd_scan_ids *passing; /* the items that may be found; NULL: all */
    gint64 except;              /* an item that may not; 0: none */
    int threads;                /* at most */
} jd_scan_search;

/** A row that may be among the best. */
typedef struct jd_scan_candidate {
    double most; /* its cosine is not more than this */
    gint64 id;
    int slot;
    guint32 row;
} jd_scan_candidate;

typedef struct jd_scan_found {
    GArray **candidates; /* for each query jd_scan_candidate, the greatest `most` first */
    gsize query_count;
    GArray *damaged; /* int: slots that could not be read */
} jd_scan_found;

void jd_scan_nearest(const jd_scan_search *search, jd_scan_found *found);
void jd_scan_found_clear(jd_scan_found *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_scan_found, jd_scan_found_clear)

#endif
