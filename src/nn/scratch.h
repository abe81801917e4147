/* Working memory that grows as needed and is kept between calls: one for each thread that computes.
 */
#ifndef JD_NN_SCRATCH_H
#define JD_NN_SCRATCH_H

#include <glib.h>

typedef struct jd_scratch jd_scratch;
jd_scratch *jd_scratch_new(void);
void jd_scratch_free(jd_scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_scratch, jd_scratch_free)

/** One block of at least `size` bytes, 64-byte aligned, valid until the next call. NULL where there
 * is no memory. */
void *jd_scratch_block(jd_scratch *scratch, gsize size);

/** The blocks of linear.c, each valid until the same is asked for again. */
typedef enum jd_scratch_part {
    JD_SCRATCH_CODES,
    JD_SCRATCH_SUMS,
    JD_SCRATCH_SCALES,
    JD_SCRATCH_BLOCK, /* jd_scratch_block()'s */
    JD_SCRATCH_PARTS
} jd_scratch_part;
void *jd_scratch_part_get(jd_scratch *scratch, jd_scratch_part part, gsize size);

/** Scratches that are not in use, kept so that their memory need not be asked of the system, and
 * cleared by it, for each text. May be used by several threads at once. */
typedef struct jd_scratch_pool jd_scratch_pool;
jd_scratch_pool *jd_scratch_pool_new(void);
void jd_scratch_pool_free(jd_scratch_pool *pool);

/** One of the pool's, or a new one. */
jd_scratch *jd_scratch_pool_take(jd_scratch_pool *pool);
/** Takes it back. */
void jd_scratch_pool_give(jd_scratch_pool *pool, jd_scratch *scratch);

#endif
