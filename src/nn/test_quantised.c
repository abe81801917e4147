/* Products of 8-bit and 16-bit numbers: exact where whole numbers are concerned, near the product
 * of floats else. */
#include "nn/int16_tile.h"
#include "nn/int8.h"
#include "nn/linear_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *aligned(gsize bytes)
{
    void *data = aligned_alloc(64, (bytes + 63) / 64 * 64);
    memset(data, 0, bytes);
    return data;
}

/* ---- 16-bit tiles ---- */

static gint16 random_code(GRand *rand, int limit)
{
    /* The largest codes of both signs often: that is where things go wrong. */
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        return (gint16)limit;
    case 1:
        return (gint16)-limit;
    default:
        return (gint16)g_rand_int_range(rand, -limit, limit + 1);
    }
}

static void check_tile(jd_tile_run run, int rows, gsize inputs, GRand *rand)
{
    const gsize stride = inputs + JD_TILE_STEP;
    const int limit = (int)sqrt(G_MAXINT32 / (double)inputs);
    gint16 *x = aligned(JD_TILE_ROWS * stride * sizeof *x);
    gint16 *panel = aligned(inputs * JD_TILE_COLUMNS * sizeof *panel);
    gint32 *sums = aligned(JD_TILE_ROWS * JD_TILE_COLUMNS * sizeof *sums);
    for (gsize i = 0; i < JD_TILE_ROWS * stride; i++)
        x[i] = random_code(rand, MIN(limit, G_MAXINT16));
    for (gsize i = 0; i < inputs * JD_TILE_COLUMNS; i++)
        panel[i] = random_code(rand, MIN(limit, G_MAXINT16));
    for (int i = 0; i < JD_TILE_ROWS * JD_TILE_COLUMNS; i++)
        sums[i] = i;
    run(&(jd_tile){x, stride, rows, panel, inputs, sums});
    for (int r = 0; r < JD_TILE_ROWS; r++)
        for (int c = 0; c < JD_TILE_COLUMNS; c++) {
            gint64 exact = r * JD_TILE_COLUMNS + c;
            for (gsize k = 0; r < rows && k < inputs; k++)
                exact += (gint64)x[(gsize)r * stride + k] *
                         panel[k / 2 * 2 * JD_TILE_COLUMNS + (gsize)c * 2 + k % 2];
            g_assert_cmpint(sums[r * JD_TILE_COLUMNS + c], ==, (gint32)exact);
        }
    free(x);
    free(panel);
    free(sums);
}

static gboolean cpu_has(const char *isa)
{
#ifdef __x86_64__
    if (strcmp(isa, "avx2") == 0)
        return __builtin_cpu_supports("avx2") != 0;
    if (g_str_has_prefix(isa, "avx512"))
        return __builtin_cpu_supports("avx512vnni") != 0;
#endif
    /* Not all compilers know how to ask for it. */
    return strcmp(isa, jd_product_isa()) == 0;
}

static void test_tiles(gconstpointer isa)
{
    const jd_tile_run run = jd_tile_find(isa);
    if (!run || !cpu_has(isa)) {
        g_test_skip("this CPU does not have it");
        return;
    }
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    for (int rows = 1; rows <= JD_TILE_ROWS; rows++)
        for (gsize inputs = JD_TILE_STEP; inputs <= 1024; inputs = inputs * 3 / 4 * 4)
            check_tile(run, rows, inputs, rand);
}

/* ---- 16-bit layers ---- */

/* A layer of this precision; x and y are the caller's. */
typedef struct layer {
    int in, out;
    gsize rows;
    const float *w, *x;
    float *y;
} layer;

static void run_layer(const layer *l, jd_precision precision)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_engine) engine = jd_engine_new(1, NULL);
    g_autoptr(jd_pack) pack = jd_pack_open(NULL, "test");
    g_autoptr(jd_scratch) scratch = jd_scratch_new();
    const jd_linear_spec spec = {
        .name = "l", .weight = l->w, .in = l->in, .out = l->out, .precision = precision};
    jd_linear *linear = jd_linear_new(engine, pack, &spec, &error);
    g_assert_no_error(error);
    g_assert_true(jd_linear_run(linear, &(jd_linear_call){l->x, l->y, l->rows, scratch}, &error));
    jd_linear_free(linear);
}

static gboolean has_int16(void)
{
    if (jd_int16_supported(jd_product_isa()))
        return TRUE;
    g_test_skip("no 16-bit products on this CPU");
    return FALSE;
}

/* All codes are the largest there are: the sums come as near to 2^31 as they can. */
static void test_largest(void)
{
    static const int sizes[] = {1, 2, 3, 64, 384, 3072, 16384, 65536};
    if (!has_int16())
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        enum { OUT = 19, ROWS = 7 };
        const gsize in = (gsize)sizes[i];
        float *w = aligned(in * OUT * sizeof *w);
        float *x = aligned(in * ROWS * sizeof *x);
        float *y = aligned(ROWS * OUT * sizeof *y);
        for (gsize k = 0; k < in * OUT; k++)
            w[k] = k / in % 2 ? 0.25F : -0.25F;
        for (gsize k = 0; k < in * ROWS; k++)
            x[k] = 3;
        run_layer(&(layer){sizes[i], OUT, ROWS, w, x, y}, JD_PRECISION_INT16);
        for (int k = 0; k < OUT * ROWS; k++)
            g_assert_cmpfloat_with_epsilon(y[k] / (float)in, k % OUT % 2 ? 0.75F : -0.75F, 1e-6F);
        free(w);
        free(x);
        free(y);
    }
}

/* Rows of zeros and of tiny numbers, channels of zeros, and one number that towers over its row. */
static void test_uneven(void)
{
    enum { IN = 100, OUT = 33, ROWS = 5 };
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    float *w = aligned(IN * OUT * sizeof *w);
    float *x = aligned(IN * ROWS * sizeof *x);
    float *y = aligned(ROWS * OUT * sizeof *y);
    if (!has_int16())
        return;
    for (int k = 0; k < IN * OUT; k++)
        w[k] = k / IN == 4 ? 0 : (float)g_rand_double_range(rand, -1, 1);
    for (int k = 0; k < IN * ROWS; k++)
        x[k] = k / IN == 1 ? 0 : k / IN == 2 ? 1e-42F : (float)g_rand_double_range(rand, -1, 1);
    x[3 * IN + 50] = 100;
    run_layer(&(layer){IN, OUT, ROWS, w, x, y}, JD_PRECISION_INT16);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < OUT; c++) {
            double exact = 0;
            for (int k = 0; k < IN; k++)
                exact += (double)x[r * IN + k] * w[c * IN + k];
            g_assert_cmpfloat_with_epsilon(y[r * OUT + c], exact, r == 3 ? 0.1 : 0.005);
        }
    free(w);
    free(x);
    free(y);
}

/* ---- 8-bit products ---- */

/* Sums of the largest codes are exact, as far as a float holds them, which they pass through:
 * nothing is clipped on the way. */
static void check_sums(const jd_product_spec *spec, jd_product_engine *dnn, GRand *rand)
{
    const jd_int8_limits limits = jd_int8_codes(jd_product_isa());
    const gsize in = (gsize)spec->in;
    const gsize out = (gsize)spec->out;
    g_autoptr(GError) error = NULL;
    jd_product *product = jd_product_new(dnn, spec, &error);
    g_assert_no_error(error);
    guint8 *x = aligned(spec->rows * in);
    gint8 *w = aligned(out * in);
    gint32 *sums = aligned(spec->rows * out * sizeof *sums);
    void *packed = aligned(jd_product_packed_size(product));
    for (gsize i = 0; i < spec->rows * in; i++)
        x[i] = (guint8)abs(random_code(rand, limits.activations));
    for (gsize i = 0; i < out * in; i++)
        w[i] = (gint8)(i / in == 0   ? limits.weights
                       : i / in == 1 ? -limits.weights
                                     : random_code(rand, limits.weights));
    memset(x, limits.activations, in); /* the first row: all as large as can be */
    g_assert_true(jd_product_pack(dnn, product, w, packed, &error));
    g_assert_true(jd_product_run(
        dnn, product, &(jd_product_data){.src = x, .packed = packed, .dst = sums}, &error));
    for (gsize r = 0; r < spec->rows; r++)
        for (gsize c = 0; c < out; c++) {
            gint32 exact = 0;
            for (gsize k = 0; k < in; k++)
                exact += x[r * in + k] * w[c * in + k];
            g_assert_cmpint(ABS(sums[r * out + c] - exact), <=, ABS(exact) >> 24);
        }
    jd_product_free(product);
    free(x);
    free(w);
    free(sums);
    free(packed);
}

static void test_int8_sums(void)
{
    static const int inputs[] = {33, 64, 384, 3072};
    static const gsize rows[] = {1, 7, 65, 197};
    if (!jd_product_supports(JD_PRECISION_INT8)) {
        g_test_skip("no 8-bit products on this CPU");
        return;
    }
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    g_autoptr(GError) error = NULL;
    jd_product_engine *dnn = jd_product_engine_new(&error);
    for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++)
        for (gsize r = 0; r < G_N_ELEMENTS(rows); r++)
            check_sums(&(jd_product_spec){.rows = rows[r],
                                          .in = inputs[i],
                                          .out = 17 + (int)r * 32,
                                          .src = JD_NUMBER_U8,
                                          .weights = JD_NUMBER_S8,
                                          .dst = JD_NUMBER_S32,
                                          .threads = 1},
                       dnn, rand);
    jd_product_engine_free(dnn);
}

/* Codes use their range and stay in it, whatever the row holds. */
static void test_int8_codes(void)
{
    enum { N = 40 };
    static const float lows[] = {0, -1, -0.37F, -100, 5};
    static const float highs[] = {1, 0, 0.0003F, 100, 5};
    for (int limit = 100; limit <= 255; limit++)
        for (gsize i = 0; i < G_N_ELEMENTS(lows); i++) {
            float x[N];
            guint8 codes[N];
            float scale;
            float zero;
            for (int k = 0; k < N; k++)
                x[k] = lows[i] + (highs[i] - lows[i]) * (float)k / (N - 1);
            jd_int8_activations(x, 1, N, (jd_int8_rows){codes, &scale, &zero, limit});
            for (int k = 0; k < N; k++) {
                g_assert_cmpint(codes[k], <=, limit);
                g_assert_cmpfloat_with_epsilon(scale * ((float)codes[k] - zero), x[k],
                                               scale * 0.5001F);
            }
        }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/nn/int16/tile/avx2", "avx2", test_tiles);
    g_test_add_data_func("/nn/int16/tile/avx2_vnni", "avx2_vnni", test_tiles);
    g_test_add_data_func("/nn/int16/tile/avx512_core_vnni", "avx512_core_vnni", test_tiles);
    g_test_add_func("/nn/int16/largest", test_largest);
    g_test_add_func("/nn/int16/uneven", test_uneven);
    g_test_add_func("/nn/int8/sums", test_int8_sums);
    g_test_add_func("/nn/int8/codes", test_int8_codes);
    return g_test_run();
}
