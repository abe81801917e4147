#include "cli/model_bench.h"

#include "base/error.h"
#include "base/progress.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LARGE_BATCH = 32, LEAST_RUNS = 3, MOST_RUNS = 10000 };

void jd_bench_free(jd_bench *bench)
{
    if (!bench)
        return;
    g_array_unref(bench->rows);
    g_clear_pointer(&bench->unused, g_ptr_array_unref);
    g_free(bench);
}

static double now_ms(void)
{
    return (double)g_get_monotonic_time() / 1000;
}

/* ---- loading ---- */

/* Asks the system to forget what it keeps of a folder's files. */
static void forget_files(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
}

static jd_model *load(const jd_bench_options *options, int threads, const char *cache, double *ms,
                      GError **error)
{
    const jd_model_options own = {.dtype = options->dtype, .threads = threads, .cache = cache};
    const double start = now_ms();
    jd_model *model = jd_model_load(options->folder, &own, error);
    *ms = now_ms() - start;
    return model;
}

static gboolean measure_loads(const jd_bench_options *options, jd_bench *bench, GError **error)
{
    jd_bench_loads *loads = &bench->loads;
    double ms;
    g_autoptr(jd_model) packing = load(options, options->threads, NULL, &loads->packing, error);
    if (!packing)
        return FALSE;
    bench->info = *jd_model_get_info(packing);
    bench->unused = jd_model_unused_tensors(packing);
    /* The packed weights are kept by this one, if they were not before. */
    g_autoptr(jd_model) keeping = load(options, options->threads, options->cache, &ms, error);
    if (!keeping)
        return FALSE;
    g_clear_pointer(&packing, jd_model_free);
    g_clear_pointer(&keeping, jd_model_free);
    forget_files(options->folder);
    if (options->cache)
        forget_files(options->cache);
    g_autoptr(jd_model) cold = load(options, options->threads, options->cache, &loads->cold, error);
    if (!cold)
        return FALSE;
    g_clear_pointer(&cold, jd_model_free);
    g_autoptr(jd_model) warm = load(options, options->threads, options->cache, &loads->warm, error);
    return warm != NULL;
}

/* ---- inputs ---- */

static const char *const words[] = {"the",   "tower",   "clock", "stands", "over",  "a",
                                    "quiet", "harbour", "where", "small",  "boats", "wait",
                                    "for",   "the",     "tide",  "and",    "birds", "gather"};

static char *make_text(int count)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < count; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "", words[i % G_N_ELEMENTS(words)]);
    return g_string_free(text, FALSE);
}

static int count_tokens(const jd_model *model, const char *text, const char *pair)
{
    const jd_text first = {text, strlen(text)};
    const jd_text second = {pair ? pair : "", pair ? strlen(pair) : 0};
    g_autoptr(GArray) ids = jd_model_tokens(model, &first, pair ? &second : NULL, NULL);
    return ids ? (int)ids->len : 0;
}

/* The longest text of at most `tokens` tokens, special ones included. */
static char *text_of_tokens(const jd_model *model, int tokens)
{
    int count = tokens;
    for (; count > 1; count--) {
        g_autofree char *text = make_text(count);
        if (count_tokens(model, text, NULL) <= tokens)
            break;
    }
    return make_text(count);
}

/* ---- running ---- */

typedef struct running {
    const jd_bench_options *options;
    const jd_model *model;
    int threads;
    GArray *rows;
    float *out;
} running;

typedef struct bench_input {
    jd_bench_row row;
    const char *text, *query;
    const guint8 *pixels;
} bench_input;

static gboolean run_once(const running *r, const bench_input *input, GError **error)
{
    const gsize count = (gsize)input->row.batch;
    if (input->pixels) {
        const guint8 *items[LARGE_BATCH];
        for (gsize i = 0; i < count; i++)
            items[i] = input->pixels;
        return jd_model_embed_pictures(r->model, &(jd_pictures){.items = items, .count = count},
                                       r->out, error);
    }
    const jd_text text = {input->text, strlen(input->text)};
    if (input->query) {
        jd_pair pairs[LARGE_BATCH];
        for (gsize i = 0; i < count; i++)
            pairs[i] = (jd_pair){{input->query, strlen(input->query)}, text};
        return jd_model_score(r->model, &(jd_pairs){.items = pairs, .count = count}, r->out, error);
    }
    jd_text items[LARGE_BATCH];
    for (gsize i = 0; i < count; i++)
        items[i] = text;
    return jd_model_embed_texts(r->model, &(jd_texts){.items = items, .count = count}, r->out,
                                error);
}

static int compare_times(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static gboolean measure(const running *r, const bench_input *input, int batch, GError **error)
{
    bench_input own = *input;
    own.row.batch = batch;
    own.row.threads = r->threads;
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(double));
    if (!run_once(r, &own, error)) /* the first makes what the others reuse */
        return FALSE;
    const double start = now_ms();
    while (times->len < LEAST_RUNS ||
           (now_ms() - start < r->options->seconds * 1000 && times->len < MOST_RUNS)) {
        const double before = now_ms();
        if (jd_cancelled(r->options->cancel, error) || !run_once(r, &own, error))
            return FALSE;
        const double ms = now_ms() - before;
        g_array_append_val(times, ms);
    }
    g_array_sort(times, compare_times);
    own.row.least_ms = g_array_index(times, double, 0);
    own.row.median_ms = g_array_index(times, double, times->len / 2);
    g_array_append_val(r->rows, own.row);
    return TRUE;
}

static gboolean measure_batches(const running *r, const bench_input *input, GError **error)
{
    return measure(r, input, 1, error) && measure(r, input, LARGE_BATCH, error);
}

static gboolean measure_texts(const running *r, gboolean pairs, GError **error)
{
    enum { QUESTION = 16, PASSAGE = 128 };
    g_autofree char *question = text_of_tokens(r->model, QUESTION);
    g_autofree char *passage =
        text_of_tokens(r->model, MIN(PASSAGE, jd_model_get_info(r->model)->max_tokens));
    const bench_input inputs[] = {
        {.row = {.input = "text", .tokens = count_tokens(r->model, question, NULL)},
         .text = question},
        {.row = {.input = "text", .tokens = count_tokens(r->model, passage, NULL)},
         .text = passage},
        {.row = {.input = "pair", .tokens = count_tokens(r->model, question, passage)},
         .query = question,
         .text = passage},
    };
    if (pairs)
        return measure_batches(r, &inputs[2], error);
    return measure_batches(r, &inputs[0], error) && measure_batches(r, &inputs[1], error);
}

static gboolean measure_pictures(const running *r, GError **error)
{
    const gsize side = (gsize)jd_model_get_info(r->model)->picture.prepare.size;
    g_autofree guint8 *pixels = g_malloc_n(side * side, 3);
    for (gsize i = 0; i < side * side * 3; i++)
        pixels[i] = (guint8)(i * 7);
    const bench_input input = {.row = {.input = "picture"}, .pixels = pixels};
    return measure_batches(r, &input, error);
}

static gboolean measure_model(const jd_bench_options *options, int threads, GArray *rows,
                              GError **error)
{
    double ms;
    g_autoptr(jd_model) model = load(options, threads, options->cache, &ms, error);
    if (!model)
        return FALSE;
    const jd_model_info *info = jd_model_get_info(model);
    g_autofree float *out = g_new(float, (gsize)info->dimension *LARGE_BATCH);
    const running r = {options, model, threads, rows, out};
    if ((info->texts || info->pairs) && !measure_texts(&r, info->pairs, error))
        return FALSE;
    return !info->pictures || measure_pictures(&r, error);
}

jd_bench *jd_bench_run(const jd_bench_options *options, GError **error)
{
    g_autoptr(jd_engine) engine = jd_engine_new(options->threads, error);
    if (!engine)
        return NULL;
    g_autoptr(jd_bench) bench = g_new0(jd_bench, 1);
    bench->rows = g_array_new(FALSE, FALSE, sizeof(jd_bench_row));
    bench->isa = jd_engine_isa(engine);
    bench->library = jd_engine_library(engine);
    const int most = jd_engine_threads(engine);
    if (!measure_loads(options, bench, error) || !measure_model(options, 1, bench->rows, error) ||
        (most > 1 && !measure_model(options, most, bench->rows, error)))
        return NULL;
    return g_steal_pointer(&bench);
}
