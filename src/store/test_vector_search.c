/* Searching vectors finds what comparing them all would find, with the scan cache in any state. */
#include "base/limits.h"
#include "store/sqlite/vector_set.h"
#include "store/test_vector_base.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static gboolean exists(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static guint count_blocks(const vector_base *base)
{
    jd_vector_place place = {.space = base->space, .dimension = VECTOR_DIMENSION};
    g_autoptr(GArray) blocks = jd_vector_blocks((jd_sqlite *)base->store, &place, NULL);
    return blocks->len;
}

/* ---- equality ---- */

/* Before there is a cache, after a search made one, and after a writer did. */
static void test_equals_comparing(void)
{
    g_assert_cmpuint(jd_block_capacity(VECTOR_DIMENSION), ==, VECTOR_BLOCK);
    for (guint32 seed = 1; seed <= 2; seed++) {
        g_autoptr(vector_base) base = vector_base_new(seed);
        g_autofree char *cache = vector_base_cache(base);
        g_assert_cmpuint(count_blocks(base), >=, JD_SCAN_LEAST_BLOCKS);
        g_assert_false(exists(cache));
        vector_base_check(base);
        g_assert_true(exists(cache));
        g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
        for (int threads = 1; threads <= 3; threads++) {
            vector_base_reopen(base, JD_KB_WRITE, threads);
            vector_base_check(base);
        }
        g_unlink(cache);
        jd_store_refresh_caches(base->store);
        g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
        vector_base_check(base);
        test_assert_sound(base->store);
    }
}

static void remove_document(vector_base *base, gint64 document)
{
    g_assert_true(jd_store_remove_document(base->store, document, NULL));
    for (int i = 0; i < VECTOR_DOCUMENT; i++)
        vector_base_forget(base, (document - 1) * VECTOR_DOCUMENT + 1 + i);
}

static void add_document(vector_base *base, const char *uri)
{
    g_autoptr(test_document) document = test_document_new(uri, "odd");
    for (int i = 0; i < VECTOR_DOCUMENT; i++)
        test_add_chunk(document, "y", "often");
    gint64 first = (gint64)base->vectors->len / VECTOR_DIMENSION;
    test_put(base->store, document);
    for (int i = 0; i < VECTOR_DOCUMENT; i += 2) /* every other one lacks a vector */
        vector_base_put(base, first + i);
}

/* Whatever is written, whether or not the cache follows. */
static void test_changes(void)
{
    g_autoptr(vector_base) base = vector_base_new(4);
    jd_store_refresh_caches(base->store);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 9; i++) {
            gint64 id = g_rand_int_range(base->random, 1, VECTOR_DOCUMENT * 20);
            g_autofree float *there =
                jd_store_get_vector(base->store, base->space, JD_ITEM_TEXT, id, NULL);
            if (there)
                vector_base_put(base, id);
        }
        if (round % 2 == 0)
            remove_document(base, 21 + round);
        if (round == 3) {
            g_autofree char *uri = g_strdup_printf("/new%d", round);
            add_document(base, uri);
        }
        if (round % 3 == 2)
            jd_store_refresh_caches(base->store);
        if (round == 4)
            g_assert_true(jd_store_compact(base->store, NULL));
        vector_base_check(base);
        test_assert_sound(base->store);
    }
}

/* What is written in a batch is found in it, and not when it is undone. */
static void test_batch(void)
{
    g_autoptr(vector_base) base = vector_base_new(5);
    jd_store_refresh_caches(base->store);
    g_autofree float *kept = g_memdup2(base->vectors->data, base->vectors->len * sizeof(float));
    g_assert_true(jd_store_begin(base->store, NULL));
    vector_base_put(base, 100);
    vector_base_check(base);
    jd_store_rollback(base->store);
    memcpy(base->vectors->data, kept, base->vectors->len * sizeof(float));
    vector_base_check(base);
}

/* Who still looks at an older state finds what was there then, and leaves the cache alone. */
static void test_old_view(void)
{
    g_autoptr(vector_base) base = vector_base_new(15);
    jd_store *writer = base->store;
    jd_store_refresh_caches(writer);
    base->store = test_open(base->folder, JD_KB_READ);
    g_assert_true(jd_store_begin(base->store, NULL));
    vector_base_check(base);
    g_autofree float *vectors = g_memdup2(base->vectors->data, base->vectors->len * sizeof(float));
    for (gint64 id = 1; id < VECTOR_ITEMS; id += VECTOR_BLOCK) { /* all blocks */
        float changed[VECTOR_DIMENSION] = {1};
        jd_vectors one = {.space = base->space, .ids = &id, .values = changed, .n = 1};
        memcpy(vectors + id * VECTOR_DIMENSION, changed, sizeof changed);
        g_assert_true(jd_store_put_vectors(writer, &one, NULL));
    }
    jd_store_refresh_caches(writer);
    vector_base_check(base);
    jd_store_rollback(base->store);
    memcpy(base->vectors->data, vectors, base->vectors->len * sizeof(float));
    vector_base_check(base);
    g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
    jd_store_close(writer);
}

/* ---- going over all ---- */

typedef struct sum {
    double total;
    guint n;
} sum;

static gboolean add_block(const jd_vectors *block, void *user)
{
    sum *to = user;
    for (gsize i = 0; i < block->n; i++)
        to->total += (double)block->values[i * VECTOR_DIMENSION] / (double)block->ids[i];
    to->n += (guint)block->n;
    return TRUE;
}

static void *fork_sum(const void *user)
{
    return g_new0(sum, 1);
}

static void join_sum(void *user, const void *state)
{
    ((sum *)user)->total += ((const sum *)state)->total;
    ((sum *)user)->n += ((const sum *)state)->n;
}

static sum add_up(vector_base *base, gboolean shared, const jd_filter *filter)
{
    sum all = {0};
    jd_vector_scan scan = {.space = base->space, .filter = filter, .each = add_block, .user = &all};
    if (shared) {
        scan.fork = fork_sum;
        scan.join = join_sum;
        scan.drop = g_free;
    }
    g_autoptr(GError) error = NULL;
    g_assert_true(jd_store_scan_vectors(base->store, &scan, &error));
    g_assert_no_error(error);
    return all;
}

/* Sums of floats depend on their order: shared work must not. */
static void test_shared_scan(void)
{
    g_autoptr(vector_base) base = vector_base_new(6);
    g_autofree char *cache = vector_base_cache(base);
    jd_filter odd = {.title = "odd"}, seldom = {.section = "seldom"};
    const jd_filter *const filters[] = {NULL, &odd, &seldom};
    for (gsize f = 0; f < G_N_ELEMENTS(filters); f++) {
        g_unlink(cache);
        vector_base_reopen(base, JD_KB_WRITE, 1);
        sum alone = add_up(base, FALSE, filters[f]), uncached;
        g_unlink(cache);
        uncached = add_up(base, TRUE, filters[f]);
        g_assert_cmpuint(uncached.n, ==, alone.n);
        g_assert_cmpuint(alone.n, >, 200);
        g_assert_cmpfloat(add_up(base, FALSE, filters[f]).total, ==, alone.total);
        g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
        for (int threads = 1; threads <= 4; threads++) {
            vector_base_reopen(base, JD_KB_READ, threads);
            sum cached = add_up(base, TRUE, filters[f]);
            g_assert_cmpuint(cached.n, ==, uncached.n);
            g_assert_cmpfloat(cached.total, ==, uncached.total);
        }
    }
}

/* ---- bases that are copied, restored, damaged ---- */

static void copy_file(const char *from, const char *to)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(from, &bytes, &length, NULL));
    g_assert_true(g_file_set_contents(to, bytes, (gssize)length, NULL));
}

/* An old copy comes back, and other things are written than the first time: the cache, made by
 * then, is of a future that never was. */
static void test_restored_backup(void)
{
    g_autoptr(vector_base) base = vector_base_new(7);
    g_autofree char *path = g_build_filename(base->folder, "kb.db", NULL);
    g_autofree char *copy = g_build_filename(base->folder, "copy.db", NULL);
    g_autofree float *kept = g_memdup2(base->vectors->data, base->vectors->len * sizeof(float));
    g_assert_true(jd_store_backup(base->store, copy, NULL));
    for (gint64 id = 5; id < 1000; id += 50)
        vector_base_put(base, id);
    jd_store_refresh_caches(base->store);
    vector_base_check(base);
    g_clear_pointer(&base->store, jd_store_close);
    copy_file(copy, path);
    memcpy(base->vectors->data, kept, base->vectors->len * sizeof(float));
    vector_base_reopen(base, JD_KB_READ, 2);
    vector_base_check(base);
    vector_base_reopen(base, JD_KB_WRITE, 2);
    for (gint64 id = 5; id < 1000; id += 50)
        vector_base_put(base, id);
    vector_base_check(base);
    test_assert_sound(base->store);
    jd_store_refresh_caches(base->store);
    g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
    vector_base_check(base);
    test_assert_sound(base->store);
}

static void flip(const char *path, gsize at)
{
    FILE *file = g_fopen(path, "r+b");
    g_assert_cmpint(fseek(file, (long)at, SEEK_SET), ==, 0);
    int byte = fgetc(file);
    g_assert_cmpint(fseek(file, (long)at, SEEK_SET), ==, 0);
    g_assert_cmpint(fputc(byte ^ 0x10, file), ==, byte ^ 0x10);
    g_assert_cmpint(fclose(file), ==, 0);
}

/* A damaged cache is noticed, does no harm, and is mended by the next search. */
static void test_damaged_cache(void)
{
    g_autoptr(vector_base) base = vector_base_new(8);
    g_autofree char *cache = vector_base_cache(base);
    GStatBuf info;
    jd_store_refresh_caches(base->store);
    g_assert_cmpint(g_stat(cache, &info), ==, 0);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 5; i++)
            flip(cache, (gsize)g_rand_double_range(base->random, 0, (double)info.st_size));
        vector_base_reopen(base, JD_KB_READ, 2);
        vector_base_check(base);
    }
    vector_base_reopen(base, JD_KB_WRITE, 2);
    g_unlink(cache);
    jd_store_refresh_caches(base->store);
    flip(cache, 12288 + 4096 + 100); /* among the first block's ids */
    g_autoptr(GPtrArray) problems = jd_store_verify(base->store, NULL);
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_nonnull(strstr(problems->pdata[0], "kb.db.scan-1t is damaged"));
    vector_base_reopen(base, JD_KB_READ, 2);
    vector_base_check(base);
    test_assert_sound(base->store);
}

/* A cache that is sound in itself and yet not this base's. */
static void test_verify_compares(void)
{
    g_autoptr(vector_base) base = vector_base_new(9);
    g_autofree char *path = vector_base_cache(base);
    jd_store_refresh_caches(base->store);
    jd_vector_place place = {.space = base->space, .dimension = VECTOR_DIMENSION};
    g_autoptr(GArray) blocks = jd_vector_blocks((jd_sqlite *)base->store, &place, NULL);
    gint64 block = g_array_index(blocks, jd_set_block, 2).id;
    g_autoptr(jd_scan_cache) cache = jd_scan_cache_new(
        &(jd_scan_options){.path = path, .dimension = VECTOR_DIMENSION, .capacity = VECTOR_BLOCK});
    g_assert_true(jd_scan_cache_begin(cache, &(jd_scan_start){0}));
    g_assert_true(jd_scan_cache_sweep(cache, &(jd_scan_living){&block, 0}, 0));
    g_autofree float *vectors = g_new0(float, VECTOR_DIMENSION);
    gint64 id = g_array_index(blocks, jd_set_block, 2).first;
    jd_scan_rows rows = {.block = block, .ids = &id, .vectors = vectors, .n = 1};
    g_assert_true(jd_scan_cache_add(cache, &rows));
    jd_scan_cache_end(cache);
    g_autoptr(GPtrArray) problems = jd_store_verify(base->store, NULL);
    g_assert_cmpuint(problems->len, ==, 1);
    g_assert_nonnull(strstr(problems->pdata[0], "other vectors"));
}

/* ---- erasing ---- */

static gboolean holds_bytes(const char *path, const void *bytes, gsize size)
{
    g_autofree char *all = NULL;
    gsize length = 0;
    return g_file_get_contents(path, &all, &length, NULL) &&
           memmem(all, length, bytes, size) != NULL;
}

static void test_erased(void)
{
    enum { SIZE = 64 };
    g_autoptr(vector_base) base = vector_base_new(10);
    g_autofree char *cache = vector_base_cache(base);
    float secret[SIZE / sizeof(float)];
    gint64 id = 3 * VECTOR_DOCUMENT + 4; /* in the fourth document */
    do
        vector_base_put(base, id);
    while (((float *)(void *)base->vectors->data)[id * VECTOR_DIMENSION] == 0);
    memcpy(secret, base->vectors->data + (gsize)id * VECTOR_DIMENSION * sizeof(float), SIZE);
    jd_store_refresh_caches(base->store);
    g_assert_true(holds_bytes(cache, secret, SIZE));
    remove_document(base, 4);
    g_assert_true(jd_store_compact(base->store, NULL));
    g_assert_false(holds_bytes(cache, secret, SIZE));
    vector_base_check(base);
    /* When little is left there is no cache any more. */
    for (gint64 document = 5; document < VECTOR_ITEMS / VECTOR_DOCUMENT; document++)
        remove_document(base, document);
    g_assert_true(jd_store_compact(base->store, NULL));
    g_assert_false(exists(cache));
    vector_base_check(base);
    g_assert_false(exists(cache));
}

/* Somebody who writes to the cache and does not end does not keep it alive. */
static void test_erased_under_a_writer(void)
{
    g_autoptr(vector_base) base = vector_base_new(14);
    g_autofree char *path = vector_base_cache(base);
    jd_store_refresh_caches(base->store);
    g_autoptr(jd_scan_cache) other = jd_scan_cache_new(
        &(jd_scan_options){.path = path, .dimension = VECTOR_DIMENSION, .capacity = VECTOR_BLOCK});
    g_assert_true(jd_scan_cache_begin(other, &(jd_scan_start){0}));
    remove_document(base, 4);
    g_assert_true(jd_store_compact(base->store, NULL));
    g_assert_false(exists(path));
    vector_base_check(base);
}

static void test_dropped_space(void)
{
    g_autoptr(vector_base) base = vector_base_new(11);
    g_autofree char *cache = vector_base_cache(base);
    jd_store_refresh_caches(base->store);
    g_assert_true(exists(cache));
    g_assert_true(jd_store_drop_space(base->store, base->space, NULL));
    g_assert_true(jd_store_compact(base->store, NULL));
    g_assert_false(exists(cache));
}

/* ---- processes ---- */

/* In a folder that cannot be written to the cache is the user's own. */
static void search_elsewhere(vector_base *base)
{
    enum { NOBODY = 65534 };
    if (geteuid() == 0 && setuid(NOBODY) != 0)
        _exit(1);
    vector_base_reopen(base, JD_KB_READ, 1);
    vector_base_check(base);
    g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "jackdaw", "scan", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name = dir ? g_dir_read_name(dir) : NULL;
    g_autofree char *path = name ? g_build_filename(folder, name, NULL) : NULL;
    struct stat info;
    gboolean private = path && stat(path, &info) == 0 && (info.st_mode & 077) == 0;
    vector_base_check(base);
    _exit(private && g_str_has_suffix(name, "-1t") ? 0 : 2);
}

static void test_read_only_folder(void)
{
    g_autoptr(vector_base) base = vector_base_new(12);
    g_autofree char *cache = vector_base_cache(base);
    g_clear_pointer(&base->store, jd_store_close);
    g_assert_cmpint(g_chmod(base->folder, 0555), ==, 0);
    pid_t child = fork();
    if (child == 0)
        search_elsewhere(base);
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpint(g_chmod(base->folder, 0755), ==, 0);
    g_assert_false(exists(cache));
}

/* A writer dies while it makes the cache. */
static void test_killed(void)
{
    g_autoptr(vector_base) base = vector_base_new(13);
    g_autofree char *cache = vector_base_cache(base);
    for (int round = 0; round < 6; round++) {
        g_clear_pointer(&base->store, jd_store_close);
        g_unlink(cache);
        pid_t child = fork();
        if (child == 0) {
            vector_base_reopen(base, JD_KB_WRITE, 1);
            jd_store_refresh_caches(base->store);
            pause();
        }
        while (!exists(cache)) /* it has begun */
            g_usleep(100);
        g_usleep((gulong)(round * round) * 300);
        g_assert_cmpint(kill(child, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
        vector_base_reopen(base, JD_KB_READ, 1);
        vector_base_check(base);
        test_assert_sound(base->store);
        g_assert_cmpuint(vector_base_cached(base), ==, count_blocks(base));
    }
}

int main(int argc, char **argv)
{
    g_auto(test_folder) home = test_folder_new();
    g_chmod(home, 0777);
    g_setenv("XDG_CACHE_HOME", home, TRUE);
    g_test_init(&argc, &argv, NULL);
    /* First those that fork: threads do not survive that. */
    g_test_add_func("/store/nearest/read-only", test_read_only_folder);
    g_test_add_func("/store/nearest/killed", test_killed);
    g_test_add_func("/store/nearest/equals", test_equals_comparing);
    g_test_add_func("/store/nearest/changes", test_changes);
    g_test_add_func("/store/nearest/batch", test_batch);
    g_test_add_func("/store/nearest/shared", test_shared_scan);
    g_test_add_func("/store/nearest/restored", test_restored_backup);
    g_test_add_func("/store/nearest/damaged", test_damaged_cache);
    g_test_add_func("/store/nearest/verify", test_verify_compares);
    g_test_add_func("/store/nearest/erased", test_erased);
    g_test_add_func("/store/nearest/old-view", test_old_view);
    g_test_add_func("/store/nearest/erased-under", test_erased_under_a_writer);
    g_test_add_func("/store/nearest/dropped", test_dropped_space);
    return g_test_run();
}
