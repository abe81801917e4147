/* The k best of a stream, best first, ties by the lower id. */
#ifndef JD_STORE_TOPK_H
#define JD_STORE_TOPK_H

#include "store/store.h"

typedef struct jd_topk {
    gsize k;
    GArray *heap; /* jd_hit, the worst first */
} jd_topk;

void jd_topk_init(jd_topk *top, gsize k);
void jd_topk_clear(jd_topk *top);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_topk, jd_topk_clear)

void jd_topk_add(jd_topk *top, gint64 id, double score);

/** The score that another must reach to get among the best: the worst of k; -INFINITY while there
 * are fewer. */
double jd_topk_floor(const jd_topk *top);

/** Adds all that another holds. */
void jd_topk_join(jd_topk *top, const jd_topk *other);

/** The best so far in order, as a new array of jd_hit; leaves `top` empty. */
GArray *jd_topk_take(jd_topk *top);

#endif
