/* The loops for particular CPUs give the bits of those that run everywhere; Pillow's own are
 * compared in tests/test_pictures.py. */
#include "read/worker/resize_kernel.h"

#include <string.h>

static guint8 *noise(gsize size)
{
    guint8 *bytes = g_malloc(size);
    for (gsize i = 0; i < size; i++)
        bytes[i] = (guint8)(g_test_rand_int() >> 7);
    return bytes;
}

static void test_filters_agree(void)
{
    static const jd_kernel_side sides[] = {{640, 224, 0, 224}, {4000, 7, 2, 3},
                                           {7, 100, 0, 100},   {1, 5, 0, 5},
                                           {130, 129, 0, 129}, {30000, 1, 0, 1}};
    jd_resize_filters portable = jd_resize_filters_portable();
    jd_resize_filters best = jd_resize_filters_best();
    for (gsize i = 0; i < G_N_ELEMENTS(sides); i++) {
        g_auto(jd_kernel) kernel = {0};
        g_assert_true(jd_kernel_init(&kernel, &sides[i]));
        gsize stride = 4 * 67;
        g_autofree guint8 *in = noise((gsize)sides[i].in * stride);
        gsize size = MAX((gsize)sides[i].count * 4, stride);
        g_autofree guint8 *expected = g_malloc0(size);
        g_autofree guint8 *got = g_malloc0(size);
        portable.row(&kernel, in, expected);
        best.row(&kernel, in, got);
        g_assert_cmpmem(got, (gsize)sides[i].count * 4, expected, (gsize)sides[i].count * 4);
        for (int y = 0; y < MIN(sides[i].count, 5); y++) {
            portable.column(&kernel, y, in + kernel.first[y] * stride, stride, expected);
            best.column(&kernel, y, in + kernel.first[y] * stride, stride, got);
            g_assert_cmpmem(got, stride, expected, stride);
        }
    }
}

/* An even colour stays what it is, whatever the sizes. */
static void test_even_colour(void)
{
    for (int in = 1; in < 300; in += 7) {
        for (int out = 1; out < 300; out += 11) {
            g_auto(jd_kernel) kernel = {0};
            const jd_kernel_side side = {in, out, 0, out};
            g_assert_true(jd_kernel_init(&kernel, &side));
            guint8 row[300 * 4];
            guint8 result[300 * 4];
            memset(row, 200, sizeof row);
            jd_resize_filters_best().row(&kernel, row, result);
            for (int x = 0; x < out * 4; x++)
                g_assert_cmpint(result[x], ==, 200);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/resize/filters", test_filters_agree);
    g_test_add_func("/read/resize/even", test_even_colour);
    return g_test_run();
}
