/* exp, erf and tanh without branches and tables, so that loops over them become vectors. */
#ifndef JD_NN_VECTOR_MATH_H
#define JD_NN_VECTOR_MATH_H

#include <glib.h>
#include <math.h>
#include <string.h>

/**
 * The number between two limits, one below and one above 0, that is nearest to x; for a NaN one of
 * the two. As whole numbers the bits of negative numbers grow with their size and lie above all
 * positive ones when read without a sign, below them when read with one: two integer minima, each
 * one instruction, where a compiler makes branches and blends of comparisons of floats.
 */
static inline __attribute__((always_inline)) float jd_clamp(float x, float lowest, float highest)
{
    guint32 bits;
    guint32 low;
    gint32 high;
    memcpy(&bits, &x, sizeof bits);
    memcpy(&low, &lowest, sizeof low);
    memcpy(&high, &highest, sizeof high);
    gint32 whole = (gint32)MIN(bits, low);
    whole = MIN(whole, high);
    memcpy(&x, &whole, sizeof x);
    return x;
}

/**
 * e^x within 2e-7 relative, e^-87 below and e^88 above that: x = n ln 2 + r, e^r by the Taylor-like
 * polynomial of Cephes' expf (Moshier), times 2^n by adding n to the exponent's bits.
 */
static inline __attribute__((always_inline)) float jd_expf(float x)
{
    /* 1.5 * 2^23: adding it rounds to an integer, which then stands in the lowest bits */
    const float ROUNDER = 12582912.0F;
    x = jd_clamp(x, -87, 88);
    const float rounded = x * 1.44269504F + ROUNDER;
    const float n = rounded - ROUNDER;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1;
    guint32 exponent;
    guint32 bits;
    memcpy(&exponent, &rounded, sizeof exponent);
    memcpy(&bits, &p, sizeof bits);
    bits += exponent << 23;
    memcpy(&p, &bits, sizeof p);
    return p;
}

/** erf within 5e-7 absolute: x P(x^2) / Q(x^2), fitted to the least largest error between 0 and
 * 3.8, beyond which erf is 1 as a float tells it. */
static inline __attribute__((always_inline)) float jd_erff(float x)
{
    x = jd_clamp(x, -3.8F, 3.8F);
    const float t = x * x;
    float p = 2.998369300e-4F;
    p = p * t + 8.247410607e-3F;
    p = p * t + 6.618286558e-2F;
    p = p * t + 3.061915201e-1F;
    p = p * t + 1.128377655F;
    float q = 1.773027501e-5F;
    q = q * t + 2.092289538e-3F;
    q = q * t + 2.397266342e-2F;
    q = q * t + 1.602724741e-1F;
    q = q * t + 6.046713582e-1F;
    q = q * t + 1;
    return x * p / q;
}

/** tanh within 2e-7 absolute. */
static inline __attribute__((always_inline)) float jd_tanhf(float x)
{
    return 1 - 2 / (jd_expf(2 * x) + 1);
}

#endif
