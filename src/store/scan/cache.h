/*
 * The scan cache: the vectors of one space and kind in a file of their own that is mapped, as int8
 * codes (code.h) and once more as they are.
 *
 * It holds blocks, the rows of the knowledge base's table of vectors. A block never changes, and
 * its id is a random number that was never another's, in no copy and no restored backup either. So
 * whoever knows the ids of the blocks that count (a short list from an index) knows what of the
 * cache is right, whatever happened to either file; a block that the cache lacks is read from the
 * knowledge base. Nothing is ever trusted for its place or its age, nothing has to be kept in step.
 *
 * The file, numbers in little endian:
 *
 *     header     jd_scan_header, then the mean that was taken away before coding (float32); padded
 *                to 4096
 *     groups     each: one page of 64 slot heads (jd_scan_head),
 *                      64 code areas: the codes of the slot's rows, each row padded to 64; right
 *                      behind them, where a scan has them fetched ahead, each row's step and
 * residual (jd_scan_scale); their ids (int64); the XXH3 of their vectors (uint64); padded to 4096,
 *                      64 vector areas: float32; padded to 4096
 *
 * A slot holds one block. What searches read stands close together; the vectors, four times as
 * much, stand apart, so that a cold process reads none but those that it needs.
 *
 * Safe at any time, also when the process is killed or the power fails:
 *  - A head that is all zeros: the slot is free. One whose check fits: it holds the block. Any
 * other: somebody died there. A writer first writes a head without a check, then the areas, then
 * the check.
 *  - Every code area is checked against the head's sum when a process first reads it, every vector
 *    against its own. What does not fit is as good as absent. So nothing is ever synced.
 *  - Byte 1 is locked by who writes. Byte 0 is locked for reading by who searches, and by a writer
 *    who erases: blocks that no longer count are overwritten in place. Searches never wait for
 * that: they do without the cache. A writer who cannot get that lock removes the file instead. The
 * locks are open file description locks: they end with the process.
 *  - The file only ever grows while it has its name, so that what is mapped stays there.
 */
#ifndef JD_STORE_SCAN_CACHE_H
#define JD_STORE_SCAN_CACHE_H

#include "store/scan/code.h"
#include "store/scan/kernel.h"

typedef struct jd_scan_cache jd_scan_cache;

typedef struct jd_scan_options {
    const char *path; /* the file */
    int mode;         /* permissions for a new one */
    gsize dimension;  /* of the vectors */
    gsize capacity;   /* vectors that a block holds at most */
} jd_scan_options;

/** Touches no file yet. */
jd_scan_cache *jd_scan_cache_new(const jd_scan_options *options);
void jd_scan_cache_free(jd_scan_cache *cache);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_scan_cache, jd_scan_cache_free)

const char *jd_scan_cache_path(const jd_scan_cache *cache);
gsize jd_scan_cache_capacity(const jd_scan_cache *cache);

/** Whether there is a file that can be used. */
gboolean jd_scan_cache_is_there(jd_scan_cache *cache);

/* ---- reading ---- */

/**
 * Maps the file as it is now and keeps erasers off until it is released. FALSE where there is no
 * usable file, or an eraser is at work. What the functions below return is good until the release.
 */
gboolean jd_scan_cache_hold(jd_scan_cache *cache);
void jd_scan_cache_release(jd_scan_cache *cache);

/** What the codes were made with. */
jd_scan_coder jd_scan_cache_coder(const jd_scan_cache *cache);
/** How many blocks there were when the mean was taken. */
guint jd_scan_cache_mean_of(const jd_scan_cache *cache);

/** The slot that holds a block; -1 where none does, or one that turned out to be damaged. */
int jd_scan_cache_find(const jd_scan_cache *cache, gint64 block);

/** One block. Rows rise by id. */
typedef struct jd_scan_block {
    gint64 first, last; /* ids */
    gsize rows;
    const gint64 *ids;
    const jd_scan_scale *scales;
    jd_scan_codes codes;
} jd_scan_block;

/** What the head of a slot that jd_scan_cache_find() gave says: reads nothing of the block. */
void jd_scan_cache_range(const jd_scan_cache *cache, int slot, jd_scan_block *block);

/** Has the codes of a slot, and its vectors too, read from the disk meanwhile, unless this process
 * has read them before. Threads as below. */
void jd_scan_cache_expect(jd_scan_cache *cache, int slot, gboolean vectors);

/** The block's ids and codes; FALSE where they are damaged. Several threads may ask for different
 * slots. */
gboolean jd_scan_cache_codes(jd_scan_cache *cache, int slot, jd_scan_block *block);

/** The block's vectors; NULL where they or its codes are damaged. Threads as above. */
const float *jd_scan_cache_vectors(jd_scan_cache *cache, int slot);

/** Copies one row's vector, reading no more than that; FALSE where it is damaged. After
 * jd_scan_cache_codes(). */
gboolean jd_scan_cache_vector(jd_scan_cache *cache, int slot, gsize row, float *vector);

/* ---- writing ---- */

typedef struct jd_scan_start {
    const float *mean; /* for the case that the file has to be made; NULL: it is not */
    guint mean_of;     /* how many blocks there are */
    int wait_ms;       /* for another writer */
} jd_scan_start;

/**
 * Begins to write, while the cache is not held; makes the file anew where there is none, or one
 * that cannot be used. Where it is TRUE the cache is held until jd_scan_cache_end().
 */
gboolean jd_scan_cache_begin(jd_scan_cache *cache, const jd_scan_start *start);
void jd_scan_cache_end(jd_scan_cache *cache);

/** The blocks that count. */
typedef struct jd_scan_living {
    const gint64 *blocks; /* ids */
    gsize n;
} jd_scan_living;

/**
 * Erases every other block, what is damaged, and what writers who died left behind. Waits up to
 * `wait_ms` for searches to end, and removes the file where they do not; with 0 it leaves
 * everything as it is where somebody searches. FALSE where the file was removed.
 */
gboolean jd_scan_cache_sweep(jd_scan_cache *cache, const jd_scan_living *living, int wait_ms);

/** A block to be kept: finite numbers, rising ids, 1 to `capacity` rows. */
typedef struct jd_scan_rows {
    gint64 block;
    const gint64 *ids;
    const float *vectors;
    gsize n;
} jd_scan_rows;

/** Adds a block that jd_scan_cache_find() does not find; it will from the next hold on. FALSE where
 * that is not possible, for want of space. */
gboolean jd_scan_cache_add(jd_scan_cache *cache, const jd_scan_rows *rows);

/** Removes the file; nothing is held or written any more. */
void jd_scan_cache_remove(jd_scan_cache *cache);

#endif
