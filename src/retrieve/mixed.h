/*
 * A question of words and a picture: what the words find (words.c) and what is like the picture, in
 * one list of a kind by reciprocal rank fusion. Nothing but ranks is compared, since a relevance
 * and a cosine of CLIP's have no scale in common:
 *
 *     score = 61/2 (1 / (60 + rank by the words) + 1 / (60 + rank by the picture))
 *
 * What one of them has not found among its best lacks that term: 1 is the best of both, and above
 * 1/2 lies only what both have found. (60: Cormack, Clarke, Buettcher, SIGIR 2009.)
 */
#ifndef JD_RETRIEVE_MIXED_H
#define JD_RETRIEVE_MIXED_H

#include "retrieve/search.h"
#include "retrieve/words.h"

/** Fills the results. scores.dense is the cosine with the picture, scores.keyword the words' BM25.
 */
gboolean jd_search_mixed(jd_search *search, const jd_word_search *words,
                         const jd_dense_query *picture, GError **error);

#endif
