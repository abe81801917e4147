/*
 * Vectors: float32, little-endian, in blocks of neighbouring item ids.
 *
 * A block is one row: up to jd_block_capacity() items of one space and kind in rising id order,
 * their ids in one BLOB and their vectors in another. Blocks do not overlap; `first` is the lowest
 * id. Read one after another they are a scan at nearly the speed of a flat file (one row a vector
 * costs half of that), while removing or replacing a vector rewrites one block of at most
 * JD_STORE_BLOCK_BYTES and leaves no hole.
 *
 * A block's row is never changed, only removed, and its id is random: it means these vectors and no
 * others, in this file and in every copy of it, which the scan cache relies on (scan/cache.h).
 */
#ifndef JD_STORE_SQLITE_VECTORS_H
#define JD_STORE_SQLITE_VECTORS_H

#include "store/sqlite/db.h"

/** Vectors that a block of `dimension` floats each holds at most. */
gsize jd_block_capacity(gsize dimension);

/** A block in memory. */
typedef struct jd_block_data {
    GArray *ids;    /* gint64 */
    GArray *values; /* float, ids->len x dimension */
} jd_block_data;

void jd_block_data_init(jd_block_data *block);
void jd_block_data_clear(jd_block_data *block);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_block_data, jd_block_data_clear)

/** Replaces what `block` holds by a row's; JD_ERROR_CORRUPT where the sizes do not fit. */
gboolean jd_block_data_read(jd_block_data *block, jd_sqlite *store, gint64 row, gsize dimension,
                            GError **error);

/** A space and kind: what blocks belong to. */
typedef struct jd_vector_place {
    gint64 space;
    jd_item_kind kind;
    gsize dimension;
} jd_vector_place;

/** A number of its own for each place. */
static inline gint64 jd_vector_place_key(const jd_vector_place *place)
{
    return place->space * 2 + (gint64)place->kind;
}

/** The place of a space's vectors; JD_ERROR_NOT_FOUND where there is no such space. */
gboolean jd_vector_place_find(jd_sqlite *store, gint64 space, jd_item_kind kind,
                              jd_vector_place *place, GError **error);

/** One item's vector (g_free() it), inside a read; JD_ERROR_NOT_FOUND where it has none. */
float *jd_vector_get(jd_sqlite *store, const jd_vector_place *place, gint64 id, GError **error);

/** Changes in rising order of ids, none twice. */
typedef struct jd_vector_changes {
    const gint64 *ids;
    const float *values; /* rows; NULL: the ids' vectors are removed */
    gsize n;
} jd_vector_changes;

/** The row of the block that would hold an item; 0 where there is none. */
gboolean jd_block_find(jd_sqlite *store, const jd_vector_place *place, gint64 item, gint64 *row,
                       GError **error);

/** Inside a write. */
gboolean jd_blocks_apply(jd_sqlite *store, const jd_vector_place *place,
                         const jd_vector_changes *changes, GError **error);

/** Removes the vectors of items (rising ids) from all spaces. Inside a write. */
gboolean jd_vectors_remove(jd_sqlite *store, jd_item_kind kind, const gint64 *ids, gsize n,
                           GError **error);

/** Sets JD_ERROR_CORRUPT for a block whose sizes do not fit. */
void jd_block_set_corrupt(jd_sqlite *store, gint64 row, GError **error);

#endif
