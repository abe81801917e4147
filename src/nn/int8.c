#include "nn/int8.h"

#include "nn/kernels.h"

#include <math.h>

void jd_int8_weights(const jd_linear_spec *spec, int limit, gint8 *codes, jd_int8_channels channels)
{
    for (int c = 0; c < spec->out; c++) {
        const float *row = spec->weight + (gsize)c * (gsize)spec->in;
        gint8 *out = codes + (gsize)c * (gsize)spec->in;
        float peak = 0;
        for (int i = 0; i < spec->in; i++)
            peak = MAX(peak, fabsf(row[i]));
        const float scale = peak > 0 ? peak / (float)limit : 1;
        gint32 sum = 0;
        for (int i = 0; i < spec->in; i++) {
            out[i] = (gint8)lrintf(row[i] / scale);
            sum += out[i];
        }
        channels.scale[c] = scale;
        channels.sum[c] = (float)sum;
    }
}

/* The row's range, zero included, so that an exact zero stays one. */
JD_MULTIVERSION
static void quantise_row(const float *x, int n, guint8 *codes, float *out_scale, float *out_zero)
{
    float low = 0;
    float high = 0;
#pragma omp simd reduction(min : low) reduction(max : high)
    for (int i = 0; i < n; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    const float scale = high > low ? (high - low) / 255 : 1;
    const float inverse = 1 / scale;
    const float zero = rintf(-low * inverse);
#pragma omp simd
    for (int i = 0; i < n; i++) {
        float code = x[i] * inverse + zero + 0.5F;
        code = code < 0 ? 0 : code;
        code = code > 255 ? 255 : code;
        codes[i] = (guint8)(gint32)code;
    }
    *out_scale = scale;
    *out_zero = zero;
}

void jd_int8_activations(const float *x, gsize rows, int in, jd_int8_rows out)
{
    enum { PARALLEL_ROWS = 64 };
#pragma omp parallel for if (rows >= PARALLEL_ROWS)
    for (gsize r = 0; r < rows; r++)
        quantise_row(x + r * (gsize)in, in, out.codes + r * (gsize)in, &out.scale[r], &out.zero[r]);
}

JD_MULTIVERSION
static void finish_row(const jd_int8_result *result, gsize r, float *y)
{
    const gint32 *sums = result->sums + r * (gsize)result->out;
    const float scale = result->row_scale[r];
    const float zero = result->row_zero[r];
    const float *channel_scale = result->channel_scale;
    const float *channel_sum = result->channel_sum;
    const float *bias = result->bias;
    const int n = result->out;
    for (int c = 0; c < n; c++)
        y[c] = ((float)sums[c] - zero * channel_sum[c]) * scale * channel_scale[c];
    if (bias)
        for (int c = 0; c < n; c++)
            y[c] += bias[c];
}

/* Rows go through a small buffer that stays in the nearest cache. */
static void finish_and_activate(const jd_int8_result *result, gsize r, float *buffer, float *y)
{
    float *out = y + r * (gsize)result->out;
    float *row = result->accumulate ? buffer : out;
    finish_row(result, r, row);
    jd_activate(row, (gsize)result->out, result->activation, row);
    if (result->accumulate)
        for (int c = 0; c < result->out; c++)
            out[c] += row[c];
}

void jd_int8_finish(const jd_int8_result *result, float *y)
{
    enum { PARALLEL_ROWS = 64 };
#pragma omp parallel if (result->rows >= PARALLEL_ROWS)
    {
        g_autofree float *buffer = g_new(float, result->out);
#pragma omp for
        for (gsize r = 0; r < result->rows; r++)
            finish_and_activate(result, r, buffer, y);
    }
}
