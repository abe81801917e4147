#include "read/worker/resize_kernel.h"

#include <math.h>

void jd_kernel_clear(jd_kernel *kernel)
{
    g_free(kernel->first);
    g_free(kernel->used);
    g_free(kernel->weights);
    g_free(kernel->split);
}

static double bicubic(double x)
{
    const double a = -0.5;
    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
    if (x < 2.0)
        return (((x - 5) * x + 8) * x - 4) * a;
    return 0.0;
}

static double bilinear(double x)
{
    x = fabs(x);
    return x < 1.0 ? 1.0 - x : 0.0;
}

/* A filter, and how far it reaches to either side. */
typedef struct filter {
    double (*weight)(double x);
    double support;
} filter;

static const filter FILTERS[] = {
    [JD_RESAMPLE_BICUBIC] = {bicubic, 2.0}, [JD_RESAMPLE_BILINEAR] = {bilinear, 1.0}};

/* Where an output lies among the inputs. */
typedef struct place {
    double center, scale;
    const filter *filter;
} place;

/* One output's weights, first in doubles that sum up to 1, then in fixed point. */
static void fill_weights(jd_kernel *kernel, int output, const place *at, double *exact)
{
    int used = kernel->used[output];
    gint32 *weights = kernel->weights + (gsize)output * kernel->taps;
    double sum = 0.0;
    for (int i = 0; i < used; i++) {
        exact[i] =
            at->filter->weight((i + kernel->first[output] - at->center + 0.5) * (1.0 / at->scale));
        sum += exact[i];
    }
    for (int i = 0; i < used; i++) {
        double weight = (sum != 0.0 ? exact[i] / sum : exact[i]) * (1 << JD_RESIZE_PRECISION);
        weights[i] = (gint32)(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
}

static void fill_split(jd_kernel *kernel, int output)
{
    const gint32 *weights = kernel->weights + (gsize)output * kernel->taps;
    gint16 *group = kernel->split + (gsize)output * (kernel->taps / 4) * 8;
    for (int i = 0; i + 4 <= kernel->used[output]; i += 4, group += 8) {
        for (int j = 0; j < 4; j++) {
            group[j] = (gint16)(weights[i + j] & ((1 << JD_RESIZE_LOW_BITS) - 1));
            group[4 + j] = (gint16)(weights[i + j] >> JD_RESIZE_LOW_BITS);
        }
    }
}

gboolean jd_kernel_init(jd_kernel *kernel, const jd_kernel_side *side)
{
    double scale = (double)side->in / side->out;
    double filter_scale = MAX(scale, 1.0);
    const filter *used = &FILTERS[side->resample];
    double support = used->support * filter_scale;
    gsize count = (gsize)side->count;
    *kernel = (jd_kernel){.count = side->count, .taps = (int)ceil(support) * 2 + 1};
    kernel->first = g_try_new(int, count);
    kernel->used = g_try_new(int, count);
    kernel->weights = g_try_new0(gint32, count * kernel->taps);
    kernel->split = g_try_new0(gint16, count * (kernel->taps / 4) * 8 + 1); /* never none */
    g_autofree double *exact = g_try_new(double, kernel->taps);
    if (!kernel->first || !kernel->used || !kernel->weights || !kernel->split || !exact)
        return FALSE;
    for (int i = 0; i < side->count; i++) {
        double center = (side->start + i + 0.5) * scale;
        int first = (int)(center - support + 0.5);
        int end = (int)(center + support + 0.5);
        kernel->first[i] = MAX(first, 0);
        kernel->used[i] = MIN(end, side->in) - kernel->first[i];
        fill_weights(kernel, i, &(place){center, filter_scale, used}, exact);
        fill_split(kernel, i);
    }
    return TRUE;
}
