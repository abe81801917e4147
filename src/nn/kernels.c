#include "nn/kernels.h"

#include "nn/vector_math.h"

#include <string.h>

JD_MULTIVERSION
static void activate_quick_gelu(const float *x, gsize n, float *y)
{
    for (gsize i = 0; i < n; i++)
        y[i] = x[i] / (1 + jd_expf(-1.702F * x[i]));
}

JD_MULTIVERSION
static void activate_gelu_erf(const float *x, gsize n, float *y)
{
    for (gsize i = 0; i < n; i++)
        y[i] = 0.5F * x[i] * (1 + jd_erff(x[i] * 0.70710678F));
}

JD_MULTIVERSION
static void activate_gelu_tanh(const float *x, gsize n, float *y)
{
    for (gsize i = 0; i < n; i++) {
        const float inner = 0.79788456F * (x[i] + 0.044715F * x[i] * x[i] * x[i]);
        y[i] = 0.5F * x[i] * (1 + jd_tanhf(inner));
    }
}

JD_MULTIVERSION
static void activate_tanh(const float *x, gsize n, float *y)
{
    for (gsize i = 0; i < n; i++)
        y[i] = jd_tanhf(x[i]);
}

void jd_activate(const float *x, gsize n, jd_activation activation, float *y)
{
    switch (activation) {
    case JD_ACT_NONE:
        if (x != y)
            memcpy(y, x, n * sizeof(float));
        break;
    case JD_ACT_QUICK_GELU:
        activate_quick_gelu(x, n, y);
        break;
    case JD_ACT_GELU_ERF:
        activate_gelu_erf(x, n, y);
        break;
    case JD_ACT_GELU_TANH:
        activate_gelu_tanh(x, n, y);
        break;
    case JD_ACT_RELU:
        for (gsize i = 0; i < n; i++)
            y[i] = MAX(x[i], 0);
        break;
    case JD_ACT_TANH:
        activate_tanh(x, n, y);
        break;
    }
}

JD_MULTIVERSION
static void to_bf16(const float *x, gsize n, guint16 *y)
{
    for (gsize i = 0; i < n; i++) {
        guint32 bits;
        memcpy(&bits, &x[i], sizeof bits);
        y[i] = (guint16)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}

void jd_to_bf16(const float *x, gsize n, guint16 *y)
{
    to_bf16(x, n, y);
}

JD_MULTIVERSION
static void layer_norm_row(const jd_layer_norm *norm, const float *x, float *y)
{
    const int n = norm->size;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += x[i];
    const float mean = sum / (float)n;
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    const float scale = 1 / sqrtf(squares / (float)n + norm->epsilon);
    if (norm->bias)
        for (int i = 0; i < n; i++)
            y[i] = (x[i] - mean) * scale * norm->gain[i] + norm->bias[i];
    else
        for (int i = 0; i < n; i++)
            y[i] = (x[i] - mean) * scale * norm->gain[i];
}

void jd_layer_norm_run(const jd_layer_norm *norm, const float *x, gsize rows, float *y)
{
    enum { PARALLEL_ROWS = 64 };
#pragma omp parallel for if (rows >= PARALLEL_ROWS)
    for (gsize r = 0; r < rows; r++)
        layer_norm_row(norm, x + r * (gsize)norm->size, y + r * (gsize)norm->size);
}
