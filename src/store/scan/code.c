#include "store/scan/code.h"

#include "store/scan/kernel.h"

#include <math.h>
#include <string.h>

enum { CODE_MAX = 127, ALIGN = 64 };

gsize jd_scan_stride(gsize dimension)
{
    return (dimension + JD_SCAN_STEP - 1) / JD_SCAN_STEP * JD_SCAN_STEP;
}

/* ---- stored vectors ---- */

/* 1 / |x|; 0 for a vector of zeros. The square of the smallest and the sum of the largest floats'
 * squares are ordinary doubles. */
static double inverse_norm(const float *vector, gsize n)
{
    double norm = sqrt(jd_square_sum(vector, n));
    return norm > 0 ? 1 / norm : 0;
}

double jd_scan_residual(const jd_scan_coder *coder, const float *vector, const gint8 *codes,
                        double step)
{
    const double inverse = inverse_norm(vector, coder->dimension);
    double sum = 0;
    for (gsize i = 0; i < coder->dimension; i++) {
        double missed = vector[i] * inverse - (double)coder->mean[i] - codes[i] * step;
        sum += missed * missed;
    }
    return sqrt(sum);
}

void jd_scan_encode(const jd_scan_coder *coder, const float *vector, gint8 *codes,
                    jd_scan_scale *scale)
{
    const double grow = 1 + 1e-6; /* more than a float's rounding takes away */
    const gsize n = coder->dimension;
    const double inverse = inverse_norm(vector, n);
    double peak = 0;
    for (gsize i = 0; i < n; i++) {
        double size = fabs(vector[i] * inverse - (double)coder->mean[i]);
        peak = size > peak ? size : peak;
    }
    const float step = (float)(peak / CODE_MAX);
    const double steps = step > 0 ? 1 / (double)step : 0;
    memset(codes, 0, jd_scan_stride(n));
    for (gsize i = 0; i < n; i++) {
        double place = (vector[i] * inverse - (double)coder->mean[i]) * steps;
        gint32 code = (gint32)(place + (place < 0 ? -0.5 : 0.5));
        codes[i] = (gint8)CLAMP(code, -CODE_MAX, CODE_MAX);
    }
    double residual = jd_scan_residual(coder, vector, codes, (double)step);
    *scale = (jd_scan_scale){.step = step, .residual = (float)(residual * grow)};
}

/* ---- the question ---- */

/* The largest code with which no sum of products of a row reaches 2^31. */
static double largest_code(gsize stride)
{
    return MIN(G_MAXINT16, G_MAXINT32 / (CODE_MAX * (gint32)stride));
}

void jd_scan_query_init(jd_scan_query *code, const jd_scan_coder *coder, const jd_wide_query *query)
{
    const double rounding = 1e-9;
    const gsize n = coder->dimension, stride = jd_scan_stride(n);
    double peak = 0;
    for (gsize i = 0; i < n; i++)
        peak = MAX(peak, fabs(query->values[i] / query->norm));
    *code = (jd_scan_query){.codes = g_aligned_alloc0(stride, sizeof(gint16), ALIGN),
                            .step = peak / largest_code(stride)};
    double missed_squares = 0;
    for (gsize i = 0; i < n; i++) {
        double unit = query->values[i] / query->norm;
        code->codes[i] = (gint16)lrint(unit / code->step);
        double missed = unit - code->codes[i] * code->step;
        missed_squares += missed * missed;
        code->base += unit * (double)coder->mean[i];
    }
    double missed = sqrt(missed_squares);
    code->spread = 1 + missed;
    code->slack = 2 * missed + rounding;
}

void jd_scan_query_clear(jd_scan_query *code)
{
    g_clear_pointer(&code->codes, g_aligned_free);
}
