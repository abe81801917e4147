/*
 * Products of 16-bit whole numbers: up to twice as fast as f32, and so much finer than 8 bits that
 * the ranking of a search is kept (docs/encoders.md).
 *
 * w ~ scale_c code for each output channel c, x ~ scale_r code for each row r, both symmetric. Then
 *     x w = scale_r scale_c (sum of code products),
 * and that sum is exact: codes are as large as 32 bits hold the largest sum that can be, for each
 * layer by its own weights. No unit saturates, so all kinds of CPU give the same sums.
 */
#ifndef JD_NN_INT16_H
#define JD_NN_INT16_H

#include "nn/linear.h"

/** A layer's weights. They lie in panels of 16 output channels: [panel][pair of inputs][channel]
 * [2], as the tiles of int16_tile.h take them, zeros where inputs or channels end. */
typedef struct jd_int16_weights {
    int in, out;
    const gint16 *panels;
    const float *scale; /* of each channel */
    int limit;          /* codes of activations lie between -limit and limit */
} jd_int16_weights;

/** Bytes of the panels. */
gsize jd_int16_panels_size(int in, int out);

/** Fills the panels, zeroed before, and the scales; returns the limit. */
int jd_int16_pack(const jd_linear_spec *spec, gint16 *panels, float *scale);

/** Whether this CPU can run it, `isa` as in product.h. */
gboolean jd_int16_supported(const char *isa);
/** Whether it multiplies 16-bit numbers at nearly twice the rate of f32, so that it is worth while.
 */
gboolean jd_int16_is_fast(const char *isa);

/** Numbers of a row of codes: `in`, rounded up. */
gsize jd_int16_stride(int in);

typedef struct jd_int16_rows {
    gint16 *codes; /* rows x stride */
    float *scale;  /* rows */
    gsize count;
} jd_int16_rows;

/** x: rows x in. */
void jd_int16_quantise(const jd_int16_weights *weights, const float *x, jd_int16_rows rows);

enum { JD_INT16_MOST_ROWS = 512 }; /* of one product */

typedef struct jd_int16_product {
    jd_int16_weights weights;
    jd_int16_rows rows;
    const float *bias; /* may be NULL */
    jd_activation activation;
    gboolean accumulate;
} jd_int16_product;

/** y = act(x W^T + bias), or y += x W^T + bias; y: rows x out; shared among OpenMP's threads. */
void jd_int16_run(const jd_int16_product *product, const char *isa, float *y);

#endif
