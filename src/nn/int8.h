/*
 * Eight-bit products: weights quantised once for each output channel, activations for each row as
 * they come.
 *
 * x ~ scale_r (code - zero_r), code in 0..255; w ~ scale_c code, code in -limit..limit. Then
 *     x w = scale_r scale_c (sum of code products - zero_r * sum of the channel's weight codes).
 * On CPUs without VNNI the product unit adds pairs in saturating 16 bits: limit 63 keeps 2 * 255 *
 * 63 below 32,767, so that nothing is ever clipped; with VNNI limit 127.
 */
#ifndef JD_NN_INT8_H
#define JD_NN_INT8_H

#include "nn/linear.h"

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

/** y = act(dequantised sums + bias) [+ y] */
void jd_int8_finish(const jd_int8_result *result, float *y);

#endif
