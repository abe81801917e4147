/* What a scan over codes leaves holds the nearest, also where the codes are as wrong as they can
 * be. */
#include "store/scan/nearest.h"
#include "store/test_util.h"

#include <math.h>
#include <string.h>

enum { CAPACITY = 4, BLOCKS = 600, ROWS = CAPACITY * BLOCKS, QUERIES = 3 };

/* Blocks of vectors in a cache of their own; ids are 3, 6, 9, ... */
typedef struct base {
    char *folder;
    gsize dimension;
    float *vectors; /* ROWS x dimension */
    jd_scan_cache *cache;
    int slots[BLOCKS];
} base;

static float gauss(GRand *random)
{
    double u = 1 - g_rand_double(random), v = g_rand_double(random);
    return (float)(sqrt(-2 * log(u)) * cos(2 * G_PI * v));
}

/* In few dimensions a code's error often points where the question points, and with all vectors
 * close to each other the errors decide who is nearest. */
static void fill(base *b, double spread, GRand *random)
{
    const gsize n = b->dimension;
    g_autofree float *centre = g_new(float, n);
    for (gsize i = 0; i < n; i++)
        centre[i] = gauss(random);
    for (gsize row = 0; row < ROWS; row++) {
        float *vector = b->vectors + row * n;
        if (row > 0 && g_rand_int_range(random, 0, 20) == 0) { /* a twin */
            memcpy(vector, vector - n, n * sizeof(float));
            continue;
        }
        for (gsize i = 0; i < n; i++)
            vector[i] = centre[i] + (float)spread * gauss(random);
        if (g_rand_int_range(random, 0, 50) == 0)
            memset(vector, 0, n * sizeof(float));
    }
}

static void write_cache(base *b, gboolean with_mean)
{
    g_autofree float *mean = g_new0(float, b->dimension);
    double norm = sqrt(jd_square_sum(b->vectors, b->dimension));
    for (gsize i = 0; i < b->dimension && with_mean && norm > 0; i++)
        mean[i] = (float)(0.9 * b->vectors[i] / norm);
    g_assert_true(jd_scan_cache_begin(b->cache, &(jd_scan_start){.mean = mean}));
    for (int block = 0; block < BLOCKS; block++) {
        gint64 ids[CAPACITY];
        gsize first = (gsize)block * CAPACITY;
        for (gsize i = 0; i < CAPACITY; i++)
            ids[i] = 3 * (gint64)(first + i + 1);
        jd_scan_rows rows = {.block = block + 1,
                             .ids = ids,
                             .vectors = b->vectors + first * b->dimension,
                             .n = CAPACITY};
        g_assert_true(jd_scan_cache_add(b->cache, &rows));
    }
    jd_scan_cache_end(b->cache);
    g_assert_true(jd_scan_cache_hold(b->cache));
    for (int block = 0; block < BLOCKS; block++)
        b->slots[block] = jd_scan_cache_find(b->cache, block + 1);
}

static base *base_new(gsize dimension, double spread, GRand *random)
{
    base *b = g_new0(base, 1);
    b->folder = test_folder_new();
    b->dimension = dimension;
    b->vectors = g_new(float, ROWS *dimension);
    g_autofree char *path = g_build_filename(b->folder, "cache", NULL);
    b->cache = jd_scan_cache_new(&(jd_scan_options){
        .path = path, .mode = 0600, .dimension = dimension, .capacity = CAPACITY});
    fill(b, spread, random);
    write_cache(b, g_rand_boolean(random));
    return b;
}

static void base_free(base *b)
{
    jd_scan_cache_free(b->cache);
    test_folder_free(b->folder);
    g_free(b->vectors);
    g_free(b);
}

static const float *vector_of(const base *b, gint64 id)
{
    return b->vectors + ((gsize)id / 3 - 1) * b->dimension;
}

static int better_first(gconstpointer a, gconstpointer b)
{
    const jd_hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* All that may be found, best first. */
static GArray *rank(const base *b, const jd_wide_query *query, const jd_scan_search *search)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(jd_hit));
    for (gint64 id = 3; id <= 3 * ROWS; id += 3) {
        jd_hit hit = {.id = id, .score = jd_wide_query_cosine(query, vector_of(b, id))};
        if (id != search->except && (!search->passing || jd_scan_ids_contain(*search->passing, id)))
            g_array_append_val(all, hit);
    }
    g_array_sort(all, better_first);
    return all;
}

static gboolean holds(const GArray *candidates, gint64 id)
{
    for (guint i = 0; i < candidates->len; i++)
        if (g_array_index(candidates, jd_scan_candidate, i).id == id)
            return TRUE;
    return FALSE;
}

static void check(const base *b, const jd_wide_query *query, const jd_scan_search *search,
                  const GArray *candidates)
{
    g_autoptr(GArray) wanted = rank(b, query, search);
    for (guint i = 0; i < MIN(search->k, wanted->len); i++)
        g_assert_true(holds(candidates, g_array_index(wanted, jd_hit, i).id));
    for (guint i = 0; i < candidates->len; i++) {
        const jd_scan_candidate *one = &g_array_index(candidates, jd_scan_candidate, i);
        g_assert_cmpfloat(jd_wide_query_cosine(query, vector_of(b, one->id)), <=, one->most);
        g_assert_true(i == 0 || one->most <= (one - 1)->most);
        g_assert_true(!search->passing || jd_scan_ids_contain(*search->passing, one->id));
        g_assert_cmpint(one->id, !=, search->except);
    }
}

static void search_once(const base *b, GRand *random)
{
    jd_wide_query wide[QUERIES];
    jd_scan_query codes[QUERIES];
    gint64 some[200];
    gsize n = 0;
    const jd_scan_coder coder = jd_scan_cache_coder(b->cache);
    for (gint64 id = 1; n < G_N_ELEMENTS(some); id += g_rand_int_range(random, 1, 60))
        some[n++] = id; /* not all of them are there */
    for (int q = 0; q < QUERIES; q++) {
        g_autofree float *question = g_new(float, b->dimension);
        for (gsize i = 0; i < b->dimension; i++)
            question[i] = gauss(random) + b->vectors[i];
        jd_wide_query_init(&wide[q], question, b->dimension);
        jd_scan_query_init(&codes[q], &coder, &wide[q]);
    }
    const jd_scan_ids passing = {some, n};
    jd_scan_search search = {.cache = b->cache,
                             .slots = b->slots,
                             .slot_count = BLOCKS,
                             .queries = codes,
                             .query_count = QUERIES,
                             .k = (gsize)g_rand_int_range(random, 0, 30),
                             .passing = g_rand_boolean(random) ? &passing : NULL,
                             .except = 3 * g_rand_int_range(random, 0, ROWS),
                             .threads = g_rand_int_range(random, 1, 4)};
    g_auto(jd_scan_found) found = {0};
    jd_scan_nearest(&search, &found);
    g_assert_cmpuint(found.damaged->len, ==, 0);
    for (int q = 0; q < QUERIES; q++) {
        check(b, &wide[q], &search, found.candidates[q]);
        jd_wide_query_clear(&wide[q]);
        jd_scan_query_clear(&codes[q]);
    }
}

static void test_holds_the_nearest(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    const gsize dimensions[] = {1, 2, 3, 4, 8, 70};
    for (gsize d = 0; d < G_N_ELEMENTS(dimensions); d++)
        for (double spread = 1; spread > 1e-5; spread /= 20) {
            base *b = base_new(dimensions[d], spread, random);
            for (int i = 0; i < 15; i++)
                search_once(b, random);
            base_free(b);
        }
}

/* Of ordinary vectors few are left. */
static void test_leaves_few(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed(2);
    base *b = base_new(384, 1, random);
    const jd_scan_coder coder = jd_scan_cache_coder(b->cache);
    g_auto(jd_wide_query) wide = {0};
    g_auto(jd_scan_query) codes = {0};
    g_auto(jd_scan_found) found = {0};
    jd_wide_query_init(&wide, vector_of(b, 300), b->dimension);
    jd_scan_query_init(&codes, &coder, &wide);
    jd_scan_search search = {.cache = b->cache,
                             .slots = b->slots,
                             .slot_count = BLOCKS,
                             .queries = &codes,
                             .query_count = 1,
                             .k = 10,
                             .threads = 2};
    jd_scan_nearest(&search, &found);
    g_assert_cmpuint(found.candidates[0]->len, >=, 10);
    g_assert_cmpuint(found.candidates[0]->len, <, 100);
    base_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/scan/holds", test_holds_the_nearest);
    g_test_add_func("/store/scan/few", test_leaves_few);
    return g_test_run();
}
