/* Dot products and the k best. */
#include "store/dot.h"
#include "store/topk.h"

#include <math.h>

/* ---- dot products ---- */

static void fill(float *values, gsize n, GRand *random)
{
    for (gsize i = 0; i < n; i++)
        values[i] = (float)g_rand_double_range(random, -10, 10);
}

static void test_dot_against_long_double(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    const gsize sizes[] = {0, 1, 3, 4, 15, 16, 17, 31, 384, 512, 513, 8192};
    float query[8192], vector[8192];
    double wide[8192];
    for (gsize s = 0; s < G_N_ELEMENTS(sizes); s++) {
        gsize n = sizes[s];
        fill(query, n, random);
        fill(vector, n, random);
        long double expected = 0, size = 0;
        for (gsize i = 0; i < n; i++) {
            wide[i] = query[i];
            expected += (long double)query[i] * vector[i];
            size += fabsl((long double)query[i] * vector[i]);
        }
        const jd_dot_fn functions[] = {jd_dot_portable, jd_dot_best()};
        for (gsize f = 0; f < G_N_ELEMENTS(functions); f++)
            g_assert_cmpfloat_with_epsilon(functions[f](wide, vector, n), (double)expected,
                                           (double)size * 1e-15 + 1e-300);
        long double squares = 0;
        for (gsize i = 0; i < n; i++)
            squares += (long double)vector[i] * vector[i];
        g_assert_cmpfloat_with_epsilon(jd_square_sum(vector, n), (double)squares,
                                       (double)squares * 1e-14 + 1e-300);
    }
}

/* A float sum would lose the small terms. */
static void test_dot_keeps_small_terms(void)
{
    float vector[33] = {1e8F};
    double query[33] = {1};
    for (int i = 1; i < 33; i++) {
        vector[i] = 0.25F;
        query[i] = 1;
    }
    g_assert_cmpfloat(jd_dot_best()(query, vector, 33), ==, 1e8 + 8);
    g_assert_cmpfloat(jd_dot_portable(query, vector, 33), ==, 1e8 + 8);
}

/* ---- the k best ---- */

static int compare_reference(gconstpointer a, gconstpointer b)
{
    const jd_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void test_topk_equals_sorting(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    for (gsize k = 0; k <= 60; k += 3) {
        g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(jd_hit));
        g_auto(jd_topk) top = {0};
        jd_topk_init(&top, k);
        for (gint64 i = 0; i < 50; i++) {
            /* Few different scores: many ties. */
            jd_hit scored = {g_rand_int_range(random, 0, 1000) * 50 + i,
                             g_rand_int_range(random, 0, 8)};
            g_array_append_val(all, scored);
            jd_topk_add(&top, scored.id, scored.score);
        }
        g_array_sort(all, compare_reference);
        g_autoptr(GArray) best = jd_topk_take(&top);
        g_assert_cmpuint(best->len, ==, MIN(k, 50));
        for (guint i = 0; i < best->len; i++)
            g_assert_cmpint(g_array_index(best, jd_hit, i).id, ==,
                            g_array_index(all, jd_hit, i).id);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/dot/reference", test_dot_against_long_double);
    g_test_add_func("/store/dot/small", test_dot_keeps_small_terms);
    g_test_add_func("/store/topk", test_topk_equals_sorting);
    return g_test_run();
}
