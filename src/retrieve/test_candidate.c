#include "retrieve/candidate.h"

typedef struct item_spec {
    gint64 id, document, start, end;
    double relevance;
    const char *text, *section, *sha256;
    int page;
} item_spec;

static jd_item *make(jd_item_kind kind, const item_spec *spec)
{
    jd_item *item = jd_item_new(kind);
    item->id = spec->id;
    item->document = jd_document_info_new();
    item->document->id = spec->document;
    item->start = spec->start;
    item->end = spec->end;
    item->page = spec->page;
    item->text = g_strdup(spec->text);
    item->sha256 = g_strdup(spec->sha256);
    g_strfreev(item->section);
    item->section = g_strsplit(spec->section ? spec->section : "", "|", -1);
    return item;
}

static GPtrArray *make_list(jd_item_kind kind, const item_spec *specs, gsize n)
{
    GPtrArray *list = jd_candidates_new();
    for (gsize i = 0; i < n; i++)
        jd_candidates_add(list, make(kind, &specs[i]))->relevance = specs[i].relevance;
    return list;
}

static void assert_ids(const GPtrArray *list, const gint64 *ids, guint n)
{
    g_assert_cmpuint(list->len, ==, n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpint(((jd_candidate *)list->pdata[i])->item->id, ==, ids[i]);
}

static void test_sort(void)
{
    const item_spec specs[] = {{.id = 3, .relevance = 0.5},
                               {.id = 1, .relevance = 0.2},
                               {.id = 2, .relevance = 0.5},
                               {.id = 4, .relevance = 0.9}};
    g_autoptr(GPtrArray) list = make_list(JD_ITEM_TEXT, specs, 4);
    jd_candidates_sort(list);
    assert_ids(list, (gint64[]){4, 2, 3, 1}, 4);
}

static void test_duplicate_chunks(void)
{
    const item_spec specs[] = {
        {.id = 1, .document = 1, .start = 0, .end = 100, .text = "one"},
        {.id = 2, .document = 1, .start = 40, .end = 140, .text = "overlaps by 60"},
        {.id = 3, .document = 1, .start = 90, .end = 190, .text = "overlaps by 10"},
        {.id = 4, .document = 2, .start = 0, .end = 100, .text = "elsewhere"},
        {.id = 5, .document = 3, .start = -1, .end = -1, .text = " one\n"},
        {.id = 6, .document = 3, .start = -1, .end = -1, .text = "unknown place"},
        {.id = 7, .document = 1, .start = 95, .end = 105, .text = "inside 3, a tenth"}};
    g_autoptr(GPtrArray) list = make_list(JD_ITEM_TEXT, specs, G_N_ELEMENTS(specs));
    jd_candidates_drop_duplicates(list);
    assert_ids(list, (gint64[]){1, 3, 4, 6}, 4);
}

static void test_duplicate_pictures(void)
{
    const item_spec specs[] = {{.id = 1, .document = 1, .sha256 = "aa", .start = 0, .end = 9},
                               {.id = 2, .document = 2, .sha256 = "aa"},
                               {.id = 3, .document = 1, .sha256 = "bb", .start = 0, .end = 9},
                               {.id = 4, .document = 1},
                               {.id = 5, .document = 1}};
    g_autoptr(GPtrArray) list = make_list(JD_ITEM_IMAGE, specs, G_N_ELEMENTS(specs));
    jd_candidates_drop_duplicates(list);
    assert_ids(list, (gint64[]){1, 3, 4, 5}, 4);
}

/* A picture's relevance after lifting, by id; -1 where it is not among the candidates. */
static double lifted(const GPtrArray *images, gint64 id)
{
    for (guint i = 0; i < images->len; i++) {
        const jd_candidate *image = images->pdata[i];
        if (image->item->id == id)
            return image->relevance;
    }
    return -1;
}

static void test_pictures_beside_chunks(void)
{
    const item_spec chunk_specs[] = {
        {.id = 1, .document = 1, .start = 1000, .end = 2000, .section = "A", .relevance = 0.8},
        {.id = 2, .document = 2, .start = -1, .end = -1, .page = 3, .relevance = 0.5},
        {.id = 3, .document = 3, .start = -1, .end = -1, .relevance = 0.5}};
    const item_spec image_specs[] = {
        {.id = 1, .document = 1, .start = 2000, .end = 2100, .section = "A", .relevance = 0.4},
        {.id = 2, .document = 1, .start = 2000, .end = 2100, .section = "B", .relevance = 0.4}};
    const item_spec picture_specs[] = {
        {.id = 1, .document = 1, .start = 2000, .end = 2100, .section = "A"},
        {.id = 3, .document = 1, .start = 3500, .end = 3600, .section = "A"},
        {.id = 4, .document = 1, .start = 1000, .end = 1100, .section = "B"},
        {.id = 5, .document = 2, .start = -1, .end = -1, .page = 3},
        {.id = 6, .document = 2, .start = -1, .end = -1, .page = 4},
        {.id = 7, .document = 3, .start = -1, .end = -1}};
    g_autoptr(GPtrArray) chunks = make_list(JD_ITEM_TEXT, chunk_specs, 3);
    g_autoptr(GPtrArray) images = make_list(JD_ITEM_IMAGE, image_specs, 2);
    g_autoptr(GPtrArray) pictures = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    for (gsize i = 0; i < G_N_ELEMENTS(picture_specs); i++)
        g_ptr_array_add(pictures, make(JD_ITEM_IMAGE, &picture_specs[i]));
    jd_candidates_lift_pictures(images, chunks, pictures);
    const double expected[] = {0,
                               1 - 0.6 * (1 - 0.8 * 0.75), /* touches the chunk */
                               0.4,                        /* another section */
                               0.8 * 0.75 / 2,             /* 1500 bytes off */
                               -1,                         /* another section, no words */
                               0.5 * 0.75,                 /* the same page */
                               0.5 * 0.75 / 3,             /* the next page */
                               0.5 * 0.4};                 /* no places known */
    for (gint64 id = 1; id <= 7; id++)
        g_assert_cmpfloat_with_epsilon(lifted(images, id), expected[id], 1e-12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/candidate/sort", test_sort);
    g_test_add_func("/retrieve/candidate/chunks", test_duplicate_chunks);
    g_test_add_func("/retrieve/candidate/pictures", test_duplicate_pictures);
    g_test_add_func("/retrieve/candidate/beside", test_pictures_beside_chunks);
    return g_test_run();
}
