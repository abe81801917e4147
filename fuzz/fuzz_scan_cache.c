/*
 * A damaged scan cache: looked through, searched, swept, added to.
 *
 * The first byte of the input: 0 leaves the checksums as they are, so that every block must be
 * right or absent; otherwise they are made to fit again, so that what stands behind them is
 * reached. Then records of four bytes as in fuzz_store.c: a place in the file (three bytes, little
 * end first) and what is XORed onto the byte there; 0 cuts the file off there.
 */
#include "store/scan/cache_state.h"
#include "store/scan/nearest.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DIMENSION = 5, CAPACITY = 4, BLOCKS = 70 };

static jd_scan_cache *open_cache(const char *path)
{
    return jd_scan_cache_new(&(jd_scan_options){
        .path = path, .mode = 0600, .dimension = DIMENSION, .capacity = CAPACITY});
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
        b->ids[i] = number * 10 + (gint64)i;
    for (gsize i = 0; i < b->n * DIMENSION; i++)
        b->vectors[i] = (float)((number * 31 + (gint64)i * 7) % 97) - 48;
}

static void add_block(jd_scan_cache *cache, gint64 number)
{
    block b;
    make_block(number, &b);
    jd_scan_rows rows = {.block = number, .ids = b.ids, .vectors = b.vectors, .n = b.n};
    jd_scan_cache_add(cache, &rows);
}

static char *make_file(const char *path, gsize *length)
{
    static const float mean[DIMENSION] = {0.5F};
    char *bytes = NULL;
    jd_scan_cache *cache = open_cache(path);
    g_assert_true(jd_scan_cache_begin(cache, &(jd_scan_start){.mean = mean, .mean_of = BLOCKS}));
    for (gint64 number = 1; number <= BLOCKS; number++)
        add_block(cache, number);
    jd_scan_cache_free(cache);
    g_assert_true(g_file_get_contents(path, &bytes, length, NULL));
    return bytes;
}

/* ---- damaging ---- */

static gsize damage(char *bytes, gsize length, const uint8_t *data, size_t size)
{
    gsize end = length;
    for (; size >= 4; data += 4, size -= 4) {
        gsize place = (data[0] | (gsize)data[1] << 8 | (gsize)data[2] << 16) % length;
        if (data[3] == 0)
            end = place;
        else
            bytes[place] ^= (char)data[3];
    }
    return end;
}

static void mend_sums(const char *path, char *bytes, gsize length)
{
    g_autoptr(jd_scan_cache) shape = open_cache(path);
    jd_scan_header header;
    memcpy(&header, bytes, sizeof header);
    if (header.dimension == DIMENSION)
        header.check =
            jd_scan_header_check(&header, (const float *)(void *)(bytes + sizeof header));
    memcpy(bytes, &header, sizeof header);
    for (guint slot = 0; jd_scan_vectors_offset(shape, slot) <= length; slot++) {
        jd_scan_head head;
        char *place = bytes + jd_scan_head_offset(shape, slot);
        gsize area = jd_scan_area_offset(shape, slot);
        memcpy(&head, place, sizeof head);
        if (head.block == 0)
            continue;
        head.sum = jd_scan_sum(bytes + area, shape->layout.area);
        head.check = jd_scan_head_check(&head);
        memcpy(place, &head, sizeof head);
    }
}

/* ---- using ---- */

static void look_at_block(jd_scan_cache *cache, gint64 number, gboolean strict)
{
    block truth;
    jd_scan_block got;
    float vector[DIMENSION];
    int slot = jd_scan_cache_find(cache, number);
    make_block(number, &truth);
    if (slot < 0 || !jd_scan_cache_codes(cache, slot, &got))
        return;
    g_assert_true(got.rows <= CAPACITY);
    g_assert_true(!strict || (got.rows == truth.n &&
                              memcmp(got.ids, truth.ids, truth.n * sizeof(gint64)) == 0));
    for (gsize row = 0; row < got.rows; row++)
        if (jd_scan_cache_vector(cache, slot, row, vector) && strict)
            g_assert_true(memcmp(vector, truth.vectors + row * DIMENSION, sizeof vector) == 0);
    const float *vectors = jd_scan_cache_vectors(cache, slot);
    volatile float sum = 0; /* all of it can be read */
    for (gsize i = 0; vectors && i < got.rows * DIMENSION; i++)
        sum += vectors[i];
}

static void search(jd_scan_cache *cache, const jd_scan_ids *passing)
{
    const float question[DIMENSION] = {1, 2, 3, -4, 5};
    int slots[BLOCKS];
    gsize n = 0;
    const jd_scan_coder coder = jd_scan_cache_coder(cache);
    g_auto(jd_wide_query) wide = {0};
    g_auto(jd_scan_query) query = {0};
    g_auto(jd_scan_found) found = {0};
    for (gint64 number = 1; number <= BLOCKS; number++) {
        int slot = jd_scan_cache_find(cache, number);
        if (slot >= 0)
            slots[n++] = slot;
    }
    jd_wide_query_init(&wide, question, DIMENSION);
    jd_scan_query_init(&query, &coder, &wide);
    jd_scan_search wanted = {.cache = cache,
                             .slots = slots,
                             .slot_count = n,
                             .queries = &query,
                             .query_count = 1,
                             .k = 5,
                             .passing = passing,
                             .threads = 1};
    jd_scan_nearest(&wanted, &found);
    for (guint i = 0; i < found.candidates[0]->len; i++)
        g_assert_true(isfinite(g_array_index(found.candidates[0], jd_scan_candidate, i).most));
}

static void go_on_writing(jd_scan_cache *cache)
{
    gint64 living[BLOCKS / 2];
    for (gsize i = 0; i < G_N_ELEMENTS(living); i++)
        living[i] = (gint64)i * 2 + 1;
    if (!jd_scan_cache_begin(cache, &(jd_scan_start){0}))
        return;
    if (jd_scan_cache_sweep(cache, &(jd_scan_living){living, G_N_ELEMENTS(living)}, 1))
        add_block(cache, 1000);
    jd_scan_cache_end(cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *sound;
    static gsize sound_length;
    static const gint64 some[] = {12, 13, 55, 300, 301, 302, 303, 650};
    if (size == 0)
        return 0;
    g_autofree char *folder = g_dir_make_tmp("jackdaw-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "cache", NULL);
    if (!sound)
        sound = make_file(path, &sound_length);
    g_unlink(path);
    g_autofree char *bytes = g_memdup2(sound, sound_length);
    gsize length = damage(bytes, sound_length, data + 1, size - 1);
    if (data[0] != 0)
        mend_sums(path, bytes, length);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
    g_autoptr(jd_scan_cache) cache = open_cache(path);
    if (jd_scan_cache_hold(cache)) {
        for (gint64 number = 1; number <= BLOCKS; number++)
            look_at_block(cache, number, data[0] == 0);
        search(cache, NULL);
        search(cache, &(jd_scan_ids){some, G_N_ELEMENTS(some)});
        jd_scan_cache_release(cache);
    }
    go_on_writing(cache);
    g_unlink(path);
    g_rmdir(folder);
    return 0;
}
