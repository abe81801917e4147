/* Vectors: what is put comes back, in order, whatever order it was put in. */
#include "store/sqlite/vectors.h"
#include "store/test_util.h"

#include <string.h>

enum { ITEMS = 700, DIMENSION = 512 }; /* several blocks: one holds 128 */

/* A store with ITEMS chunks in documents of 10, and a space. */
static jd_store *open_filled(const char *folder, int dimension, gint64 *space)
{
    jd_store *store = test_open(folder, JD_KB_WRITE);
    g_assert_true(jd_store_begin(store, NULL));
    for (int d = 0; d < ITEMS / 10; d++) {
        g_autofree char *uri = g_strdup_printf("/%d", d);
        g_autoptr(test_document) document = test_document_new(uri, d % 2 ? "odd" : "even");
        for (int i = 0; i < 10; i++)
            test_add_chunk(document, "x", NULL);
        test_put(store, document);
    }
    g_assert_true(jd_store_commit(store, NULL));
    jd_space wanted = {.model = (char *)"model", .dimension = dimension, .normalised = TRUE};
    g_autoptr(GError) error = NULL;
    g_assert_true(jd_store_ensure_space(store, &wanted, space, &error));
    g_assert_no_error(error);
    return store;
}

static void fill(float *vector, int dimension, gint64 id, float version)
{
    for (int i = 0; i < dimension; i++)
        vector[i] = (float)id + version / 16 + (float)i / 1024;
}

static void put_one(jd_store *store, gint64 space, int dimension, gint64 id, float version)
{
    g_autofree float *vector = g_new(float, dimension);
    g_autoptr(GError) error = NULL;
    fill(vector, dimension, id, version);
    jd_vectors vectors = {.space = space, .ids = &id, .values = vector, .n = 1};
    g_assert_true(jd_store_put_vectors(store, &vectors, &error));
    g_assert_no_error(error);
}

/* What a scan saw: every vector must be its item's, ids must rise. */
typedef struct seen {
    int dimension;
    gint64 last;
    const float *versions; /* by id: the version last put, < 0 for none */
    guint n;
    guint blocks;
} seen;

static gboolean look(const jd_vectors *block, void *user)
{
    seen *so_far = user;
    g_autofree float *wanted = g_new(float, so_far->dimension);
    so_far->blocks++;
    for (gsize i = 0; i < block->n; i++) {
        gint64 id = block->ids[i];
        g_assert_cmpint(id, >, so_far->last);
        so_far->last = id;
        g_assert_cmpfloat(so_far->versions[id], >=, 0);
        fill(wanted, so_far->dimension, id, so_far->versions[id]);
        g_assert_cmpmem(wanted, so_far->dimension * sizeof(float),
                        block->values + i * so_far->dimension, so_far->dimension * sizeof(float));
        so_far->n++;
    }
    return TRUE;
}

static seen scan(jd_store *store, gint64 space, int dimension, const float *versions,
                 const jd_filter *filter)
{
    g_autoptr(GError) error = NULL;
    seen so_far = {.dimension = dimension, .versions = versions};
    jd_vector_scan request = {.space = space, .filter = filter, .each = look, .user = &so_far};
    g_assert_true(jd_store_scan_vectors(store, &request, &error));
    g_assert_no_error(error);
    return so_far;
}

static guint count(const float *versions)
{
    guint n = 0;
    for (int id = 1; id <= ITEMS; id++)
        n += versions[id] >= 0;
    return n;
}

static float *no_versions(void)
{
    float *versions = g_new(float, ITEMS + 1);
    for (int id = 0; id <= ITEMS; id++)
        versions[id] = -1;
    return versions;
}

static void test_in_order(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space;
    g_autoptr(jd_store) store = open_filled(folder, DIMENSION, &space);
    g_autofree float *versions = no_versions(), *values = g_new(float, ITEMS *DIMENSION);
    gint64 ids[ITEMS];
    for (int i = 0; i < ITEMS; i++) {
        ids[i] = i + 1;
        versions[i + 1] = 0;
        fill(values + i * DIMENSION, DIMENSION, i + 1, 0);
    }
    jd_vectors vectors = {.space = space, .ids = ids, .values = values, .n = ITEMS};
    g_assert_true(jd_store_put_vectors(store, &vectors, NULL));
    seen all = scan(store, space, DIMENSION, versions, NULL);
    g_assert_cmpuint(all.n, ==, ITEMS);
    /* Blocks are full, so that a scan is as fast as it can be. */
    g_assert_cmpuint(all.blocks, ==, (ITEMS + 127) / 128);
    jd_filter odd = {.title = "odd"};
    g_assert_cmpuint(scan(store, space, DIMENSION, versions, &odd).n, ==, ITEMS / 2);
    jd_filter one = {.document = 3};
    g_assert_cmpuint(scan(store, space, DIMENSION, versions, &one).n, ==, 10);
    jd_filter none = {.title = "neither"};
    g_assert_cmpuint(scan(store, space, DIMENSION, versions, &none).n, ==, 0);
    test_assert_sound(store);
}

/* Random puts, replacements and removals against an array. */
static void test_random(void)
{
    const int dimensions[] = {1, 96, DIMENSION, 8192}; /* a block of the last holds 8 */
    for (gsize d = 0; d < G_N_ELEMENTS(dimensions); d++) {
        g_auto(test_folder) folder = test_folder_new();
        gint64 space;
        g_autoptr(jd_store) store = open_filled(folder, dimensions[d], &space);
        g_autoptr(GRand) random = g_rand_new_with_seed(5);
        g_autofree float *versions = no_versions();
        g_assert_true(jd_store_begin(store, NULL));
        int steps = dimensions[d] > 1000 ? 200 : 1500;
        for (int step = 0; step < steps; step++) {
            gint64 id = g_rand_int_range(random, 1, ITEMS + 1);
            versions[id] = (float)(step % 16);
            put_one(store, space, dimensions[d], id, versions[id]);
        }
        g_assert_true(jd_store_commit(store, NULL));
        g_assert_cmpuint(scan(store, space, dimensions[d], versions, NULL).n, ==, count(versions));
        test_assert_sound(store);
        g_assert_true(jd_store_begin(store, NULL));
        for (int i = 0; i < ITEMS / 10 - 2; i++) {
            gint64 document = i + 1;
            g_assert_true(jd_store_remove_document(store, document, NULL));
            for (gint64 id = i * 10 + 1; id <= i * 10 + 10; id++)
                versions[id] = -1;
        }
        g_assert_true(jd_store_commit(store, NULL));
        g_assert_cmpuint(scan(store, space, dimensions[d], versions, NULL).n, ==, count(versions));
        jd_store_stats stats;
        g_assert_true(jd_store_get_stats(store, &stats, NULL));
        g_assert_cmpuint(stats.vectors, ==, count(versions));
        test_assert_sound(store);
    }
}

static void test_unordered_with_twins(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space;
    g_autoptr(jd_store) store = open_filled(folder, 4, &space);
    g_autofree float *versions = no_versions();
    gint64 ids[] = {5, 2, 9, 2, 1};
    float values[5 * 4];
    for (gsize i = 0; i < G_N_ELEMENTS(ids); i++) {
        versions[ids[i]] = (float)i;
        fill(values + i * 4, 4, ids[i], (float)i);
    }
    jd_vectors vectors = {.space = space, .ids = ids, .values = values, .n = 5};
    g_assert_true(jd_store_put_vectors(store, &vectors, NULL));
    g_assert_cmpuint(scan(store, space, 4, versions, NULL).n, ==, 4);
    g_autofree float *got = jd_store_get_vector(store, space, JD_ITEM_TEXT, 2, NULL);
    g_assert_cmpmem(got, 16, values + 3 * 4, 16);
}

static void test_refusals(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space;
    g_autoptr(jd_store) store = open_filled(folder, 2, &space);
    g_autofree float *versions = no_versions();
    const struct {
        gint64 space, id;
        float value;
        int code;
    } cases[] = {{space, 1, NAN, JD_ERROR_INVALID},
                 {space, 1, INFINITY, JD_ERROR_INVALID},
                 {space, ITEMS + 1, 0, JD_ERROR_NOT_FOUND},
                 {space + 1, 1, 0, JD_ERROR_NOT_FOUND}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        float values[] = {1, 2, 3, cases[i].value};
        gint64 ids[] = {2, cases[i].id};
        jd_vectors vectors = {.space = cases[i].space, .ids = ids, .values = values, .n = 2};
        g_assert_false(jd_store_put_vectors(store, &vectors, &error));
        g_assert_error(error, JD_ERROR, cases[i].code);
    }
    g_assert_cmpuint(scan(store, space, 2, versions, NULL).n, ==, 0); /* not even item 2 */
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_store_get_vector(store, space, JD_ITEM_TEXT, 2, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    jd_space too_big = {.model = (char *)"m", .dimension = 100000};
    g_assert_false(jd_store_ensure_space(store, &too_big, &space, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
}

static void test_spaces_are_apart(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 first, second, again;
    g_autoptr(jd_store) store = open_filled(folder, 3, &first);
    jd_space other = {.model = (char *)"model", .revision = (char *)"2", .dimension = 3};
    g_assert_true(jd_store_ensure_space(store, &other, &second, NULL));
    g_assert_true(jd_store_ensure_space(store, &other, &again, NULL));
    g_assert_cmpint(second, ==, again);
    g_assert_cmpint(first, !=, second);
    put_one(store, first, 3, 1, 1);
    put_one(store, second, 3, 1, 2);
    g_autofree float *versions = no_versions();
    versions[1] = 1;
    g_assert_cmpuint(scan(store, first, 3, versions, NULL).n, ==, 1);
    versions[1] = 2;
    g_assert_cmpuint(scan(store, second, 3, versions, NULL).n, ==, 1);
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, NULL);
    g_assert_cmpuint(spaces->len, ==, 2);
    const jd_space *got = spaces->pdata[1];
    g_assert_cmpstr(got->revision, ==, "2");
    g_assert_cmpint(got->dimension, ==, 3);
    g_assert_false(got->normalised);
    g_assert_true(jd_store_remove_item(store, JD_ITEM_TEXT, 1, NULL));
    versions[1] = -1;
    g_assert_cmpuint(scan(store, first, 3, versions, NULL).n, ==, 0);
    g_assert_cmpuint(scan(store, second, 3, versions, NULL).n, ==, 0);
    test_assert_sound(store);
}

static void run_sql(const char *folder, const char *text)
{
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    sqlite3 *db;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, text, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
}

/* A base of before block ids were random: a writer makes them so. */
static void test_old_block_ids(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space, small = -1;
    jd_store *store = open_filled(folder, DIMENSION, &space);
    g_autofree float *versions = no_versions();
    for (gint64 id = 1; id <= ITEMS; id++) {
        put_one(store, space, DIMENSION, id, 3);
        versions[id] = 3;
    }
    jd_store_close(store);
    run_sql(folder, TEST_BEFORE_PICTURES_OF_MESSAGES
            "UPDATE vector_block SET id = first; PRAGMA user_version = 2");
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_VERSION);
    store = test_open(folder, JD_KB_WRITE);
    g_assert_cmpuint(scan(store, space, DIMENSION, versions, NULL).n, ==, ITEMS);
    test_assert_sound(store);
    g_assert_true(jd_sql_integer((jd_sqlite *)store,
                                 "SELECT count(*) FROM vector_block WHERE id < 1 << 32", 0, &small,
                                 NULL));
    g_assert_cmpint(small, ==, 0);
    jd_store_close(store);
}

/* ---- spaces as a whole ---- */

static GArray *missing(jd_store *store, gint64 space, jd_item_kind kind, gboolean pictures)
{
    g_autoptr(GError) error = NULL;
    jd_missing_query query = {.space = space, .kind = kind, .pictures = pictures};
    GArray *ids = jd_store_missing_vectors(store, &query, &error);
    g_assert_no_error(error);
    return ids;
}

static void test_missing(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space;
    g_autoptr(jd_store) store = open_filled(folder, DIMENSION, &space);
    g_autoptr(GArray) all = missing(store, space, JD_ITEM_TEXT, FALSE);
    g_assert_cmpuint(all->len, ==, ITEMS);
    for (gint64 id = 1; id <= ITEMS; id++)
        if (id % 3)
            put_one(store, space, DIMENSION, id, 0);
    g_autoptr(GArray) rest = missing(store, space, JD_ITEM_TEXT, FALSE);
    g_assert_cmpuint(rest->len, ==, ITEMS / 3);
    for (guint i = 0; i < rest->len; i++)
        g_assert_cmpint(g_array_index(rest, gint64, i), ==, 3 * ((gint64)i + 1));
    guint64 count;
    g_assert_true(jd_store_count_vectors(store, space, JD_ITEM_TEXT, &count, NULL));
    g_assert_cmpuint(count, ==, ITEMS - ITEMS / 3);

    g_autoptr(test_document) document = test_document_new("/pictures", "pictures");
    test_add_image(document, "with bytes", "bytes");
    test_add_image(document, "without", NULL);
    test_put(store, document);
    g_autoptr(GArray) images = missing(store, space, JD_ITEM_IMAGE, FALSE);
    g_autoptr(GArray) pictures = missing(store, space, JD_ITEM_IMAGE, TRUE);
    g_assert_cmpuint(images->len, ==, 2);
    g_assert_cmpuint(pictures->len, ==, 1);
    g_assert_cmpint(g_array_index(pictures, gint64, 0), ==, 1);
}

static void test_drop(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 space, other;
    g_autoptr(jd_store) store = open_filled(folder, 4, &space);
    jd_space second = {.model = (char *)"model", .revision = (char *)"2", .dimension = 4};
    g_assert_true(jd_store_ensure_space(store, &second, &other, NULL));
    put_one(store, space, 4, 1, 0);
    put_one(store, other, 4, 1, 0);
    g_assert_true(jd_store_drop_space(store, space, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_false(jd_store_drop_space(store, space, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, NULL);
    g_assert_cmpuint(spaces->len, ==, 1);
    g_autofree float *kept = jd_store_get_vector(store, other, JD_ITEM_TEXT, 1, NULL);
    g_assert_nonnull(kept);
    test_assert_sound(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/vectors/in-order", test_in_order);
    g_test_add_func("/store/vectors/random", test_random);
    g_test_add_func("/store/vectors/unordered", test_unordered_with_twins);
    g_test_add_func("/store/vectors/refusals", test_refusals);
    g_test_add_func("/store/vectors/spaces", test_spaces_are_apart);
    g_test_add_func("/store/vectors/old-ids", test_old_block_ids);
    g_test_add_func("/store/vectors/missing", test_missing);
    g_test_add_func("/store/vectors/drop", test_drop);
    return g_test_run();
}
