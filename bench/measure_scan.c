/*
 * Times of vector search in one process: measure-scan BASE VECTORS.npy QUERIES.npy THREADS REPEATS
 *
 * Makes BASE of the vectors where it is absent. Prints one JSON object with milliseconds, the least
 * of the repeats, which take turns; "floor" reads as many bytes as there are numbers, which is what
 * a scan over int8 codes has to do at least. With 0 repeats: the time of the first search of the
 * process, and the bytes that came from the disk for it.
 */
#include "nn/tensor.h"
#include "store/dot.h"
#include "store/scan/kernel.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { DOCUMENT_ITEMS = 10000, SEVERAL = 8 };

typedef struct bench {
    jd_store *store;
    gint64 space;
    const float *vectors, *queries;
    gsize n, dimension, query_count;
    guint64 *memory; /* n x dimension bytes */
    int threads;
} bench;

static void die(const char *what, const GError *error)
{
    fprintf(stderr, "measure-scan: %s: %s\n", what, error ? error->message : "failed");
    exit(1);
}

static const float *load(const char *path, gsize *rows, gsize *columns)
{
    GError *error = NULL;
    jd_tensor *tensor = jd_tensor_load(path, &error);
    if (!tensor || tensor->ndim != 2 || tensor->dtype != JD_F32)
        die(path, error);
    *rows = (gsize)tensor->shape[0];
    *columns = (gsize)tensor->shape[1];
    return tensor->data; /* until the end */
}

/* ---- the base ---- */

static void put_document(bench *b, gsize first)
{
    g_autoptr(jd_document_info) info = jd_document_info_new();
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    g_autoptr(GError) error = NULL;
    gsize n = MIN(DOCUMENT_ITEMS, b->n - first);
    g_autofree gint64 *ids = g_new(gint64, n);
    info->collection = g_strdup(first % (2 * DOCUMENT_ITEMS) ? "odd" : "even");
    info->uri = g_strdup_printf("/%zu", first);
    info->title = g_strdup("Measured");
    info->media_type = g_strdup("text/plain");
    info->sha256 = g_strnfill(64, '0');
    for (gsize i = 0; i < n; i++) {
        jd_item *item = jd_item_new(JD_ITEM_TEXT);
        item->ordinal = (int)i;
        item->text = g_strdup("x");
        g_ptr_array_add(items, item);
        ids[i] = (gint64)(first + i + 1);
    }
    jd_store_document document = {.info = info, .items = items, .settings = ""};
    jd_vectors vectors = {.space = b->space,
                          .kind = JD_ITEM_TEXT,
                          .ids = ids,
                          .values = b->vectors + first * b->dimension,
                          .n = n};
    if (!jd_store_put_document(b->store, &document, NULL, &error) ||
        !jd_store_put_vectors(b->store, &vectors, &error))
        die("put", error);
}

static void make_base(bench *b, const char *path)
{
    GError *error = NULL;
    b->store = jd_store_open(path, &(jd_store_options){.mode = JD_KB_WRITE}, &error);
    jd_space space = {
        .model = (char *)"measured", .dimension = (int)b->dimension, .normalised = TRUE};
    if (!b->store || !jd_store_ensure_space(b->store, &space, &b->space, &error))
        die(path, error);
    for (gsize first = 0; first < b->n; first += DOCUMENT_ITEMS)
        put_document(b, first);
    jd_store_refresh_caches(b->store);
    jd_store_close(b->store);
}

/* ---- what is measured ---- */

static void read_memory(bench *b)
{
    enum { PIECE = 8192 }; /* words: 64 KiB */
    gsize words = b->n * b->dimension / sizeof(guint64);
    guint64 all = 0;
#pragma omp parallel for num_threads(b->threads) schedule(dynamic, 8) reduction(^ : all)
    for (gsize piece = 0; piece < words / PIECE; piece++) {
        const guint64 *at = b->memory + piece * PIECE;
        guint64 sums[8] = {0};
        for (gsize i = 0; i < PIECE; i += 8)
            for (int s = 0; s < 8; s++)
                sums[s] ^= at[i + s];
        for (int s = 0; s < 8; s++)
            all ^= sums[s];
    }
    if (all == 1)
        puts(""); /* so that it is really read */
}

static void search(bench *b, gsize count, gsize k, const char *collection)
{
    GError *error = NULL;
    jd_filter filter = {.collection = collection};
    jd_vector_query query = {.space = b->space,
                             .filter = &filter,
                             .values = b->queries,
                             .count = count,
                             .dimension = b->dimension,
                             .k = k};
    GPtrArray *best = jd_store_search_vectors(b->store, &query, &error);
    if (!best)
        die("search", error);
    g_ptr_array_unref(best);
}

static void search_10(bench *b)
{
    search(b, 1, 10, NULL);
}

static void search_100(bench *b)
{
    search(b, 1, 100, NULL);
}

static void search_several(bench *b)
{
    search(b, MIN(SEVERAL, b->query_count), 10, NULL);
}

static void search_filtered(bench *b)
{
    search(b, 1, 10, "odd");
}

static gboolean add_dots(const jd_vectors *block, void *user)
{
    double *state = user;
    const bench *b = *(bench *const *)user;
    for (gsize i = 0; i < block->n; i++)
        state[1] += jd_dot_best()(state + 2, block->values + i * b->dimension, b->dimension);
    return TRUE;
}

static void *fork_dots(const void *user)
{
    const bench *b = *(bench *const *)user;
    double *state = g_memdup2(user, (b->dimension + 2) * sizeof(double));
    state[1] = 0;
    return state;
}

static void join_dots(void *user, const void *state)
{
    ((double *)user)[1] += ((const double *)state)[1];
}

/* Every dot product, as the article's profile needs them. */
static void scan_all(bench *b)
{
    g_autofree double *state = g_new(double, b->dimension + 2);
    memcpy(state, &b, sizeof b);
    state[1] = 0;
    for (gsize i = 0; i < b->dimension; i++)
        state[i + 2] = b->queries[i];
    jd_vector_scan scan = {.space = b->space,
                           .kind = JD_ITEM_TEXT,
                           .each = add_dots,
                           .user = state,
                           .fork = fork_dots,
                           .join = join_dots,
                           .drop = g_free};
    jd_store_scan_vectors(b->store, &scan, NULL);
}

static const struct {
    const char *name;
    void (*run)(bench *b);
} measures[] = {{"floor", read_memory},
                {"k=10", search_10},
                {"k=100", search_100},
                {"8 queries, k=10", search_several},
                {"k=10, half of all", search_filtered},
                {"every dot product", scan_all}};

static json_t *measure(bench *b, int repeats)
{
    double least[G_N_ELEMENTS(measures)];
    double first[G_N_ELEMENTS(measures)];
    for (int r = 0; r < repeats; r++)
        for (gsize m = 0; m < G_N_ELEMENTS(measures); m++) {
            gint64 start = g_get_monotonic_time();
            measures[m].run(b);
            double ms = (double)(g_get_monotonic_time() - start) / 1000;
            if (r == 0)
                first[m] = ms;
            least[m] = r == 0 ? ms : MIN(least[m], ms);
        }
    json_t *times = json_object();
    for (gsize m = 0; m < G_N_ELEMENTS(measures); m++)
        json_object_set_new(times, measures[m].name,
                            json_pack("{s:f,s:f}", "ms", least[m], "first_ms", first[m]));
    return times;
}

static json_t *results_of(bench *b)
{
    jd_vector_query query = {.space = b->space,
                             .values = b->queries,
                             .count = b->query_count,
                             .dimension = b->dimension,
                             .k = 10};
    g_autoptr(GPtrArray) best = jd_store_search_vectors(b->store, &query, NULL);
    json_t *results = json_array();
    for (guint q = 0; q < best->len; q++) {
        const GArray *hits = best->pdata[q];
        json_t *list = json_array();
        for (guint i = 0; i < hits->len; i++) {
            const jd_hit *hit = &g_array_index(hits, jd_hit, i);
            json_array_append_new(list, json_pack("[I,f]", (json_int_t)hit->id, hit->score));
        }
        json_array_append_new(results, list);
    }
    return results;
}

/* Bytes that this process had read from the disk so far. */
static gint64 disk_bytes(void)
{
    g_autofree char *text = NULL;
    const char *line = NULL;
    if (g_file_get_contents("/proc/self/io", &text, NULL, NULL))
        line = strstr(text, "\nread_bytes: ");
    return line ? g_ascii_strtoll(line + strlen("\nread_bytes: "), NULL, 10) : 0;
}

static json_t *measure_first(bench *b)
{
    gint64 start = g_get_monotonic_time(), before = disk_bytes();
    search_10(b);
    return json_pack("{s:f,s:I}", "ms", (double)(g_get_monotonic_time() - start) / 1000,
                     "disk_bytes", (json_int_t)(disk_bytes() - before));
}

static json_t *measure_all(bench *b, int repeats)
{
    gsize size = b->n * b->dimension;
    b->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (b->memory == MAP_FAILED)
        die("memory", NULL);
    madvise(b->memory, size, MADV_HUGEPAGE);
    memset(b->memory, 1, size);
    return json_pack("{s:s,s:o,s:o}", "kernel", jd_scan_kernel_best()->name, "times",
                     measure(b, repeats), "results", results_of(b));
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return fputs("usage: measure-scan BASE VECTORS QUERIES THREADS REPEATS\n", stderr), 2;
    bench b = {.threads = atoi(argv[4])};
    gsize same;
    b.vectors = load(argv[2], &b.n, &b.dimension);
    b.queries = load(argv[3], &b.query_count, &same);
    if (same != b.dimension)
        die(argv[3], NULL);
    if (!g_file_test(argv[1], G_FILE_TEST_EXISTS))
        make_base(&b, argv[1]);
    GError *error = NULL;
    b.space = 1;
    b.store = jd_store_open(argv[1], &(jd_store_options){.threads = b.threads}, &error);
    if (!b.store)
        die(argv[1], error);
    int repeats = atoi(argv[5]);
    json_auto_t *json = repeats > 0 ? measure_all(&b, repeats) : measure_first(&b);
    json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
    puts("");
    jd_store_close(b.store);
    return 0;
}
