/*
 * Vectors as int8 codes, and what the codes prove about a cosine.
 *
 * A stored vector x is taken at unit length, u = x / |x| (0 where x is 0), without the mean m of
 * such vectors, in steps of a scale of its own: u = m + s c + e, with c in -127..127 and |e| <= r,
 * which is stored. The question, w = q / |q|, is taken in int16 steps: w = t d + f. Then
 *
 *     cosine = w.u = w.m + t s (d.c) + f.(s c) + w.e
 *
 * and as |w| = 1 and |s c| <= |u| + |m| + r <= 2 + r (Cauchy and Schwarz),
 *
 *     |cosine - (w.m + t s (d.c))| <= r + |f| (2 + r)
 *
 * d.c is an exact integer, so a scan over the codes alone gives every cosine to within a proven
 * bound: of 512 numbers r is about 0.7% of |u - m|, |f| 0.003%. Without the mean, which is most of
 * what CLIP's vectors have in common, |u - m| and with it the bound is smaller.
 */
#ifndef JD_STORE_SCAN_CODE_H
#define JD_STORE_SCAN_CODE_H

#include "store/dot.h"

/** How long a row of codes of so many numbers is, padding and all. */
gsize jd_scan_stride(gsize dimension);

/** What makes codes of vectors: `mean` has `dimension` numbers and a length of at most 1. */
typedef struct jd_scan_coder {
    const float *mean;
    gsize dimension;
} jd_scan_coder;

/** What stands beside a row's codes. */
typedef struct jd_scan_scale {
    float step;     /* s; 0: all codes are 0 */
    float residual; /* r, rounded up */
} jd_scan_scale;

/** Finite numbers of any size. Fills jd_scan_stride() codes. */
void jd_scan_encode(const jd_scan_coder *coder, const float *vector, gint8 *codes,
                    jd_scan_scale *scale);

/** The length of what the codes miss, u - m - s c: at most the residual that jd_scan_encode()
 * gave. */
double jd_scan_residual(const jd_scan_coder *coder, const float *vector, const gint8 *codes,
                        double step);

/** The question. */
typedef struct jd_scan_query {
    gint16 *codes; /* d: jd_scan_stride() of them, 64-byte aligned; owned */
    double step;   /* t */
    double base;   /* w.m */
    double spread; /* what r is multiplied by: 1 + |f| */
    double slack;  /* 2 |f|, and room for the rounding of doubles */
} jd_scan_query;

/** `query` is not all zeros. */
void jd_scan_query_init(jd_scan_query *code, const jd_scan_coder *coder,
                        const jd_wide_query *query);
void jd_scan_query_clear(jd_scan_query *code);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_scan_query, jd_scan_query_clear)

/** Where a cosine lies, but for base and slack, which are the query's own: middle - width - slack
 * <= cosine - base <= middle + width + slack. */
typedef struct jd_scan_bound {
    double middle, width;
} jd_scan_bound;

static inline jd_scan_bound jd_scan_bound_of(const jd_scan_query *query, jd_scan_scale scale,
                                             gint32 dot)
{
    return (jd_scan_bound){.middle = query->step * (double)scale.step * dot,
                           .width = query->spread * (double)scale.residual};
}

#endif
