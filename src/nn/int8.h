/*
 * Eight-bit products: weights quantised once for each output channel, activations for each row as
 * they come.
 *
 * x ~ scale_r (code - zero_r), code from 0 on; w ~ scale_c code, code of either sign. Then
 *     x w = scale_r scale_c (sum of code products - zero_r * sum of the channel's weight codes).
 * With VNNI codes are 0..255 and -127..127. Without, the product unit adds pairs in 16 bits that
 * saturate: 2 * 182 * 90 = 32,760 is below 32,767, so that nothing is ever clipped, and both errors
 * are about the same.
 */
#ifndef JD_NN_INT8_H
#define JD_NN_INT8_H

#include "nn/linear.h"

/** The largest codes on this kind of CPU, `isa` as in product.h. */
typedef struct jd_int8_limits {
    int activations, weights;
} jd_int8_limits;
jd_int8_limits jd_int8_codes(const char *isa);

/** The packed form of one layer besides the codes: for each output channel. */
typedef struct jd_int8_channels {
    float *scale;
    float *sum; /* of the channel's codes */
} jd_int8_channels;

/** codes: out x in. */
void jd_int8_weights(const jd_linear_spec *spec, int limit, gint8 *codes,
                     jd_int8_channels channels);

typedef struct jd_int8_rows {
    guint8 *codes; /* rows x in */
    float *scale;  /* rows */
    float *zero;   /* rows */
    int limit;     /* the largest code */
} jd_int8_rows;

void jd_int8_activations(const float *x, gsize rows, int in, jd_int8_rows out);

typedef struct jd_int8_result {
    const gint32 *sums; /* rows x out */
    const float *row_scale, *row_zero;
    const float *channel_scale, *channel_sum, *bias; /* bias may be NULL */
    gsize rows;
    int out;
    jd_activation activation;
    gboolean accumulate;
} jd_int8_result;

/** y = act(dequantised sums + bias), or y += them */
void jd_int8_finish(const jd_int8_result *result, float *y);

#endif
