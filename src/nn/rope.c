#include "nn/rope.h"

#include <math.h>

static void rotate_head(float *head, int half, const float *cosines, const float *sines)
{
    for (int i = 0; i < half; i++) {
        const float a = head[i];
        const float b = head[i + half];
        head[i] = a * cosines[i] - b * sines[i];
        head[i + half] = b * cosines[i] + a * sines[i];
    }
}

void jd_rope_run(const jd_rope *rope, float *x)
{
    const int half = rope->head_size / 2;
    g_autofree float *steps = g_new(float, half);
    g_autofree float *cosines = g_new(float, half);
    g_autofree float *sines = g_new(float, half);
    /* In f32 like the reference: inverse frequencies, then position times frequency. */
    for (int i = 0; i < half; i++)
        steps[i] = 1 / powf(rope->theta, (float)(2 * i) / (float)rope->head_size);
    for (gsize row = 0; row < rope->rows; row++) {
        for (int i = 0; i < half; i++) {
            const float angle = (float)(rope->first + row) * steps[i];
            cosines[i] = cosf(angle);
            sines[i] = sinf(angle);
        }
        for (int head = 0; head < rope->heads; head++)
            rotate_head(x + row * rope->stride + (gsize)(head * rope->head_size), half, cosines,
                        sines);
    }
}
