/* Words and a picture together: ranks of both are fused, and only ranks. */
#include "retrieve/retrieve.h"
#include "retrieve/test_base.h"

#include <math.h>

enum { DIMENSION = 2, ITEMS = 4 };

static const test_item items[ITEMS] = {
    {JD_ITEM_IMAGE, "Birds", "A heron waits for fish.", 0, 50},
    {JD_ITEM_IMAGE, "Bridges", "An arch of stone.", 60, 90},
    {JD_ITEM_IMAGE, "Harbours", "A heron on the pier.", 100, 150},
    {JD_ITEM_IMAGE, "Roofs", "Slates and chimneys.", 160, 200},
};

/* i1 and i3 are of herons; i2 is most like the picture, then i3, i4, and i1 is its opposite. */
static const float vectors[ITEMS * DIMENSION] = {-1, 0, 1, 0, 0.8F, 0.6F, 0, 1};
static const float picture[DIMENSION] = {1, 0};

static void fill(test_base *base)
{
    const gint64 ids[ITEMS] = {1, 2, 3, 4};
    test_base_init(base);
    test_base_add(base, "Walks", items, ITEMS);
    test_base_add_vectors(
        base, "clip", DIMENSION,
        (jd_vectors){.kind = JD_ITEM_IMAGE, .ids = ids, .values = vectors, .n = ITEMS});
}

static jd_results *ask(test_base *base, const char *text, const jd_search_options *options)
{
    g_autoptr(GError) error = NULL;
    jd_query query = {.text = text, .picture = {.values = picture, .size = DIMENSION, .space = 1}};
    jd_results *results = jd_retrieve(base->store, &query, options, &error);
    g_assert_no_error(error);
    return results;
}

static void assert_ids(const GPtrArray *list, const char *expected)
{
    g_autoptr(GString) found = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(found, "%" G_GINT64_FORMAT " ",
                               ((const jd_evidence *)list->pdata[i])->item->id);
    g_assert_cmpstr(found->str, ==, expected);
}

static void test_ranks(void)
{
    test_base base;
    fill(&base);
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) results = ask(&base, "heron", &options);
    /* Both herons are found by both; i3 is second by the picture where i1 is last. What the words
     * have not found comes after them, the nearest first. */
    const GPtrArray *found = results->images;
    g_assert_cmpuint(found->len, ==, ITEMS);
    assert_ids(found, "3 1 2 4 ");
    const double cosines[] = {0.8, -1, 1, 0}; /* in that order */
    double before = 1;
    for (guint i = 0; i < ITEMS; i++) {
        const jd_evidence *evidence = found->pdata[i];
        g_assert_cmpint(evidence->rank, ==, (int)i + 1);
        g_assert_cmpfloat(fabs(evidence->dense - cosines[i]), <, 1e-6);
        g_assert_cmpfloat(evidence->score, <=, before);
        g_assert_true((evidence->score > 0.5) == !isnan(evidence->keyword));
        before = evidence->score;
    }
    g_assert_cmpuint(results->text->len, ==, 0);
    g_assert_cmpuint(results->terms->len, >, 0);
    test_base_clear(&base);
}

static void test_options(void)
{
    test_base base;
    fill(&base);
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.k_images = 3;
    g_autoptr(jd_results) few = ask(&base, "heron", &options);
    assert_ids(few->images, "3 1 2 ");
    options.threshold_images = 0.51;
    g_autoptr(jd_results) sure = ask(&base, "heron", &options);
    assert_ids(sure->images, "3 1 ");
    /* Words that nothing is about leave what the picture finds. */
    options.threshold_images = NAN;
    g_autoptr(jd_results) picture_alone = ask(&base, "quetzalcoatlus", &options);
    assert_ids(picture_alone->images, "2 3 4 ");
    test_base_clear(&base);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/mixed/ranks", test_ranks);
    g_test_add_func("/retrieve/mixed/options", test_options);
    return g_test_run();
}
