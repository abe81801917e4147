/*
 * A map of vectors: their projection on the two directions in which they differ most.
 *
 * Principal component analysis by subspace iteration (Halko, Martinsson, Tropp 2011, sections 4.5
 * and 5.1): a block of JD_PROJECT_BLOCK directions, started at random but always alike, is
 * multiplied by the covariance and made orthonormal until it no longer turns; the eigenvectors of
 * the covariance within it are its principal directions. The covariance itself is never formed: it
 * is X'(X v) / n for the centred rows X.
 */
#ifndef JD_RETRIEVE_PROJECT_H
#define JD_RETRIEVE_PROJECT_H

#include <glib.h>

#define JD_PROJECT_BLOCK 8
#define JD_PROJECT_ROUNDS 100
#define JD_PROJECT_STILL 1e-9 /* how little the captured variance grows at the end, relatively */

typedef struct jd_projection {
    double *points;     /* n x 2 */
    double variance[2]; /* share of all variance, in [0,1], that each axis shows */
} jd_projection;

void jd_projection_clear(jd_projection *projection);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_projection, jd_projection_clear)

/**
 * Projects `n` rows of `dimension` finite numbers. An axis points to where its direction's largest
 * component is positive. Where there are fewer than two directions, the rest of the numbers are 0.
 * FALSE with JD_ERROR_LIMIT where there is no memory for it.
 */
gboolean jd_project(const float *rows, gsize n, gsize dimension, jd_projection *projection,
                    GError **error);

#endif
