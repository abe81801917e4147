/* exp, erf and tanh without branches and tables, so that loops over them become vectors. */
#ifndef JD_NN_VECTOR_MATH_H
#define JD_NN_VECTOR_MATH_H

#include <glib.h>
#include <math.h>
#include <string.h>

/**
 * The number between -87 and 88 that is nearest to x; for a NaN one of the two. As whole numbers
 * the bits of negative numbers grow with their size and lie above all positive ones when read
 * without a sign, below them when read with one: two integer minima, each one instruction, where a
 * compiler makes branches and blends of comparisons of floats.
 */
static inline __attribute__((always_inline)) float jd_clamp_exponent(float x)
{
    const guint32 lowest = 0xC2AE0000; /* -87 */
    const gint32 highest = 0x42B00000; /* 88 */
    guint32 bits;
    memcpy(&bits, &x, sizeof bits);
    bits = MIN(bits, lowest);
    gint32 whole = (gint32)bits;
    whole = MIN(whole, highest);
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
    x = jd_clamp_exponent(x);
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

/** erf within 2e-7 absolute: Abramowitz and Stegun 7.1.26. */
static inline __attribute__((always_inline)) float jd_erff(float x)
{
    const float a = fabsf(x);
    const float t = 1 / (1 + 0.3275911F * a);
    float p = 1.061405429F;
    p = p * t - 1.453152027F;
    p = p * t + 1.421413741F;
    p = p * t - 0.284496736F;
    p = p * t + 0.254829592F;
    return copysignf(1 - p * t * jd_expf(-a * a), x);
}

/** tanh within 2e-7 absolute. */
static inline __attribute__((always_inline)) float jd_tanhf(float x)
{
    return 1 - 2 / (jd_expf(2 * x) + 1);
}

#endif
