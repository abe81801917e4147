/* The k best of a stream, best first, ties by the lower id. */
#ifndef JD_RETRIEVE_TOPK_H
#define JD_RETRIEVE_TOPK_H

#include <glib.h>

typedef struct jd_scored {
    gint64 id;
    double score;
} jd_scored;

typedef struct jd_topk {
    gsize k;
    GArray *heap; /* jd_scored, the worst first */
} jd_topk;

void jd_topk_init(jd_topk *top, gsize k);
void jd_topk_clear(jd_topk *top);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_topk, jd_topk_clear)

void jd_topk_add(jd_topk *top, gint64 id, double score);

/** The best so far in order, as a new array of jd_scored; leaves `top` empty. */
GArray *jd_topk_take(jd_topk *top);

#endif
