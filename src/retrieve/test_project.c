#include "retrieve/project.h"

#include <math.h>

/* An ellipse in a plane that lies askew in 50 dimensions, with a little noise. */
static float *askew(gsize n, gsize dimension)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(11);
    float *rows = g_new(float, n *dimension);
    for (gsize i = 0; i < n; i++) {
        double angle = 2 * G_PI * (double)i / (double)n;
        for (gsize d = 0; d < dimension; d++) {
            double u = d % 2 ? -1 : 1, v = d % 4 < 2 ? 1 : -1; /* orthogonal, of equal length */
            rows[i * dimension + d] = (float)(7 + 5 * cos(angle) * u + 2 * sin(angle) * v +
                                              g_rand_double_range(random, -0.01, 0.01));
        }
    }
    return rows;
}

static void test_finds_the_plane(void)
{
    const gsize n = 400, dimension = 48;
    g_autofree float *rows = askew(n, dimension);
    g_auto(jd_projection) found = {0};
    g_assert_true(jd_project(rows, n, dimension, &found, NULL));
    double length = sqrt((double)dimension), mean[2] = {0};
    for (gsize i = 0; i < n; i++) {
        double angle = 2 * G_PI * (double)i / (double)n;
        g_assert_cmpfloat_with_epsilon(fabs(found.points[2 * i]), fabs(5 * length * cos(angle)),
                                       0.1);
        g_assert_cmpfloat_with_epsilon(fabs(found.points[2 * i + 1]), fabs(2 * length * sin(angle)),
                                       0.1);
        mean[0] += found.points[2 * i];
        mean[1] += found.points[2 * i + 1];
    }
    g_assert_cmpfloat_with_epsilon(mean[0], 0, 1e-3);
    g_assert_cmpfloat_with_epsilon(mean[1], 0, 1e-3);
    g_assert_cmpfloat_with_epsilon(found.variance[0], 25.0 / 29, 1e-3);
    g_assert_cmpfloat_with_epsilon(found.variance[1], 4.0 / 29, 1e-3);
}

static void test_is_always_alike(void)
{
    const gsize n = 60, dimension = 48;
    g_autofree float *rows = askew(n, dimension);
    g_auto(jd_projection) one = {0}, two = {0};
    g_assert_true(jd_project(rows, n, dimension, &one, NULL) &&
                  jd_project(rows, n, dimension, &two, NULL));
    g_assert_cmpmem(one.points, 2 * n * sizeof(double), two.points, 2 * n * sizeof(double));
}

/* Fewer directions than two, and no spread at all. */
static void test_little(void)
{
    const float same[] = {1, 2, 3, 1, 2, 3}, line[] = {1, 2, 4}, one[] = {3, 4};
    g_auto(jd_projection) flat = {0}, along = {0}, single = {0}, none = {0};
    g_assert_true(jd_project(same, 2, 3, &flat, NULL));
    for (int i = 0; i < 4; i++)
        g_assert_cmpfloat_with_epsilon(flat.points[i], 0, 1e-12);
    g_assert_true(jd_project(line, 3, 1, &along, NULL));
    g_assert_cmpfloat_with_epsilon(along.points[4] - along.points[0], 3, 1e-9);
    g_assert_cmpfloat(along.points[1], ==, 0);
    g_assert_cmpfloat_with_epsilon(along.variance[0], 1, 1e-9);
    g_assert_true(jd_project(one, 1, 2, &single, NULL));
    g_assert_cmpfloat_with_epsilon(single.points[0], 0, 1e-12);
    g_assert_true(jd_project(NULL, 0, 0, &none, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/project/plane", test_finds_the_plane);
    g_test_add_func("/retrieve/project/alike", test_is_always_alike);
    g_test_add_func("/retrieve/project/little", test_little);
    return g_test_run();
}
