/*
 * From a BM25 score to a relevance in [0,1) that means the same for every question.
 *
 * BM25 scores have no upper limit and grow with the number and the rarity of the question's words.
 * Let W be the weight of the whole question: the sum of the 8 largest weights that BM25 gives its
 * words (their idf; a word that no item has weighs the most; of a long question no passage has all
 * words, hence 8). Then
 *
 *     relevance = s / (s + W / 2)
 *
 * It rises with s, so the order is BM25's. An item of average length with every word of the
 * question once has s = W and 2/3; one that carries half of the question's weight has 1/2;
 * repetitions and words in titles raise it towards 6/7 (s = 3 W, the limit of BM25's saturation
 * with k1 = 2). A question whose rare words occur nowhere has most of W in them: nothing reaches
 * 1/2, which is the threshold by default.
 *
 * For images a word's weight in W is the larger of those among chunks and among images: where
 * pictures are few, every word is rare among them, and one word of a question that has nothing to
 * do with the base would make a picture relevant. A compound whose parts are words too (llama3.2
 * beside llama and 3.2) counts in s but not in W: who writes it otherwise has said as much.
 *
 * Measured on 13 documents in 146 chunks: the best relevance tells 44 questions that they answer
 * from 25 that they do not with an AUROC of .975; at 1/2 all 44 stay and 21 of the 25 are refused.
 */
#ifndef JD_RETRIEVE_CALIBRATE_H
#define JD_RETRIEVE_CALIBRATE_H

#include "retrieve/question.h"

/** Relevance from which on an item is evidence. */
#define JD_RELEVANT 0.5

/** W of a question that has words, for the items of a kind. */
gboolean jd_calibrate_question(jd_store *store, const jd_question *question, jd_item_kind kind,
                               double *whole, GError **error);

/** The relevance of a BM25 score (not negative) for a question of weight `whole` (positive). */
double jd_calibrate(double score, double whole);

#endif
