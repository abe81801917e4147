/* Fusing two scores, and what the result means. */
#include "retrieve/fuse.h"

#include <math.h>

static const jd_cosine_scale scale = {.middle = 0.35, .width = 0.07};

static GArray *fuse(const jd_fuse_item *items, gsize n)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(jd_fuse_item));
    g_array_append_vals(list, items, (guint)n);
    jd_fuse(list, &scale);
    return list;
}

static const jd_fuse_item *at(const GArray *list, guint i)
{
    return &g_array_index(list, jd_fuse_item, i);
}

static void test_order(void)
{
    /* By hand: .6 (c - .1) / .6 + .4 s / 10. */
    const jd_fuse_item items[] = {
        {.id = 1, .dense = 0.1, .keyword = 10, .words = 0.7}, /* 0 + .4 */
        {.id = 2, .dense = 0.7, .keyword = NAN},              /* .6 + 0 */
        {.id = 3, .dense = 0.4, .keyword = 8, .words = 0.6},  /* .3 + .32 */
        {.id = 4, .dense = NAN, .keyword = 5, .words = 0.5},  /* no vector: .5 */
        {.id = 6, .dense = 0.4, .keyword = NAN},              /* .3 */
        {.id = 5, .dense = 0.4, .keyword = NAN},              /* the same: the lower id first */
    };
    const gint64 order[] = {3, 2, 4, 1, 5, 6};
    const double fused[] = {0.62, 0.6, 0.5, 0.4, 0.3, 0.3};
    g_autoptr(GArray) list = fuse(items, G_N_ELEMENTS(items));
    for (guint i = 0; i < list->len; i++) {
        g_assert_cmpint(at(list, i)->id, ==, order[i]);
        g_assert_cmpfloat_with_epsilon(at(list, i)->fused, fused[i], 1e-12);
    }
}

static void test_relevance(void)
{
    g_assert_cmpfloat(jd_fuse_relevance(0.35, 0.5, &scale), ==, 0.5);
    /* Neither side alone makes what the other knows nothing of relevant, unless it is very sure. */
    g_assert_cmpfloat(jd_fuse_relevance(0.45, 0, &scale), <, 0.5);
    g_assert_cmpfloat(jd_fuse_relevance(0.55, 0, &scale), >, 0.5);
    g_assert_cmpfloat(jd_fuse_relevance(0.1, 0.8, &scale), <, 0.5);
    g_assert_cmpfloat(jd_fuse_relevance(0.3, 0.8, &scale), >, 0.5);
    g_assert_cmpfloat(jd_fuse_relevance(NAN, 0.8, &scale), ==, 0.8);
    double last = 0;
    for (double cosine = -1; cosine <= 1; cosine += 0.01) {
        double now = jd_fuse_relevance(cosine, 0.4, &scale);
        g_assert_true(now > last && now <= 1);
        last = now;
    }
    g_assert_cmpfloat(jd_fuse_relevance(0.4, 0.6, &scale), >, jd_fuse_relevance(0.4, 0.5, &scale));
}

static void test_falling(void)
{
    /* The first in order is the less relevant one: both get the mean. */
    const jd_fuse_item items[] = {
        {.id = 1, .dense = 0.40, .keyword = 10, .words = 0.1},
        {.id = 2, .dense = 0.41, .keyword = 9, .words = 0.9},
        {.id = 3, .dense = 0.2, .keyword = 1, .words = 0.1},
    };
    double mean = (jd_fuse_relevance(0.40, 0.1, &scale) + jd_fuse_relevance(0.41, 0.9, &scale)) / 2;
    g_autoptr(GArray) list = fuse(items, G_N_ELEMENTS(items));
    g_assert_cmpint(at(list, 0)->id, ==, 1);
    g_assert_cmpfloat_with_epsilon(at(list, 0)->relevance, mean, 1e-12);
    g_assert_cmpfloat_with_epsilon(at(list, 1)->relevance, mean, 1e-12);
    g_assert_cmpfloat(at(list, 2)->relevance, ==, jd_fuse_relevance(0.2, 0.1, &scale));
}

/* Whatever comes in: in [0,1], never rising, the sum of a pooled list kept. */
static void test_random(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    for (int round = 0; round < 200; round++) {
        jd_fuse_item items[40];
        int n = g_rand_int_range(random, 0, G_N_ELEMENTS(items));
        double sum = 0, after = 0;
        for (int i = 0; i < n; i++) {
            gboolean word = g_rand_boolean(random);
            items[i] = (jd_fuse_item){
                .id = i,
                .dense = g_rand_int_range(random, 0, 8) ? g_rand_double_range(random, -1, 1) : NAN,
                .keyword = word ? g_rand_double_range(random, 0, 30) : NAN,
                .words = word ? g_rand_double(random) : 0};
            sum += jd_fuse_relevance(items[i].dense, items[i].words, &scale);
        }
        g_autoptr(GArray) list = fuse(items, (gsize)n);
        for (int i = 0; i < n; i++) {
            const jd_fuse_item *item = at(list, (guint)i);
            after += item->relevance;
            g_assert_true(item->relevance >= 0 && item->relevance <= 1);
            g_assert_true(item->fused >= 0 && item->fused <= 1);
            g_assert_true(i == 0 || item->relevance <= at(list, (guint)i - 1)->relevance);
        }
        g_assert_cmpfloat_with_epsilon(sum, after, 1e-9);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/fuse/order", test_order);
    g_test_add_func("/retrieve/fuse/relevance", test_relevance);
    g_test_add_func("/retrieve/fuse/falling", test_falling);
    g_test_add_func("/retrieve/fuse/random", test_random);
    return g_test_run();
}
