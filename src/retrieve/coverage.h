/*
 * How much of a question an item covers, and the relevance that follows from it: the calibration of
 * word search.
 */
#ifndef JD_RETRIEVE_COVERAGE_H
#define JD_RETRIEVE_COVERAGE_H

#include "retrieve/question.h"

typedef struct jd_coverage jd_coverage;

/** For the items of one kind; `question` must live as long. */
jd_coverage *jd_coverage_new(jd_store *store, const jd_question *question, jd_item_kind kind,
                             GError **error);
void jd_coverage_free(jd_coverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_coverage, jd_coverage_free)

/**
 * The relevance of an item that word search gave the BM25 score `score`, in [0,1): see coverage.c.
 * 0 where the item has none of the words.
 */
double jd_coverage_relevance(jd_coverage *coverage, const jd_item *item, double score);

#endif
