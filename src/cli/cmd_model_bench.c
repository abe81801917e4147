/* jackdaw model bench. */
#include "cli/cmd.h"
#include "cli/model_bench.h"
#include "cli/model_option.h"
#include "cli/processor.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "embed/models.h"
#include "retrieve/json.h"

static json_t *row_json(const jd_bench_row *row)
{
    return json_pack("{s:s, s:o, s:i, s:i, s:f, s:f, s:f}", "input", row->input, "tokens",
                     row->tokens > 0 ? json_integer(row->tokens) : json_null(), "batch", row->batch,
                     "threads", row->threads, "median_ms", row->median_ms, "least_ms",
                     row->least_ms, "per_second", row->batch * 1000 / row->median_ms);
}

static json_t *unused_json(const GPtrArray *unused)
{
    json_t *names = json_array();
    for (guint i = 0; i < unused->len; i++)
        json_array_append_new(names, jd_json_string(unused->pdata[i]));
    return names;
}

static void print_json(const jd_cli *cli, const char *folder, const jd_bench *bench)
{
    g_autofree char *features = jd_processor_features();
    json_t *rows = json_array();
    for (guint i = 0; i < bench->rows->len; i++)
        json_array_append_new(rows, row_json(&g_array_index(bench->rows, jd_bench_row, i)));
    json_auto_t *json =
        json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:i, s:{s:f, s:f, s:f}, s:o, s:o}", "folder",
                  jd_json_string(folder), "family", bench->info.family, "dtype",
                  jd_model_dtype_name(bench->info.dtype), "isa", bench->isa, "library",
                  bench->library, "processor", features, "cores", (int)g_get_num_processors(),
                  "load_ms", "packing", bench->loads.packing, "cold", bench->loads.cold, "warm",
                  bench->loads.warm, "unused", unused_json(bench->unused), "runs", rows);
    jd_print_json(&cli->out, json);
}

static void print_unused(const jd_cli *cli, const GPtrArray *unused)
{
    enum { NAMED = 3 };
    if (unused->len == 0)
        return;
    fprintf(cli->out.file, "  %u tensors of the checkpoint are not used:", unused->len);
    for (guint i = 0; i < unused->len && i < NAMED; i++) {
        fputs(i ? ", " : " ", cli->out.file);
        jd_terminal_put(&cli->out, JD_STYLE_PLAIN, unused->pdata[i]);
    }
    fputs(unused->len > NAMED ? ", ...\n\n" : "\n\n", cli->out.file);
}

static void print_text(const jd_cli *cli, const char *folder, const jd_bench *bench)
{
    FILE *file = cli->out.file;
    g_autofree char *features = jd_processor_features();
    jd_terminal_put(&cli->out, JD_STYLE_STRONG, folder);
    fprintf(file, "\n  %s in %s, %s (%s)\n", bench->info.family,
            jd_model_dtype_name(bench->info.dtype), bench->library, bench->isa);
    fprintf(file, "  %u cores%s%s\n", g_get_num_processors(), *features ? ", " : "", features);
    fprintf(file, "  load: %.0f ms cold, %.0f ms warm; %.0f ms where weights are packed first\n\n",
            bench->loads.cold, bench->loads.warm, bench->loads.packing);
    print_unused(cli, bench->unused);
    fprintf(file, "  %-8s %6s %6s %8s %12s %12s %12s\n", "input", "tokens", "batch", "threads",
            "median ms", "least ms", "per second");
    for (guint i = 0; i < bench->rows->len; i++) {
        const jd_bench_row *row = &g_array_index(bench->rows, jd_bench_row, i);
        g_autofree char *tokens =
            row->tokens > 0 ? g_strdup_printf("%d", row->tokens) : g_strdup("-");
        fprintf(file, "  %-8s %6s %6d %8d %12.2f %12.2f %12.1f\n", row->input, tokens, row->batch,
                row->threads, row->median_ms, row->least_ms, row->batch * 1000 / row->median_ms);
    }
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_autofree char *folder = jd_models_find(cli->words[0], error);
    if (!folder)
        return JD_EXIT_FAILED;
    g_autofree char *cache = jd_models_cache();
    const jd_bench_options options = {.folder = folder,
                                      .cache = cache,
                                      .dtype = jd_cli_dtype(cli),
                                      .threads = jd_values_integer(cli->values, "threads", 0),
                                      .seconds = jd_values_number(cli->values, "seconds", 0.5),
                                      .cancel = jd_signals_catch()};
    g_autoptr(jd_bench) bench = jd_bench_run(&options, error);
    if (!bench)
        return JD_EXIT_FAILED;
    if (cli->json)
        print_json(cli, folder, bench);
    else
        print_text(cli, folder, bench);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    JD_DTYPE_OPTION,
    {"seconds", 0, JD_OPTION_NUMBER, "X", "time for each measurement, at least (default: 0.5)",
     .min = 0, .max = 3600},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw model bench all-MiniLM-L6-v2", "an installed model"},
    {"jackdaw model bench ~/models/clip --dtype int8 --json", "a folder, in 8-bit integers"},
    {NULL},
};

const jd_command jd_command_model_bench = {
    .name = "model bench",
    .summary = "how fast a model is on this machine",
    .arguments = "NAME|FOLDER",
    .min_words = 1,
    .max_words = 1,
    .about =
        "Measures a model: how long it takes to load (cold: nothing of its files in the system's "
        "cache, as far as the system forgets them), and how long texts of 16 and of 128 tokens, "
        "pictures, or pairs of texts take, one and 32 at a time, on one thread and on all. Says "
        "which instructions and which library do it. Pictures are measured without decoding.",
    .options = {options},
    .examples = examples,
    .offer = "models",
    .run = run,
};
