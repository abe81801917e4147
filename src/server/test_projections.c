/* Maps are kept under what they were made of. */
#include "base/limits.h"
#include "server/projections.h"

#include <string.h>

#define ROWS 40
#define DIMENSION 16

/* Rows of which each seed has its own. */
static void fill(float *values, guint32 seed)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    for (int i = 0; i < ROWS * DIMENSION; i++)
        values[i] = (float)g_rand_double_range(random, -1, 1);
}

static void check(jd_projections *projections, const float *values)
{
    const jd_rows rows = {.values = values, .n = ROWS, .dimension = DIMENSION};
    g_auto(jd_projection) expected = {0}, got = {0};
    g_assert_true(jd_project(values, ROWS, DIMENSION, &expected, NULL));
    g_assert_true(jd_projections_get(projections, &rows, &got, NULL));
    g_assert_cmpmem(got.points, ROWS * 2 * sizeof(double), expected.points,
                    ROWS * 2 * sizeof(double));
    g_assert_cmpfloat(got.variance[0], ==, expected.variance[0]);
    g_assert_cmpfloat(got.variance[1], ==, expected.variance[1]);
}

/* Whatever is asked for in whichever order, more than are kept. */
static void test_as_if_made_anew(void)
{
    g_autoptr(jd_projections) projections = jd_projections_new();
    float values[ROWS * DIMENSION];
    for (guint32 i = 0; i < 3 * JD_MAP_CACHED; i++) {
        fill(values, i % (JD_MAP_CACHED + 2));
        check(projections, values);
        check(projections, values);
    }
    values[ROWS * DIMENSION - 1] += 1; /* the last number counts, too */
    check(projections, values);
}

/* The same numbers in another shape are other rows. */
static void test_the_shape_counts(void)
{
    g_autoptr(jd_projections) projections = jd_projections_new();
    float values[ROWS * DIMENSION];
    fill(values, 1);
    check(projections, values);
    const jd_rows wide = {.values = values, .n = ROWS / 2, .dimension = DIMENSION * 2};
    g_auto(jd_projection) expected = {0}, got = {0};
    g_assert_true(jd_project(values, wide.n, wide.dimension, &expected, NULL));
    g_assert_true(jd_projections_get(projections, &wide, &got, NULL));
    g_assert_cmpmem(got.points, wide.n * 2 * sizeof(double), expected.points,
                    wide.n * 2 * sizeof(double));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/server/projections/as-if-made-anew", test_as_if_made_anew);
    g_test_add_func("/server/projections/the-shape-counts", test_the_shape_counts);
    return g_test_run();
}
