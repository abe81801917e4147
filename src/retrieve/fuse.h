/*
 * Two scores of an item become one: the cosine with the question in an encoder's space, and BM25.
 *
 * Order. Both are brought to [0,1] within the candidates, and
 *
 *     fused = 0.6 (cosine - least) / (greatest - least) + 0.4 BM25 / greatest
 *
 * An item that was not found by its words has a BM25 of 0; one that has no vector yet goes by its
 * words alone.
 * Measured with all-MiniLM-L6-v2 on 225 questions over abstracts: nDCG@10 .482, against .471 for
 * reciprocal rank fusion of the same lists, .441 for BM25 alone and .424 for cosines alone. On the
 * handbook of samples/ the right document is first for 25 of 30 questions, by words alone for 22.
 *
 * Relevance. The fused score says which is best, never whether it is any good. That is
 *
 *     log(p / (1 - p)) = 0.6 (cosine - middle) / width + 0.4 log(w / (1 - w))
 *
 * with the encoder's scale (middle, width) and w the relevance by words alone (calibrate.h), kept
 * within [.05, .95]. p rises with both, so neither can make an item relevant that the other one
 * knows nothing of, unless it is very sure: without a word in common the cosine must exceed middle
 * + 2 width. So that the list's scores fall with its order, neighbours that rise are given their
 * mean (isotonic regression: the falling sequence that is nearest to p in the least squares).
 * Measured on the handbook, at p = 1/2: 30 of 30 questions that it answers stay, 28 of 28 that it
 * does not are refused; by words alone 29 and 27.
 */
#ifndef JD_RETRIEVE_FUSE_H
#define JD_RETRIEVE_FUSE_H

#include <glib.h>

/** Cosines of an encoder: one at `middle` makes relevant and not relevant equally likely. */
typedef struct jd_cosine_scale {
    double middle, width;
} jd_cosine_scale;

typedef struct jd_fuse_item {
    gint64 id;
    double dense;     /* cosine; NAN: the item has no vector */
    double keyword;   /* BM25; NAN: not found by its words */
    double words;     /* relevance by words alone; 0: not found */
    double fused;     /* filled in */
    double relevance; /* filled in */
} jd_fuse_item;

/** Sorts the items (jd_fuse_item), best first, ties by id, and fills in `fused` and `relevance`,
 * which falls with the order. */
void jd_fuse(GArray *items, const jd_cosine_scale *scale);

/** p of the formula above. `cosine` may be NAN: what the words alone say. */
double jd_fuse_relevance(double cosine, double words, const jd_cosine_scale *scale);

#endif
