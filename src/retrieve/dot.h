/* Dot products of float32 vectors in double precision, at the speed of memory. */
#ifndef JD_RETRIEVE_DOT_H
#define JD_RETRIEVE_DOT_H

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

#endif
