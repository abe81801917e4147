#include "nn/int8.h"

#include "nn/kernels.h"

#include <math.h>
#include <string.h>

jd_int8_limits jd_int8_codes(const char *isa)
{
    static const char *const exact[] = {"vnni", "bf16", "amx"};
    for (gsize i = 0; i < G_N_ELEMENTS(exact); i++)
        if (strstr(isa, exact[i]))
            return (jd_int8_limits){255, 127};
    return (jd_int8_limits){182, 90};
}

/* One channel; returns its scale. */
JD_MULTIVERSION
static float quantise_channel(const float *x, int n, int limit, gint8 *codes, float *sum_of_codes)
{
    const float ROUNDER = 12582912.0F; /* 1.5 * 2^23: adding it rounds to an integer */
    float peak = 0;
#pragma omp simd reduction(max : peak)
    for (int i = 0; i < n; i++)
        peak = fabsf(x[i]) > peak ? fabsf(x[i]) : peak;
    const float scale = peak > 0 ? peak / (float)limit : 1;
    gint32 sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++) {
        const gint32 code = (gint32)((x[i] / scale + ROUNDER) - ROUNDER);
        codes[i] = (gint8)code;
        sum += code;
    }
    *sum_of_codes = (float)sum;
    return scale;
}

void jd_int8_weights(const jd_linear_spec *spec, int limit, gint8 *codes, jd_int8_channels channels)
{
    const gsize in = (gsize)spec->in;
#pragma omp parallel for
    for (gsize c = 0; c < (gsize)spec->out; c++)
        channels.scale[c] = quantise_channel(spec->weight + c * in, spec->in, limit, codes + c * in,
                                             &channels.sum[c]);
}

/* The row's range, zero included, in one code less than there are: zero is rounded up, so that no
 * code leaves the range. */
JD_MULTIVERSION
static void quantise_row8(const float *x, int n, int limit, guint8 *codes, float scale_and_zero[2])
{
    float low = 0;
    float high = 0;
#pragma omp simd reduction(min : low) reduction(max : high)
    for (int i = 0; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    const float scale = high > low ? (high - low) / (float)(limit - 1) : 1;
    const float inverse = 1 / scale;
    const float zero = ceilf(-low * inverse);
#pragma omp simd
    for (int i = 0; i < n; i++)
        codes[i] = (guint8)(gint32)(x[i] * inverse + zero + 0.5F);
    scale_and_zero[0] = scale;
    scale_and_zero[1] = zero;
}

void jd_int8_activations(const float *x, gsize rows, int in, jd_int8_rows out)
{
    enum { PARALLEL_ROWS = 64 };
#pragma omp parallel for if (rows >= PARALLEL_ROWS)
    for (gsize r = 0; r < rows; r++) {
        float scale_and_zero[2];
        quantise_row8(x + r * (gsize)in, in, out.limit, out.codes + r * (gsize)in, scale_and_zero);
        out.scale[r] = scale_and_zero[0];
        out.zero[r] = scale_and_zero[1];
    }
}

/* y = or += scaled sums + bias, for one row; `bias` and `add` are constants where it is inlined. */
static inline __attribute__((always_inline)) void scale_sums(const jd_int8_result *result, gsize r,
                                                             gboolean bias, gboolean add, float *y)
{
    const gint32 *sums = result->sums + r * (gsize)result->out;
    const float scale = result->row_scale[r];
    const float zero = result->row_zero[r];
    const float *channel_scale = result->channel_scale;
    const float *channel_sum = result->channel_sum;
    const float *biases = result->bias;
    const int n = result->out;
#pragma omp simd
    for (int c = 0; c < n; c++) {
        const float sum = (float)sums[c] - zero * channel_sum[c];
        y[c] = (add ? y[c] : 0) + sum * (scale * channel_scale[c]) + (bias ? biases[c] : 0);
    }
}

JD_MULTIVERSION
static void scale_row(const jd_int8_result *result, gsize r, float *y)
{
    if (result->bias && result->accumulate)
        scale_sums(result, r, TRUE, TRUE, y);
    else if (result->bias)
        scale_sums(result, r, TRUE, FALSE, y);
    else if (result->accumulate)
        scale_sums(result, r, FALSE, TRUE, y);
    else
        scale_sums(result, r, FALSE, FALSE, y);
}

void jd_int8_finish(const jd_int8_result *result, float *y)
{
    enum { PARALLEL_ROWS = 64 };
    const gsize out = (gsize)result->out;
#pragma omp parallel for if (result->rows >= PARALLEL_ROWS)
    for (gsize r = 0; r < result->rows; r++) {
        scale_row(result, r, y + r * out);
        jd_activate(y + r * out, out, result->activation, y + r * out);
    }
}
