/* The scan cache's file: what it gives out is what was put in, whatever happens to it. */
#include "store/scan/cache.h"
#include "store/test_util.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIMENSION = 20, CAPACITY = 6, HEADER = 4096, PAGE = 4096, SLOTS = 64 };

static jd_scan_cache *cache_new(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "cache", NULL);
    return jd_scan_cache_new(&(jd_scan_options){
        .path = path, .mode = 0600, .dimension = DIMENSION, .capacity = CAPACITY});
}

static char *file_of(const char *folder)
{
    return g_build_filename(folder, "cache", NULL);
}

/* Everything about a block follows from its number. */
typedef struct block {
    gint64 ids[CAPACITY];
    float vectors[CAPACITY * DIMENSION];
    gsize n;
} block;

static void make_block(gint64 number, block *b)
{
    b->n = 1 + (gsize)number % CAPACITY;
    for (gsize i = 0; i < b->n; i++)
        b->ids[i] = number * 100 + (gint64)(i * i);
    for (gsize i = 0; i < b->n * DIMENSION; i++)
        b->vectors[i] = (float)(i % 3 ? number : -number) + (float)i / 1024;
}

static gboolean begin(jd_scan_cache *cache, int wait_ms)
{
    static const float mean[DIMENSION] = {0.5F, 0.25F};
    return jd_scan_cache_begin(cache,
                               &(jd_scan_start){.mean = mean, .mean_of = 7, .wait_ms = wait_ms});
}

static gboolean add(jd_scan_cache *cache, gint64 number)
{
    block b;
    make_block(number, &b);
    jd_scan_rows rows = {.block = number, .ids = b.ids, .vectors = b.vectors, .n = b.n};
    return jd_scan_cache_add(cache, &rows);
}

static void add_all(const char *folder, gint64 first, gint64 last)
{
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    g_assert_true(begin(cache, 0));
    for (gint64 number = first; number <= last; number++)
        g_assert_true(add(cache, number));
    jd_scan_cache_end(cache);
}

static gboolean sweep(jd_scan_cache *cache, gint64 first, gint64 last, int wait_ms)
{
    gint64 blocks[1000];
    jd_scan_living living = {blocks, 0};
    for (gint64 number = first; number <= last; number++)
        blocks[living.n++] = number;
    return jd_scan_cache_sweep(cache, &living, wait_ms);
}

/* Whether the cache gives out a block; what it gives out must be right. */
static gboolean has(jd_scan_cache *cache, gint64 number)
{
    block b;
    jd_scan_block got;
    float one[DIMENSION];
    make_block(number, &b);
    int slot = jd_scan_cache_find(cache, number);
    if (slot < 0 || !jd_scan_cache_codes(cache, slot, &got))
        return FALSE;
    g_assert_cmpmem(got.ids, got.rows * sizeof(gint64), b.ids, b.n * sizeof(gint64));
    g_assert_cmpint(got.first, ==, b.ids[0]);
    g_assert_cmpint(got.last, ==, b.ids[b.n - 1]);
    const jd_scan_coder coder = jd_scan_cache_coder(cache);
    for (gsize i = 0; i < b.n; i++) {
        const float *vector = b.vectors + i * DIMENSION;
        const gint8 *codes = got.codes.codes + i * got.codes.stride;
        g_assert_cmpfloat(jd_scan_residual(&coder, vector, codes, (double)got.scales[i].step), <=,
                          (double)got.scales[i].residual);
        if (jd_scan_cache_vector(cache, slot, i, one))
            g_assert_cmpmem(one, sizeof one, vector, sizeof one);
    }
    const float *vectors = jd_scan_cache_vectors(cache, slot);
    if (vectors)
        g_assert_cmpmem(vectors, b.n * sizeof one, b.vectors, b.n * sizeof one);
    return vectors != NULL;
}

static guint count(const char *folder, gint64 first, gint64 last)
{
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    guint found = 0;
    if (!jd_scan_cache_hold(cache))
        return 0;
    for (gint64 number = first; number <= last; number++)
        found += has(cache, number);
    return found;
}

/* ---- what it is for ---- */

static void test_add_and_find(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_scan_cache) reader = cache_new(folder);
    g_assert_false(jd_scan_cache_hold(reader));
    g_assert_false(jd_scan_cache_is_there(reader));
    g_assert_false(jd_scan_cache_begin(reader, &(jd_scan_start){0})); /* no mean, no file */
    add_all(folder, 1, 3);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(has(reader, 1) && has(reader, 2) && has(reader, 3));
    g_assert_cmpint(jd_scan_cache_find(reader, 4), ==, -1);
    g_assert_cmpuint(jd_scan_cache_mean_of(reader), ==, 7);
    g_assert_cmpfloat(jd_scan_cache_coder(reader).mean[1], ==, 0.25F);
    jd_scan_cache_release(reader);
    /* More than a group, while a reader has the file mapped. */
    add_all(folder, 4, 200);
    g_assert_true(jd_scan_cache_hold(reader));
    for (gint64 number = 1; number <= 200; number++)
        g_assert_true(has(reader, number));
    jd_scan_cache_release(reader);
}

/* Whether the file holds a block's vectors anywhere. */
static gboolean file_holds(const char *folder, gint64 number)
{
    block b;
    g_autofree char *path = file_of(folder), *bytes = NULL;
    gsize length;
    make_block(number, &b);
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return memmem(bytes, length, b.vectors, b.n * DIMENSION * sizeof(float)) != NULL ||
           memmem(bytes, length, b.ids, b.n * sizeof(gint64)) != NULL;
}

static void test_erase_and_reuse(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = file_of(folder);
    GStatBuf before, after;
    add_all(folder, 100, 180);
    g_assert_cmpint(g_stat(path, &before), ==, 0);
    g_assert_true(file_holds(folder, 130));
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    g_assert_true(begin(cache, 0));
    g_assert_true(sweep(cache, 150, 180, 1000));
    g_assert_false(file_holds(folder, 130));
    g_assert_true(has(cache, 160));
    g_assert_false(has(cache, 130));
    for (gint64 number = 300; number < 350; number++) /* as many as were erased */
        g_assert_true(add(cache, number));
    jd_scan_cache_end(cache);
    g_assert_cmpint(g_stat(path, &after), ==, 0);
    g_assert_cmpint(after.st_size, ==, before.st_size);
    g_assert_cmpuint(count(folder, 100, 350), ==, 31 + 50);
}

/* A process that looked at a slot does not take what stands there later for the same. */
static void test_reader_sees_reuse(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_scan_cache) reader = cache_new(folder), writer = cache_new(folder);
    add_all(folder, 1, 2);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(has(reader, 1) && has(reader, 2));
    jd_scan_cache_release(reader);
    g_assert_true(begin(writer, 0));
    g_assert_true(sweep(writer, 2, 2, 1000));
    g_assert_true(add(writer, 77));
    jd_scan_cache_end(writer);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(has(reader, 77) && has(reader, 2));
    g_assert_cmpint(jd_scan_cache_find(reader, 1), ==, -1);
    jd_scan_cache_release(reader);
    /* What it saw of the one does not count for the other: this one is damaged. */
    g_assert_true(begin(writer, 0));
    g_assert_true(sweep(writer, 2, 2, 1000));
    g_assert_true(add(writer, 78));
    jd_scan_cache_end(writer);
    g_autofree char *path = file_of(folder);
    int fd = open(path, O_RDWR);
    g_assert_cmpint(pwrite(fd, "x", 1, HEADER + PAGE + 3), ==, 1);
    close(fd);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_false(has(reader, 78));
    g_assert_true(has(reader, 2));
}

/* ---- several at once ---- */

static void test_locks(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_scan_cache) reader = cache_new(folder), writer = cache_new(folder);
    g_autoptr(jd_scan_cache) other = cache_new(folder);
    add_all(folder, 1, 5);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(begin(writer, 0));
    g_assert_false(begin(other, 0)); /* one writer at a time */
    g_assert_true(add(writer, 6));   /* searches go on */
    g_assert_true(sweep(writer, 3, 6, 0));
    g_assert_true(has(reader, 1)); /* nothing is erased below a search */
    jd_scan_cache_release(reader);
    g_assert_true(sweep(writer, 3, 6, 0));
    jd_scan_cache_end(writer);
    g_assert_cmpuint(count(folder, 1, 6), ==, 4);
    g_assert_true(begin(other, 0));
    jd_scan_cache_end(other);
}

/* A search that does not end: the file goes, and the search keeps what it has. */
static void test_lasting_reader(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = file_of(folder);
    g_autoptr(jd_scan_cache) reader = cache_new(folder), writer = cache_new(folder);
    add_all(folder, 1, 5);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(begin(writer, 0));
    g_assert_false(sweep(writer, 2, 5, 1));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(has(reader, 1));
    g_assert_true(begin(writer, 0));
    g_assert_true(add(writer, 9));
    jd_scan_cache_end(writer);
    jd_scan_cache_release(reader);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(has(reader, 9));
    g_assert_cmpint(jd_scan_cache_find(reader, 1), ==, -1);
}

/* Adds blocks until it is killed. */
static void add_for_ever(const char *folder, gint64 first, int to)
{
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    if (!begin(cache, 10000))
        _exit(1);
    for (gint64 number = first;; number++)
        if (!add(cache, number) || write(to, &number, sizeof number) != sizeof number)
            _exit(1);
}

static void test_kill(void)
{
    enum { ROUNDS = 40 };
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    gint64 last = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2];
        gint64 from = last + 1;
        g_assert_cmpint(pipe(ends), ==, 0);
        pid_t child = fork();
        if (child == 0)
            add_for_ever(folder, from, ends[1]);
        close(ends[1]);
        for (int i = g_rand_int_range(random, 1, 30); i > 0; i--)
            g_assert_cmpint(read(ends[0], &last, sizeof last), ==, sizeof last);
        g_assert_cmpint(kill(child, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
        while (read(ends[0], &last, sizeof last) == sizeof last)
            continue;
        close(ends[0]);
        g_assert_cmpuint(count(folder, from, last), ==, last - from + 1);
        last++; /* the one that it died over may be there or not */
    }
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    g_assert_true(begin(cache, 0));
    g_assert_true(sweep(cache, last, last, 0)); /* what it died over too */
    jd_scan_cache_end(cache);
    g_assert_cmpuint(count(folder, 1, last - 1), ==, 0);
}

static void test_writers_meet(void)
{
    enum { WRITERS = 4, EACH = 30 };
    g_auto(test_folder) folder = test_folder_new();
    pid_t children[WRITERS];
    for (int who = 0; who < WRITERS; who++) {
        children[who] = fork();
        if (children[who] != 0)
            continue;
        for (int i = 0; i < EACH; i++) { /* making the file included */
            g_autoptr(jd_scan_cache) cache = cache_new(folder);
            if (!begin(cache, 60000) || !add(cache, 1 + who * EACH + i))
                _exit(1);
            jd_scan_cache_end(cache);
        }
        _exit(0);
    }
    for (int who = 0; who < WRITERS; who++) {
        int status;
        g_assert_cmpint(waitpid(children[who], &status, 0), ==, children[who]);
        g_assert_cmpint(status, ==, 0);
    }
    g_assert_cmpuint(count(folder, 1, WRITERS * EACH), ==, WRITERS * EACH);
}

/* ---- damage ---- */

typedef struct image {
    char *bytes;
    gsize length;
} image;

static image load(const char *folder)
{
    image i;
    g_autofree char *path = file_of(folder);
    g_assert_true(g_file_get_contents(path, &i.bytes, &i.length, NULL));
    return i;
}

/* Writes over the file in place, so that nobody can tell from its inode. */
static void store(const char *folder, const image *i, gsize length)
{
    g_autofree char *path = file_of(folder);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    g_assert_cmpint(ftruncate(fd, 0), ==, 0);
    g_assert_cmpint(pwrite(fd, i->bytes, length, 0), ==, (gssize)length);
    close(fd);
}

/* Every bit that matters: a block is right or absent; has() checks what it gets. */
static void test_bit_flips(void)
{
    g_auto(test_folder) folder = test_folder_new();
    add_all(folder, 1, 4);
    image sound = load(folder);
    guint lost = 0;
    for (gsize at = 0; at < sound.length; at++) {
        gboolean dense = at < 192 || (at >= HEADER && at < HEADER + 4 * 64);
        if (!dense && (sound.bytes[at] == 0 || at % 7 != 0))
            continue;
        sound.bytes[at] ^= (char)(1 << at % 8);
        store(folder, &sound, sound.length);
        lost += count(folder, 1, 4) < 4;
        sound.bytes[at] ^= (char)(1 << at % 8);
    }
    g_assert_cmpuint(lost, >, 300);
    store(folder, &sound, sound.length);
    g_assert_cmpuint(count(folder, 1, 4), ==, 4);
    g_free(sound.bytes);
}

static void test_truncated(void)
{
    g_auto(test_folder) folder = test_folder_new();
    add_all(folder, 1, 100); /* two groups */
    image sound = load(folder);
    for (gsize length = 0; length < sound.length; length += length < 8192 ? 509 : 40009) {
        store(folder, &sound, length);
        guint found = count(folder, 1, 100);
        g_assert_true(found == 0 || found == SLOTS);
        /* It can be gone on with. */
        g_autoptr(jd_scan_cache) cache = cache_new(folder);
        g_assert_true(begin(cache, 0));
        g_assert_true(sweep(cache, 1, 100, 0));
        for (gint64 number = 1; number <= 100; number++)
            if (jd_scan_cache_find(cache, number) < 0)
                g_assert_true(add(cache, number));
        jd_scan_cache_end(cache);
        g_assert_cmpuint(count(folder, 1, 100), ==, 100);
    }
    g_free(sound.bytes);
}

/* Cut off while it is in use: the next hold notices before it reads there. */
static void test_truncated_in_use(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = file_of(folder);
    g_autoptr(jd_scan_cache) reader = cache_new(folder);
    add_all(folder, 1, 100);
    g_assert_true(jd_scan_cache_hold(reader));
    g_assert_true(has(reader, 100));
    jd_scan_cache_release(reader);
    g_assert_cmpint(truncate(path, HEADER + 10), ==, 0);
    g_assert_false(jd_scan_cache_hold(reader));
    if (jd_scan_cache_hold(reader)) /* anew, as it is now */
        g_assert_cmpint(jd_scan_cache_find(reader, 1), ==, -1);
}

static void test_damaged_is_swept(void)
{
    g_auto(test_folder) folder = test_folder_new();
    add_all(folder, 1, 4);
    image sound = load(folder);
    block b;
    make_block(2, &b);
    char *there = memmem(sound.bytes, sound.length, b.vectors, sizeof(float) * DIMENSION);
    there[5] ^= 1;
    store(folder, &sound, sound.length);
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    g_assert_true(jd_scan_cache_hold(cache));
    g_assert_true(has(cache, 1));
    g_assert_false(has(cache, 2));
    g_assert_cmpint(jd_scan_cache_find(cache, 2), ==, -1); /* from now on */
    jd_scan_cache_release(cache);
    g_assert_true(begin(cache, 0));
    g_assert_true(sweep(cache, 1, 4, 0));
    g_assert_true(add(cache, 2));
    jd_scan_cache_end(cache);
    g_assert_cmpuint(count(folder, 1, 4), ==, 4);
    g_free(sound.bytes);
}

static void test_unknown_files(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = file_of(folder);
    const char *const contents[] = {"", "x", "JDSCAN2\n and more", "JDSCAN1\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(contents); i++) {
        g_assert_true(g_file_set_contents(path, contents[i], -1, NULL));
        g_assert_cmpuint(count(folder, 1, 1), ==, 0);
        add_all(folder, 1, 1);
        g_assert_cmpuint(count(folder, 1, 1), ==, 1);
    }
    /* Of another shape. */
    g_autoptr(jd_scan_cache) other = jd_scan_cache_new(&(jd_scan_options){
        .path = path, .mode = 0600, .dimension = DIMENSION + 1, .capacity = CAPACITY});
    g_assert_false(jd_scan_cache_hold(other));
    g_unlink(path);
    /* What cannot be a cache is left alone. */
    g_autoptr(jd_scan_cache) cache = cache_new(folder);
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    g_assert_false(begin(cache, 0));
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_DIR));
    g_rmdir(path);
    g_assert_cmpint(symlink("/dev/null", path), ==, 0);
    g_assert_false(begin(cache, 0));
    g_unlink(path);
    g_autofree char *absent = g_build_filename(folder, "no", "such", "folder", NULL);
    g_autoptr(jd_scan_cache) nowhere = jd_scan_cache_new(&(jd_scan_options){
        .path = absent, .mode = 0600, .dimension = DIMENSION, .capacity = CAPACITY});
    g_assert_false(begin(nowhere, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/cache/add", test_add_and_find);
    g_test_add_func("/store/cache/erase", test_erase_and_reuse);
    g_test_add_func("/store/cache/reuse", test_reader_sees_reuse);
    g_test_add_func("/store/cache/locks", test_locks);
    g_test_add_func("/store/cache/lasting", test_lasting_reader);
    g_test_add_func("/store/cache/kill", test_kill);
    g_test_add_func("/store/cache/writers", test_writers_meet);
    g_test_add_func("/store/cache/flips", test_bit_flips);
    g_test_add_func("/store/cache/truncated", test_truncated);
    g_test_add_func("/store/cache/truncated-in-use", test_truncated_in_use);
    g_test_add_func("/store/cache/damaged", test_damaged_is_swept);
    g_test_add_func("/store/cache/unknown", test_unknown_files);
    return g_test_run();
}
