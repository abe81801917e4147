#include "nn/int16.h"

#include "nn/int16_tile.h"
#include "nn/kernels.h"

#include <math.h>
#include <string.h>

gboolean jd_int16_supported(const char *isa)
{
    return jd_tile_find(isa) != NULL;
}

gboolean jd_int16_is_fast(const char *isa)
{
    return jd_tile_is_fast(isa);
}

gsize jd_int16_stride(int in)
{
    return ((gsize)in + JD_TILE_STEP - 1) / JD_TILE_STEP * JD_TILE_STEP;
}

static gsize panel_count(int out)
{
    return ((gsize)out + JD_TILE_COLUMNS - 1) / JD_TILE_COLUMNS;
}

gsize jd_int16_panels_size(int in, int out)
{
    return panel_count(out) * JD_TILE_COLUMNS * jd_int16_stride(in) * sizeof(gint16);
}

/* ---- codes ---- */

/* Returns the scale. */
JD_MULTIVERSION
static float quantise_row16(const float *x, int n, int limit, gint16 *codes)
{
    const float ROUNDER = 12582912.0F; /* 1.5 * 2^23: adding it rounds to an integer */
    const float SMALLEST = 1e-30F;     /* below it all is taken for zero */
    float peak = 0;
#pragma omp simd reduction(max : peak)
    for (int i = 0; i < n; i++)
        peak = fabsf(x[i]) > peak ? fabsf(x[i]) : peak;
    const float inverse = peak > SMALLEST ? (float)limit / peak : 0;
#pragma omp simd
    for (int i = 0; i < n; i++)
        codes[i] = (gint16)(gint32)((x[i] * inverse + ROUNDER) - ROUNDER);
    return peak / (float)limit;
}

/* ---- weights ---- */

/* The sum of a channel's numbers without their signs, in units of the largest. */
JD_MULTIVERSION
static float sum_in_peaks(const float *x, int n)
{
    float peak = 0;
    float sum = 0;
#pragma omp simd reduction(max : peak) reduction(+ : sum)
    for (int i = 0; i < n; i++) {
        peak = fabsf(x[i]) > peak ? fabsf(x[i]) : peak;
        sum += fabsf(x[i]);
    }
    return peak > 0 ? sum / peak : 0;
}

/*
 * The largest code of a weight. The product of the largest code of an activation and the largest
 * sum of a channel's codes must stay below 2^31. Activations get four times as many codes as
 * weights, since the largest of a row stands out further from the others.
 */
static int weight_limit(const jd_linear_spec *spec)
{
    enum { FINER = 4 };
    float most = 1;
#pragma omp parallel for reduction(max : most)
    for (int c = 0; c < spec->out; c++)
        most = MAX(most, sum_in_peaks(spec->weight + (gsize)c * (gsize)spec->in, spec->in));
    return (int)MIN(sqrt(G_MAXINT32 / (double)(FINER * most)), G_MAXINT16);
}

JD_MULTIVERSION
static gint32 sum_of_codes(const gint16 *codes, int n)
{
    gint32 sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += codes[i] < 0 ? -codes[i] : codes[i];
    return sum;
}

/* Puts a channel's codes into its panel. */
static void place_channel(const gint16 *codes, gsize stride, gint16 *place)
{
    for (gsize i = 0; i < stride; i += 2, place += 2 * JD_TILE_COLUMNS)
        memcpy(place, codes + i, 2 * sizeof *codes);
}

int jd_int16_pack(const jd_linear_spec *spec, gint16 *panels, float *scale)
{
    const int limit = weight_limit(spec);
    const gsize in = (gsize)spec->in;
    const gsize stride = jd_int16_stride(spec->in);
    gint32 most = 1;
#pragma omp parallel for reduction(max : most)
    for (gsize panel = 0; panel < panel_count(spec->out); panel++) {
        g_autofree gint16 *codes = g_new0(gint16, stride);
        gint16 *place = panels + panel * JD_TILE_COLUMNS * stride;
        for (gsize c = panel * JD_TILE_COLUMNS;
             c < MIN((panel + 1) * JD_TILE_COLUMNS, (gsize)spec->out); c++, place += 2) {
            scale[c] = quantise_row16(spec->weight + c * in, spec->in, limit, codes);
            most = MAX(most, sum_of_codes(codes, spec->in));
            place_channel(codes, stride, place);
        }
    }
    return MIN(G_MAXINT32 / most, G_MAXINT16);
}

/* ---- activations ---- */

void jd_int16_quantise(const jd_int16_weights *weights, const float *x, jd_int16_rows rows)
{
    enum { PARALLEL_ROWS = 64 };
    const gsize in = (gsize)weights->in;
    const gsize stride = jd_int16_stride(weights->in);
#pragma omp parallel for if (rows.count >= PARALLEL_ROWS)
    for (gsize r = 0; r < rows.count; r++) {
        gint16 *codes = rows.codes + r * stride;
        rows.scale[r] = quantise_row16(x + r * in, weights->in, weights->limit, codes);
        memset(codes + in, 0, (stride - in) * sizeof *codes);
    }
}

/* ---- products ---- */

/* One panel's sums over all inputs: some inputs at a time, whose weights stay in the nearest cache
 * while all rows pass. */
static void sum_panel(const jd_int16_product *p, jd_tile_run run, gsize panel, gint32 *sums,
                      float *y)
{
    enum { INPUTS = 1024 };
    const gsize rows = p->rows.count;
    const gsize stride = jd_int16_stride(p->weights.in);
    const gsize tiles = (rows + JD_TILE_ROWS - 1) / JD_TILE_ROWS;
    const gint16 *weights = p->weights.panels + panel * JD_TILE_COLUMNS * stride;
    memset(sums, 0, rows * JD_TILE_COLUMNS * sizeof *sums);
    for (gsize k = 0; k < stride; k += INPUTS)
        for (gsize t = 0; t < tiles; t++) {
            const gsize row = rows * t / tiles;
            if (k + INPUTS >= stride)
                for (gsize r = row; r < rows * (t + 1) / tiles; r++)
                    __builtin_prefetch(y + r * (gsize)p->weights.out + panel * JD_TILE_COLUMNS, 1,
                                       2);
            run(&(jd_tile){.x = p->rows.codes + row * stride + k,
                           .stride = stride,
                           .rows = (int)(rows * (t + 1) / tiles - row),
                           .panel = weights + k * JD_TILE_COLUMNS,
                           .inputs = MIN(INPUTS, stride - k),
                           .sums = sums + row * JD_TILE_COLUMNS});
        }
}

/* Scales of a panel's channels and what is added to them; zeros where the channels end. */
typedef struct panel_finish {
    float scale[JD_TILE_COLUMNS], bias[JD_TILE_COLUMNS];
    gsize first, count; /* channels */
} panel_finish;

static void panel_finish_init(panel_finish *f, const jd_int16_product *p, gsize panel)
{
    memset(f, 0, sizeof *f);
    f->first = panel * JD_TILE_COLUMNS;
    f->count = MIN(JD_TILE_COLUMNS, (gsize)p->weights.out - f->first);
    memcpy(f->scale, p->weights.scale + f->first, f->count * sizeof(float));
    if (p->bias)
        memcpy(f->bias, p->bias + f->first, f->count * sizeof(float));
}

enum { CHUNK = 16 }; /* rows that are finished at a time, in the nearest cache */

JD_MULTIVERSION
static void scale_chunk(const panel_finish *f, const gint32 *sums, const float *row_scale,
                        gsize rows, float *values)
{
    for (gsize r = 0; r < rows; r++)
#pragma omp simd
        for (int c = 0; c < JD_TILE_COLUMNS; c++)
            values[r * JD_TILE_COLUMNS + (gsize)c] =
                (float)sums[r * JD_TILE_COLUMNS + (gsize)c] * (row_scale[r] * f->scale[c]) +
                f->bias[c];
}

/* A copy of constant size is two or four instructions. */
static inline void store_row(const float *values, gsize count, gboolean accumulate, float *y)
{
    if (accumulate)
        for (gsize c = 0; c < count; c++)
            y[c] += values[c];
    else
        memcpy(y, values, count * sizeof(float));
}

JD_MULTIVERSION
static void store_chunk(const jd_int16_product *p, const panel_finish *f, const float *values,
                        gsize rows, float *y)
{
    for (gsize r = 0; r < rows; r++, values += JD_TILE_COLUMNS, y += p->weights.out)
        if (f->count == JD_TILE_COLUMNS)
            store_row(values, JD_TILE_COLUMNS, p->accumulate, y);
        else
            store_row(values, f->count, p->accumulate, y);
}

static void finish_panel(const jd_int16_product *p, gsize panel, const gint32 *sums, float *y)
{
    panel_finish f;
    float values[CHUNK * JD_TILE_COLUMNS];
    panel_finish_init(&f, p, panel);
    for (gsize r = 0; r < p->rows.count; r += CHUNK) {
        const gsize rows = MIN(CHUNK, p->rows.count - r);
        scale_chunk(&f, sums + r * JD_TILE_COLUMNS, p->rows.scale + r, rows, values);
        jd_activate(values, rows * JD_TILE_COLUMNS, p->activation, values);
        store_chunk(p, &f, values, rows, y + r * (gsize)p->weights.out + f.first);
    }
}

void jd_int16_run(const jd_int16_product *product, const char *isa, float *y)
{
    const jd_tile_run run = jd_tile_find(isa);
    const gsize panels = panel_count(product->weights.out);
    g_return_if_fail(run && product->rows.count <= JD_INT16_MOST_ROWS);
#pragma omp parallel for
    for (gsize panel = 0; panel < panels; panel++) {
        _Alignas(64) gint32 sums[JD_INT16_MOST_ROWS * JD_TILE_COLUMNS];
        sum_panel(product, run, panel, sums, y);
        finish_panel(product, panel, sums, y);
    }
}
