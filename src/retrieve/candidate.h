/* What word search found, on its way to the results. */
#ifndef JD_RETRIEVE_CANDIDATE_H
#define JD_RETRIEVE_CANDIDATE_H

#include <jackdaw.h>

typedef struct jd_candidate {
    jd_item *item;    /* owned */
    double dense;     /* cosine; NAN where it was not compared */
    double keyword;   /* BM25; NAN where it was not found by its words */
    double relevance; /* in [0,1] */
} jd_candidate;

/** An empty list (jd_candidate *) that owns what it holds. */
GPtrArray *jd_candidates_new(void);
/** Adds one at the end; takes the item. */
jd_candidate *jd_candidates_add(GPtrArray *candidates, jd_item *item);

/** By falling relevance, ties by id. */
void jd_candidates_sort(GPtrArray *candidates);

/**
 * Drops what says the same as a better one before it: a chunk with the same text, or with more than
 * half of the shorter one's bytes in common in the same document; a picture with the same bytes.
 */
void jd_candidates_drop_duplicates(GPtrArray *candidates);

/**
 * Lets strong chunks lift the pictures beside them: `images` (all candidates of word search) gets
 * the other pictures of their sections, and each picture's relevance becomes
 *
 *     1 - (1 - own) * (1 - beside),   beside = max over the chunks of its section of
 *                                     relevance(chunk) * weight(distance)
 *
 * with weight = 0.75 / (1 + distance / 1500 bytes) in a text, 0.75 / (1 + 2 * pages apart) in a
 * document of pages, and 0.4 where neither is known. `pictures` are the pictures of the chunks'
 * documents (jd_item *); what is used is taken from it.
 */
void jd_candidates_lift_pictures(GPtrArray *images, const GPtrArray *chunks, GPtrArray *pictures);

#endif
