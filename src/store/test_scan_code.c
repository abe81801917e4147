/* int8 codes: products are exact, and what they prove about a cosine is true. */
#include "store/scan/code.h"
#include "store/scan/ids.h"
#include "store/scan/kernel.h"

#include <math.h>
#include <string.h>

/* ---- products ---- */

static gint8 any_code(GRand *random)
{
    return (gint8)g_rand_int_range(random, -127, 128);
}

/* Every kernel of this build that the processor supports, against 64-bit sums. */
static void check_kernels(gsize stride, gint16 largest, GRand *random)
{
    enum { ROWS = 11 }; /* four at once, twice, and three that are left */
    gint8 *rows = g_aligned_alloc(ROWS * stride, 1, 64);
    gint16 *query = g_aligned_alloc(stride, sizeof(gint16), 64);
    for (gsize i = 0; i < stride; i++)
        query[i] = (gint16)g_rand_int_range(random, -largest, largest + 1);
    for (gsize i = 0; i < ROWS * stride; i++)
        rows[i] = any_code(random);
    for (gsize i = 0; i < stride; i++) { /* the greatest and the least sums that there can be */
        rows[3 * stride + i] = rows[9 * stride + i] = query[i] < 0 ? -127 : 127;
        rows[4 * stride + i] = rows[10 * stride + i] = query[i] < 0 ? 127 : -127;
    }
    gsize n;
    const jd_scan_kernel *kernels = jd_scan_kernels(&n);
    const jd_scan_codes codes = {.codes = rows, .stride = stride, .rows = ROWS};
    for (gsize k = 0; k < n; k++) {
        gint32 dots[ROWS] = {0};
        if (!kernels[k].supported())
            continue;
        kernels[k].dots(&codes, query, dots);
        for (gsize r = 0; r < ROWS; r++) {
            gint64 sum = 0;
            for (gsize i = 0; i < stride; i++)
                sum += (gint64)query[i] * rows[r * stride + i];
            g_assert_cmpint(dots[r], ==, sum);
        }
    }
    g_aligned_free(rows);
    g_aligned_free(query);
}

static void test_kernels(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    gsize n;
    const jd_scan_kernel *kernels = jd_scan_kernels(&n);
    for (gsize k = 0; k < n; k++)
        g_test_message("%s: %s", kernels[k].name, kernels[k].supported() ? "tested" : "not here");
    g_assert_true(kernels[n - 1].supported());
    for (gsize stride = JD_SCAN_STEP; stride <= 8192; stride += JD_SCAN_STEP * 9) {
        gint64 largest = MIN(G_MAXINT16, G_MAXINT32 / (127 * (gint64)stride));
        check_kernels(stride, (gint16)largest, random);
    }
    check_kernels(8192, G_MAXINT32 / (127 * 8192), random);
}

/* ---- bounds ---- */

/* Ways of making vectors that are hard in some way. */
typedef enum way {
    GAUSS,
    CLOSE_TO_MEAN,
    ONE_LARGE,
    HUGE_NUMBERS,
    TINY,
    ZERO,
    EXACTLY_MEAN,
    WAYS
} way;

static float gauss(GRand *random)
{
    double u = 1 - g_rand_double(random), v = g_rand_double(random);
    return (float)(sqrt(-2 * log(u)) * cos(2 * G_PI * v));
}

static void fill(float *vector, gsize n, way how, const float *mean, GRand *random)
{
    for (gsize i = 0; i < n; i++)
        switch (how) {
        case GAUSS:
            vector[i] = gauss(random);
            break;
        case CLOSE_TO_MEAN:
            vector[i] = mean[i] + 1e-5F * gauss(random);
            break;
        case ONE_LARGE:
            vector[i] = i == n / 2 ? 1e6F : gauss(random);
            break;
        case HUGE_NUMBERS:
            vector[i] = 1e38F * (float)g_rand_double_range(random, -1, 1);
            break;
        case TINY:
            vector[i] = 1e-44F * (float)g_rand_int_range(random, -9, 10);
            break;
        case EXACTLY_MEAN:
            vector[i] = mean[i];
            break;
        default:
            vector[i] = 0;
        }
}

static void check_bound(const jd_scan_coder *coder, const jd_wide_query *wide,
                        const jd_scan_query *query, const float *vector)
{
    gsize stride = jd_scan_stride(coder->dimension);
    gint8 *row = g_aligned_alloc(stride, 1, 64);
    jd_scan_scale scale;
    gint32 dot;
    jd_scan_encode(coder, vector, row, &scale);
    for (gsize i = coder->dimension; i < stride; i++)
        g_assert_cmpint(row[i], ==, 0);
    g_assert_true(isfinite(scale.step) && isfinite(scale.residual));
    g_assert_cmpfloat(jd_scan_residual(coder, vector, row, (double)scale.step), <=,
                      (double)scale.residual + 1e-30);
    jd_scan_codes codes = {.codes = row, .stride = stride, .rows = 1};
    jd_scan_kernel_best()->dots(&codes, query->codes, &dot);
    jd_scan_bound bound = jd_scan_bound_of(query, scale, dot);
    double missed = fabs(jd_wide_query_cosine(wide, vector) - query->base - bound.middle);
    g_assert_cmpfloat(missed, <=, bound.width + query->slack);
    g_aligned_free(row);
}

static void test_bounds(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    const gsize dimensions[] = {1, 2, 3, 31, 32, 33, 384, 512, 1000, 8192};
    for (gsize d = 0; d < G_N_ELEMENTS(dimensions); d++) {
        gsize n = dimensions[d];
        g_autofree float *mean = g_new0(float, n), *vector = g_new(float, n);
        for (int common = 0; common < 2; common++) {
            if (common) /* a mean of length 1, the longest there can be */
                mean[n - 1] = 1;
            const jd_scan_coder coder = {.mean = mean, .dimension = n};
            for (int round = 0; round < (n > 1000 ? 3 : 20); round++) {
                g_auto(jd_wide_query) wide = {0};
                g_auto(jd_scan_query) query = {0};
                do
                    fill(vector, n, (way)g_rand_int_range(random, 0, ZERO), mean, random);
                while (jd_square_sum(vector, n) == 0);
                jd_wide_query_init(&wide, vector, n);
                jd_scan_query_init(&query, &coder, &wide);
                for (int how = 0; how < WAYS; how++) {
                    fill(vector, n, (way)how, mean, random);
                    check_bound(&coder, &wide, &query, vector);
                }
            }
        }
    }
}

/* Not only true: of ordinary vectors it is about as narrow as it can be. */
static void test_bounds_are_narrow(void)
{
    enum { N = 512 };
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    float mean[N] = {0}, vector[N];
    const jd_scan_coder coder = {.mean = mean, .dimension = N};
    g_auto(jd_wide_query) wide = {0};
    g_auto(jd_scan_query) query = {0};
    fill(vector, N, GAUSS, mean, random);
    jd_wide_query_init(&wide, vector, N);
    jd_scan_query_init(&query, &coder, &wide);
    g_assert_cmpfloat(query.slack, <, 1e-4);
    for (int i = 0; i < 100; i++) {
        gint8 codes[N];
        jd_scan_scale scale;
        fill(vector, N, GAUSS, mean, random);
        jd_scan_encode(&coder, vector, codes, &scale);
        g_assert_cmpfloat((double)scale.residual, <, 0.012);
        g_assert_cmpfloat((double)scale.residual, >, 0.004);
    }
}

/* ---- runs ---- */

static void test_runs(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(4);
    for (int round = 0; round < 300; round++) {
        gint64 rows[40], passing[60];
        gsize n = 0, m = 0, seen = 0;
        gboolean wanted[200] = {FALSE};
        for (gint64 id = 1; id < 100 && n < 40; id += g_rand_int_range(random, 1, 4))
            rows[n++] = id + 50;
        for (gint64 id = 40; id < 170 && m < 60; id += g_rand_int_range(random, 1, 6))
            passing[m++] = id;
        for (gsize i = 0; i < n; i++)
            wanted[rows[i]] = jd_scan_ids_contain((jd_scan_ids){passing, m}, rows[i]);
        const jd_scan_ids pass = {passing, m};
        jd_scan_run run = {0};
        for (gsize last = 0; jd_scan_run_next(&run, (jd_scan_ids){rows, n}, &pass); seen++) {
            g_assert_true(seen == 0 || run.first > last); /* neighbours are one run */
            for (gsize i = run.first; i < run.first + run.rows; i++) {
                g_assert_true(wanted[rows[i]]);
                wanted[rows[i]] = FALSE;
            }
            last = run.first + run.rows;
        }
        for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
            g_assert_false(wanted[i]);
        run = (jd_scan_run){0};
        g_assert_true(jd_scan_run_next(&run, (jd_scan_ids){rows, n}, NULL));
        g_assert_cmpuint(run.rows, ==, n);
        g_assert_false(jd_scan_run_next(&run, (jd_scan_ids){rows, n}, NULL));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/scan/kernels", test_kernels);
    g_test_add_func("/store/scan/bounds", test_bounds);
    g_test_add_func("/store/scan/narrow", test_bounds_are_narrow);
    g_test_add_func("/store/scan/runs", test_runs);
    return g_test_run();
}
