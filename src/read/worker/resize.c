#include "read/worker/resize.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

/* Pillow's fixed point: 8 bits of a colour and 2 to spare for the weights' overshoot. */
#define PRECISION 22
#define HALF (1 << (PRECISION - 1))
#define SUPPORT 2.0

typedef gint32 v4i __attribute__((vector_size(16)));
typedef guint8 v4u __attribute__((vector_size(4)));

/* For each output column or row: which input ones, and how much of each. */
typedef struct kernel {
    int count; /* of outputs */
    int taps;  /* at most, for each output */
    int *first;
    int *used;
    gint32 *weights; /* taps for each output */
} kernel;

static void kernel_clear(kernel *k)
{
    g_free(k->first);
    g_free(k->used);
    g_free(k->weights);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(kernel, kernel_clear)

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

/* One output's weights, first in doubles that sum up to 1, then in fixed point. */
static void fill_weights(kernel *k, int output, double center, double filter_scale)
{
    double sum = 0.0;
    g_autofree double *exact = g_new(double, k->used[output]);
    for (int i = 0; i < k->used[output]; i++) {
        exact[i] = bicubic((i + k->first[output] - center + 0.5) * (1.0 / filter_scale));
        sum += exact[i];
    }
    for (int i = 0; i < k->used[output]; i++) {
        double weight = (sum != 0.0 ? exact[i] / sum : exact[i]) * (1 << PRECISION);
        k->weights[(gsize)output * k->taps + i] =
            (gint32)(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
}

/* Weights for the outputs `start` to `start + count` of a side that goes from `in` to `out`
 * pixels. */
static gboolean kernel_init(kernel *k, int in, int out, int start, int count)
{
    double scale = (double)in / out;
    double filter_scale = MAX(scale, 1.0);
    double support = SUPPORT * filter_scale;
    *k = (kernel){.count = count, .taps = (int)ceil(support) * 2 + 1};
    k->first = g_try_new(int, count);
    k->used = g_try_new(int, count);
    k->weights = g_try_new0(gint32, (gsize)count * k->taps);
    if (!k->first || !k->used || !k->weights)
        return FALSE;
    for (int i = 0; i < count; i++) {
        double center = (start + i + 0.5) * scale;
        int first = (int)(center - support + 0.5);
        int end = (int)(center + support + 0.5);
        k->first[i] = MAX(first, 0);
        k->used[i] = MIN(end, in) - k->first[i];
        fill_weights(k, i, center, filter_scale);
    }
    return TRUE;
}

static inline guint8 clip(gint32 sum)
{
    return (guint8)CLAMP(sum >> PRECISION, 0, 255);
}

/* Four channels at a time. Inlined into one version for each instruction set. */
static inline __attribute__((always_inline)) void row_body(const kernel *k, const guint8 *in,
                                                           guint8 *out)
{
    for (int x = 0; x < k->count; x++) {
        v4i sum = {HALF, HALF, HALF, HALF};
        const guint8 *pixel = in + (gsize)k->first[x] * 4;
        const gint32 *weights = k->weights + (gsize)x * k->taps;
        for (int i = 0; i < k->used[x]; i++, pixel += 4) {
            v4u colour;
            memcpy(&colour, pixel, sizeof colour);
            sum += __builtin_convertvector(colour, v4i) * weights[i];
        }
        for (int c = 0; c < 4; c++)
            out[x * 4 + c] = clip(sum[c]);
    }
}

/* A column's sums for a run of bytes that lies side by side in memory. */
#define RUN 256

static inline __attribute__((always_inline)) void
column_body(const kernel *k, int y, const guint8 *in, gsize stride, guint8 *out)
{
    const gint32 *weights = k->weights + (gsize)y * k->taps;
    for (gsize at = 0; at < stride; at += RUN) {
        gint32 sums[RUN];
        gsize run = MIN(RUN, stride - at);
        for (int i = 0; i < RUN; i++)
            sums[i] = HALF;
        for (int t = 0; t < k->used[y]; t++) {
            const guint8 *row = in + (gsize)t * stride + at;
            if (run == RUN)
                for (int i = 0; i < RUN; i++)
                    sums[i] += row[i] * weights[t];
            else
                for (gsize i = 0; i < run; i++)
                    sums[i] += row[i] * weights[t];
        }
        for (gsize i = 0; i < run; i++)
            out[at + i] = clip(sums[i]);
    }
}

static void filter_row(const kernel *k, const guint8 *in, guint8 *out)
{
    row_body(k, in, out);
}

static void filter_column(const kernel *k, int y, const guint8 *in, gsize stride, guint8 *out)
{
    column_body(k, y, in, stride, out);
}

#if defined(__x86_64__)
/* The baseline has no multiplication of four 32-bit numbers. */
__attribute__((target("avx2"))) static void filter_row_avx2(const kernel *k, const guint8 *in,
                                                            guint8 *out)
{
    row_body(k, in, out);
}

__attribute__((target("avx2"))) static void
filter_column_avx2(const kernel *k, int y, const guint8 *in, gsize stride, guint8 *out)
{
    column_body(k, y, in, stride, out);
}
#endif

typedef struct filters {
    void (*row)(const kernel *k, const guint8 *in, guint8 *out);
    void (*column)(const kernel *k, int y, const guint8 *in, gsize stride, guint8 *out);
} filters;

static filters best_filters(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return (filters){filter_row_avx2, filter_column_avx2};
#endif
    return (filters){filter_row, filter_column};
}

/* Pillow's conversions between RGBA and premultiplied RGBa. */
static void multiply_alpha(const guint8 *in, guint8 *out, int width)
{
    for (int x = 0; x < width; x++, in += 4, out += 4) {
        for (int c = 0; c < 3; c++) {
            int product = in[c] * in[3] + 128;
            out[c] = (guint8)(((product >> 8) + product) >> 8);
        }
        out[3] = in[3];
    }
}

static void divide_alpha(guint8 *pixel, gsize count)
{
    for (gsize i = 0; i < count; i++, pixel += 4) {
        if (pixel[3] == 0 || pixel[3] == 255)
            continue;
        for (int c = 0; c < 3; c++)
            pixel[c] = (guint8)MIN(255 * pixel[c] / pixel[3], 255);
    }
}

typedef struct pass {
    const jd_pixels *in;
    jd_resize_options options; /* with the crop filled in */
    filters filter;
    int first_row, rows; /* of the input, as far as the output needs them */
    guint8 *middle;      /* `rows` rows of crop_width pixels */
} pass;

static void copy_row(const pass *p, const guint8 *in, guint8 *out)
{
    memcpy(out, in + (gsize)p->options.crop_x * 4, (gsize)p->options.crop_width * 4);
}

static gboolean horizontal(pass *p)
{
    const jd_pixels *in = p->in;
    g_auto(kernel) k = {0};
    gsize bytes;
    if (!g_size_checked_mul(&bytes, (gsize)p->options.crop_width * 4, p->rows) ||
        !(p->middle = g_try_malloc(bytes)) ||
        !kernel_init(&k, in->width, p->options.width, p->options.crop_x, p->options.crop_width))
        return FALSE;
    g_autofree guint8 *multiplied = p->options.alpha ? g_try_malloc((gsize)in->width * 4) : NULL;
    if (p->options.alpha && !multiplied)
        return FALSE;
    for (int y = 0; y < p->rows; y++) {
        const guint8 *row = in->rgba + (gsize)(p->first_row + y) * in->width * 4;
        guint8 *out = p->middle + (gsize)y * p->options.crop_width * 4;
        if (multiplied) {
            multiply_alpha(row, multiplied, in->width);
            row = multiplied;
        }
        if (in->width == p->options.width)
            copy_row(p, row, out);
        else
            p->filter.row(&k, row, out);
    }
    return TRUE;
}

static void vertical(const pass *p, const kernel *k, jd_pixels *out)
{
    gsize stride = (gsize)out->width * 4;
    for (int y = 0; y < out->height; y++) {
        guint8 *row = out->rgba + y * stride;
        if (p->in->height == p->options.height)
            memcpy(row, p->middle + y * stride, stride);
        else
            p->filter.column(k, y, p->middle + (k->first[y] - p->first_row) * stride, stride, row);
    }
}

/* The input rows that the output's rows need. */
static void choose_rows(pass *p, const kernel *k)
{
    if (p->in->height == p->options.height) {
        p->first_row = p->options.crop_y;
        p->rows = p->options.crop_height;
        return;
    }
    int last = k->count - 1;
    p->first_row = k->first[0];
    p->rows = k->first[last] + k->used[last] - k->first[0];
}

jd_pixels *jd_resize(const jd_pixels *in, const jd_resize_options *options, GError **error)
{
    pass p = {.in = in, .options = *options, .filter = best_filters()};
    if (p.options.crop_width == 0) {
        p.options.crop_width = p.options.width;
        p.options.crop_height = p.options.height;
    }
    if (in->width == p.options.width && in->height == p.options.height)
        p.options.alpha = FALSE; /* nothing is mixed, so nothing is weighted */
    g_autoptr(jd_pixels) out = jd_pixels_new(p.options.crop_width, p.options.crop_height, error);
    if (!out)
        return NULL;
    g_auto(kernel) k = {0};
    gboolean ok = kernel_init(&k, in->height, p.options.height, p.options.crop_y, out->height);
    if (ok) {
        choose_rows(&p, &k);
        ok = horizontal(&p);
    }
    if (ok)
        vertical(&p, &k, out);
    g_free(p.middle);
    if (!ok) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for resizing a picture");
        return NULL;
    }
    if (p.options.alpha)
        divide_alpha(out->rgba, (gsize)out->width * out->height);
    return g_steal_pointer(&out);
}
