/* Half-precision numbers to f32, exactly: every f16 and bf16 is an f32. */
#ifndef JD_NN_HALF_H
#define JD_NN_HALF_H

#include <glib.h>
#include <string.h>

static inline float jd_float_from_bits(guint32 bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 mantissa bits. */
static inline float jd_f16_to_f32(guint16 half)
{
    guint32 sign = (guint32)(half & 0x8000) << 16;
    guint32 exponent = (half >> 10) & 0x1F;
    guint32 mantissa = half & 0x3FF;
    if (exponent == 0) {
        /* zero and subnormals: mantissa * 2^-24, which f32 holds as a normal number */
        float magnitude = (float)mantissa * 0x1p-24F;
        return sign ? -magnitude : magnitude;
    }
    if (exponent == 0x1F)
        return jd_float_from_bits(sign | 0x7F800000U | (mantissa << 13));
    return jd_float_from_bits(sign | ((exponent + 127 - 15) << 23) | (mantissa << 13));
}

/** The upper half of an f32. */
static inline float jd_bf16_to_f32(guint16 half)
{
    return jd_float_from_bits((guint32)half << 16);
}

#endif
