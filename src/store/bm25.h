/*
 * BM25F: how much an item's words say that it is about a question's words.
 *
 * A term's frequency in an item is the sum over the item's fields of
 *     weight * occurrences / (1 - b + b * length / average length)
 * (lengths in terms, stopwords not counted), and the item's score the sum over the terms of
 *     idf * (K1 + 1) * frequency / (K1 + frequency),
 *     idf = ln(1 + (items - items with the term + 0.5) / (items with the term + 0.5)).
 *
 * Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009),
 * section 3.6; the idf as Lucene has it, which is never negative. K1, b and the title's weight are
 * what measured best on held-out collections.
 */
#ifndef JD_STORE_BM25_H
#define JD_STORE_BM25_H

#include <jackdaw.h>

#define JD_BM25_K1 2.0
#define JD_BM25_MAX_FIELDS 6

typedef struct jd_bm25_field {
    const char *name;
    double weight;
    double b;
} jd_bm25_field;

/** The fields of a kind's items, in the word index's order; *n gets their number. */
const jd_bm25_field *jd_bm25_fields(jd_item_kind kind, gsize *n);

/** `items` in all, `having` of them with the term. */
double jd_bm25_idf(double items, double having);

/** A field's part of a term's frequency. `average` > 0. */
static inline double jd_bm25_frequency(const jd_bm25_field *field, double occurrences,
                                       double length, double average)
{
    return field->weight * occurrences / (1 - field->b + field->b * length / average);
}

/** A term's part of the score. */
static inline double jd_bm25_score(double idf, double frequency)
{
    return idf * (JD_BM25_K1 + 1) * frequency / (JD_BM25_K1 + frequency);
}

#endif
