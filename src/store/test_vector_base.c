#include "store/test_vector_base.h"

#include "store/sqlite/vector_set.h"

#include <string.h>

static float *vector_of(const vector_base *base, gint64 id)
{
    return &g_array_index(base->vectors, float, id *VECTOR_DIMENSION);
}

static gboolean has_vector(const vector_base *base, gint64 id)
{
    return (gsize)id * VECTOR_DIMENSION < base->vectors->len && !isnan(vector_of(base, id)[0]);
}

static gint64 ids_end(const vector_base *base)
{
    return (gint64)base->vectors->len / VECTOR_DIMENSION;
}

/* ---- making it ---- */

static void make_vector(vector_base *base, gint64 id, float *vector)
{
    GRand *random = base->random;
    int kind = g_rand_int_range(random, 0, 40);
    float centre = (float)(id % 5) / 4, scale = 1;
    if (kind == 0 && id > 10 && has_vector(base, id - 7)) { /* a twin */
        memcpy(vector, vector_of(base, id - 7), VECTOR_DIMENSION * sizeof(float));
        return;
    }
    if (kind == 1)
        scale = 0;
    else if (kind == 2)
        scale = 1e36F;
    else if (kind == 3)
        scale = 1e-42F;
    for (int i = 0; i < VECTOR_DIMENSION; i++)
        vector[i] =
            scale * (1 + centre * (float)(i % 7) + (float)g_rand_double_range(random, -2, 2));
}

/* Puts vectors for neighbouring ids. */
static void put_vectors(vector_base *base, gint64 first, gsize n)
{
    g_autofree gint64 *ids = g_new(gint64, n);
    g_autoptr(GError) error = NULL;
    for (gsize i = 0; i < n; i++) {
        float vector[VECTOR_DIMENSION];
        ids[i] = first + (gint64)i;
        make_vector(base, ids[i], vector);
        while (ids_end(base) <= ids[i]) {
            float none[VECTOR_DIMENSION] = {NAN};
            g_array_append_vals(base->vectors, none, VECTOR_DIMENSION);
        }
        memcpy(vector_of(base, ids[i]), vector, sizeof vector);
    }
    jd_vectors vectors = {
        .space = base->space, .ids = ids, .values = vector_of(base, first), .n = n};
    g_assert_true(jd_store_put_vectors(base->store, &vectors, &error));
    g_assert_no_error(error);
}

void vector_base_put(vector_base *base, gint64 id)
{
    put_vectors(base, id, 1);
}

void vector_base_forget(vector_base *base, gint64 id)
{
    vector_of(base, id)[0] = NAN;
}

static void put_documents(vector_base *base)
{
    for (int d = 0; d < VECTOR_ITEMS / VECTOR_DOCUMENT; d++) {
        g_autofree char *uri = g_strdup_printf("/%d", d);
        g_autoptr(test_document) document = test_document_new(uri, d % 2 ? "odd" : "even");
        document->info->mtime = d;
        if (d % 3 == 0) {
            g_free(document->info->collection);
            document->info->collection = g_strdup("third");
        }
        for (int i = 0; i < VECTOR_DOCUMENT; i++)
            test_add_chunk(document, "x", i % 10 ? "often" : "seldom");
        test_put(base->store, document);
    }
}

vector_base *vector_base_new(guint32 seed)
{
    vector_base *base = g_new0(vector_base, 1);
    base->folder = test_folder_new();
    base->store = test_open(base->folder, JD_KB_WRITE);
    base->random = g_rand_new_with_seed(seed);
    base->vectors = g_array_new(FALSE, TRUE, sizeof(float));
    jd_space space = {.model = (char *)"model", .dimension = VECTOR_DIMENSION};
    g_assert_true(jd_store_begin(base->store, NULL));
    g_assert_true(jd_store_ensure_space(base->store, &space, &base->space, NULL));
    put_documents(base);
    put_vectors(base, 1, VECTOR_ITEMS);
    g_assert_true(jd_store_commit(base->store, NULL));
    return base;
}

void vector_base_free(vector_base *base)
{
    if (!base)
        return;
    jd_store_close(base->store);
    test_folder_free(base->folder);
    g_array_unref(base->vectors);
    g_rand_free(base->random);
    g_free(base);
}

void vector_base_reopen(vector_base *base, jd_kb_mode mode, int threads)
{
    g_autofree char *path = g_build_filename(base->folder, "kb.db", NULL);
    g_autoptr(GError) error = NULL;
    jd_store_close(base->store);
    base->store =
        jd_store_open(path, &(jd_store_options){.mode = mode, .threads = threads}, &error);
    g_assert_no_error(error);
}

/* ---- what should be found ---- */

/* Most of the tests' time, so without the sanitizer's look at every number. */
__attribute__((no_sanitize("address"))) static double product(const float *a, const float *b)
{
    double sum = 0;
    for (int i = 0; i < VECTOR_DIMENSION; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double cosine(const float *a, const float *b)
{
    double square = product(b, b);
    return square > 0 ? product(a, b) / sqrt(square) / sqrt(product(a, a)) : 0;
}

/* Which ids pass, by the store's own list of items. */
static gboolean note_item(const jd_item *item, void *user)
{
    ((gboolean *)user)[item->id] = TRUE;
    return TRUE;
}

static gboolean *passing(const vector_base *base, const jd_filter *filter, gint64 except)
{
    gboolean *pass = g_new0(gboolean, VECTOR_ITEMS * 2);
    jd_item_walk walk = {.kind = JD_ITEM_TEXT, .filter = filter, .each = note_item, .user = pass};
    g_assert_true(jd_store_each_item(base->store, &walk, NULL));
    for (gint64 id = 0; id < VECTOR_ITEMS * 2; id++)
        pass[id] = pass[id] && id != except && id < ids_end(base) && has_vector(base, id);
    return pass;
}

/* Scores are right, their order is theirs with ties by id, and nothing better was left out. */
static void check_hits(const vector_base *base, const GArray *hits, const float *query,
                       const gboolean *pass, gsize k)
{
    const double rounding = 1e-12;
    gsize could = 0;
    g_autofree gboolean *found = g_new0(gboolean, VECTOR_ITEMS * 2);
    for (guint i = 0; i < hits->len; i++) {
        const jd_hit *hit = &g_array_index(hits, jd_hit, i), *before = hit - 1;
        g_assert_true(pass[hit->id] && !found[hit->id]);
        found[hit->id] = TRUE;
        g_assert_cmpfloat_with_epsilon(hit->score, cosine(query, vector_of(base, hit->id)),
                                       rounding);
        if (i > 0)
            g_assert_true(before->score > hit->score ||
                          (before->score == hit->score && before->id < hit->id));
    }
    const jd_hit *last = hits->len ? &g_array_index(hits, jd_hit, hits->len - 1) : NULL;
    for (gint64 id = 0; id < ids_end(base); id++) {
        could += pass[id];
        if (!pass[id] || found[id] || !last)
            continue;
        g_assert_cmpfloat(cosine(query, vector_of(base, id)), <=, last->score + rounding);
        if (memcmp(vector_of(base, id), vector_of(base, last->id),
                   VECTOR_DIMENSION * sizeof(float)) == 0)
            g_assert_cmpint(id, >, last->id);
    }
    g_assert_cmpuint(hits->len, ==, MIN(k, could));
}

typedef struct search_case {
    jd_filter filter;
    gsize count, k;
    gint64 except;
} search_case;

static void check_case(vector_base *base, const search_case *one)
{
    enum { MOST = 3, ALSO = 5 };
    g_autofree float *queries = g_new(float, MOST *VECTOR_DIMENSION);
    gint64 also[ALSO] = {1, 70, VECTOR_ITEMS / 2, VECTOR_ITEMS, VECTOR_ITEMS * 2 - 1};
    double scores[MOST * ALSO];
    g_autoptr(GError) error = NULL;
    g_autofree gboolean *pass = passing(base, &one->filter, one->except);
    for (gsize q = 0; q < one->count; q++) {
        float *query = queries + q * VECTOR_DIMENSION;
        do
            make_vector(base, 3, query);
        while (product(query, query) == 0);
    }
    jd_vector_query query = {.space = base->space,
                             .kind = JD_ITEM_TEXT,
                             .filter = &one->filter,
                             .values = queries,
                             .count = one->count,
                             .dimension = VECTOR_DIMENSION,
                             .k = one->k,
                             .except = one->except,
                             .also = also,
                             .also_count = ALSO,
                             .also_scores = scores};
    g_autoptr(GPtrArray) best = jd_store_search_vectors(base->store, &query, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(best->len, ==, one->count);
    for (gsize q = 0; q < one->count; q++) {
        const float *vector = queries + q * VECTOR_DIMENSION;
        check_hits(base, best->pdata[q], vector, pass, one->k);
        for (gsize i = 0; i < ALSO; i++) {
            double score = scores[q * ALSO + i];
            if (also[i] < VECTOR_ITEMS * 2 && pass[also[i]])
                g_assert_cmpfloat_with_epsilon(score, cosine(vector, vector_of(base, also[i])),
                                               1e-12);
            else if (also[i] != one->except)
                g_assert_true(isnan(score));
        }
    }
}

void vector_base_check(vector_base *base)
{
    const search_case cases[] = {
        {.count = 1, .k = 10},
        {.count = 3, .k = 1, .except = 70},
        {.filter = {.title = "odd"}, .count = 2, .k = 100},
        {.filter = {.document = 5}, .count = 1, .k = 100},
        {.filter = {.section = "seldom"}, .count = 1, .k = 7},
        {.filter = {.collection = "third", .since = 15}, .count = 1, .k = 3},
        {.filter = {.title = "neither"}, .count = 1, .k = 3},
        {.count = 1, .k = 2 * VECTOR_ITEMS},
        {.count = 1, .k = 0},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check_case(base, &cases[i]);
}

/* ---- the cache ---- */

char *vector_base_cache(const vector_base *base)
{
    g_autofree char *name = g_strdup_printf("kb.db.scan-%" G_GINT64_FORMAT "t", base->space);
    return g_build_filename(base->folder, name, NULL);
}

guint vector_base_cached(const vector_base *base)
{
    g_autofree char *path = vector_base_cache(base);
    g_autoptr(jd_scan_cache) cache = jd_scan_cache_new(
        &(jd_scan_options){.path = path, .dimension = VECTOR_DIMENSION, .capacity = VECTOR_BLOCK});
    jd_vector_place place = {.space = base->space, .dimension = VECTOR_DIMENSION};
    g_autoptr(GArray) blocks = jd_vector_blocks((jd_sqlite *)base->store, &place, NULL);
    guint n = 0;
    if (!jd_scan_cache_hold(cache))
        return 0;
    for (guint i = 0; i < blocks->len; i++)
        n += jd_scan_cache_find(cache, g_array_index(blocks, jd_set_block, i).id) >= 0;
    return n;
}
