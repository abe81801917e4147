/* Exact search over the vectors of one space. */
#ifndef JD_RETRIEVE_DENSE_H
#define JD_RETRIEVE_DENSE_H

#include "store/store.h"

/** The query vector and the space that it belongs to. */
typedef struct jd_dense_query {
    float *vector; /* owned */
    jd_space *space;
    jd_item_kind kind; /* of the item that the vector was taken from */
    gint64 item;       /* 0: the vector was given */
} jd_dense_query;

void jd_dense_query_clear(jd_dense_query *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_dense_query, jd_dense_query_clear)

/** A vector from outside. */
typedef struct jd_given_vector {
    const float *values;
    gsize size;
    gint64 space; /* 0: the only one of that dimension */
} jd_given_vector;

/**
 * Finds the space of a vector and copies it. A number that is not finite, or a dimension that no
 * space has: JD_ERROR_INVALID; several spaces of that dimension: JD_ERROR_USAGE.
 */
gboolean jd_dense_query_from_vector(jd_store *store, const jd_given_vector *given,
                                    jd_dense_query *query, GError **error);

typedef struct jd_item_vector {
    const char *id; /* "t12" */
    gint64 space;   /* looked into first; 0: none */
} jd_item_vector;

/**
 * The vector of the item `id` ("t12") in the space `first` where it has one there, else in the
 * first, by id, that holds it. `found` (may be
 * NULL) gets FALSE, without an error, where the item has none; with NULL that is
 * JD_ERROR_NOT_FOUND.
 */
gboolean jd_dense_query_from_item(jd_store *store, const jd_item_vector *wanted,
                                  jd_dense_query *query, gboolean *found, GError **error);

typedef struct jd_dense_request {
    const jd_dense_query *query;
    jd_item_kind kind;
    const jd_filter *filter;
    gsize k;
    /* By cosine: items whose score is wanted whether they are among the best or not: rising ids,
     * and where their scores go, NAN for one without a vector. */
    const gint64 *also;
    double *also_scores;
    gsize also_count;
} jd_dense_request;

/** The greatest cosines, without the query's own item: jd_hit, best first. A query of zeros is
 * JD_ERROR_INVALID. */
gboolean jd_dense_nearest(jd_store *store, const jd_dense_request *request, GArray **best,
                          GError **error);

typedef struct jd_dense_hits {
    GArray *best;   /* jd_hit, best first: dot products */
    double log_sum; /* the logarithm of the sum of exp(dot / temperature) over all items that pass
                       the filter */
} jd_dense_hits;

/** The greatest dot products, and what makes probabilities of them. */
gboolean jd_dense_softmax(jd_store *store, const jd_dense_request *request, double temperature,
                          jd_dense_hits *hits, GError **error);

#endif
