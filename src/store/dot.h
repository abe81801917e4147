/* Dot products of float32 vectors in double precision, at the speed of memory. */
#ifndef JD_STORE_DOT_H
#define JD_STORE_DOT_H

#include <glib.h>

/** Sum of query[i] * vector[i]. A product of two float32 is exact in double, so the error is that
 * of a double sum. */
typedef double (*jd_dot_fn)(const double *query, const float *vector, gsize n);

/** The fastest for this processor. All give the same up to the order of a double sum. */
jd_dot_fn jd_dot_best(void);

/** The one that runs everywhere. */
double jd_dot_portable(const double *query, const float *vector, gsize n);

/** Sum of vector[i]^2. */
double jd_square_sum(const float *vector, gsize n);

/** A query vector in double precision, to be compared with many. */
typedef struct jd_wide_query {
    double *values; /* owned */
    gsize dimension;
    double norm;
    jd_dot_fn dot;
} jd_wide_query;

void jd_wide_query_init(jd_wide_query *query, const float *vector, gsize dimension);
void jd_wide_query_clear(jd_wide_query *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_wide_query, jd_wide_query_clear)

double jd_wide_query_dot(const jd_wide_query *query, const float *vector);
/** The cosine; 0 where the vector is all zeros. The query must not be. */
double jd_wide_query_cosine(const jd_wide_query *query, const float *vector);

#endif
