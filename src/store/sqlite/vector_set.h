/*
 * The vectors of one space and kind as they are read: the list of their blocks, those that a filter
 * lets pass, and which blocks the scan cache has.
 */
#ifndef JD_STORE_SQLITE_VECTOR_SET_H
#define JD_STORE_SQLITE_VECTOR_SET_H

#include "store/scan/cache.h"
#include "store/scan/ids.h"
#include "store/sqlite/filter.h"
#include "store/sqlite/vectors.h"

typedef struct jd_set_block {
    gint64 id, first; /* of its row, of its first item */
    int slot;         /* of the cache; -1: the cache has it not */
} jd_set_block;

typedef struct jd_vector_set {
    jd_sqlite *store;
    jd_vector_place place;
    GArray *blocks;             /* jd_set_block, by first item */
    jd_scan_cache *cache;       /* held; NULL where there is none */
    const jd_scan_ids *passing; /* NULL: all */
    guint missing;              /* blocks that the cache lacks, where there should be one */

    /* private */
    jd_id_set filtered;
    jd_scan_ids ids;
    sqlite3_blob *blob; /* goes from row to row */
    gint64 *items;      /* the block read last */
    float *values;
} jd_vector_set;

typedef struct jd_set_request {
    gint64 space;
    jd_item_kind kind;
    const jd_filter *filter; /* may be NULL */
} jd_set_request;

/** Inside a read, which must last until the set is cleared. */
gboolean jd_vector_set_open(jd_vector_set *set, jd_sqlite *store, const jd_set_request *request,
                            GError **error);
void jd_vector_set_clear(jd_vector_set *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_vector_set, jd_vector_set_clear)

static inline jd_set_block *jd_vector_set_block(const jd_vector_set *set, gsize i)
{
    return &g_array_index(set->blocks, jd_set_block, i);
}

/** Reads block `i` from the knowledge base; it stays until the next is read. */
gboolean jd_vector_set_read(jd_vector_set *set, gsize i, jd_vectors *block, GError **error);

/** Block `i` from the cache; FALSE where it does not have it, or it is damaged. */
gboolean jd_vector_set_cached(const jd_vector_set *set, gsize i, jd_vectors *block);

/** FALSE where the filter lets nothing of block `i` pass, as can be told without reading it. */
gboolean jd_vector_set_may_pass(const jd_vector_set *set, gsize i);

/** The blocks of a place by first item: jd_set_block without slots. Inside a read. */
GArray *jd_vector_blocks(jd_sqlite *store, const jd_vector_place *place, GError **error);

#endif
