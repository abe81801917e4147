/* exp, erf and tanh without branches and tables, so that loops over them become vectors. */
#ifndef JD_NN_VECTOR_MATH_H
#define JD_NN_VECTOR_MATH_H

#include <glib.h>
#include <math.h>
#include <string.h>

/**
 * e^x within 2e-7 relative, 0 below -87: x = n ln 2 + r, e^r by the Taylor-like polynomial of
 * Cephes' expf (Moshier), 2^n by building the exponent's bits.
 */
static inline __attribute__((always_inline)) float jd_expf(float x)
{
    const float ROUNDER = 12582912.0F; /* 1.5 * 2^23: adding it rounds to an integer */
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const float n = (x * 1.44269504F + ROUNDER) - ROUNDER;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1;
    const gint32 bits = ((gint32)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
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
