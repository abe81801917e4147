/* jackdaw embed: vectors for what has none, and the spaces that they stand in. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/model_option.h"
#include "cli/progress_bar.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "pipeline.h"
#include "report_json.h"

#include <string.h>

/* ---- making vectors ---- */

static void print_report(const jd_cli *cli, const jd_embed_report *report)
{
    if (cli->json) {
        json_auto_t *json = jd_embed_report_to_json(report);
        jd_print_json(&cli->out, json);
        return;
    }
    fprintf(cli->out.file,
            "%" G_GUINT64_FORMAT " vectors of passages, %" G_GUINT64_FORMAT
            " of pictures; %.1f s\n",
            report->texts, report->images, report->seconds);
}

static jd_exit fill_in(const jd_cli *cli, jd_kb *kb, GError **error)
{
    if (!jd_kb_has_encoder(kb, jd_values_text(cli->values, "model"), error))
        return JD_EXIT_FAILED;
    jd_progress_bar bar;
    jd_progress_bar_init(&bar, cli);
    jd_embed_options options = {.model = jd_values_text(cli->values, "model"),
                                .progress = jd_progress_bar_update,
                                .user = &bar,
                                .cancel = jd_signals_catch()};
    g_autoptr(jd_embed_report) report = NULL;
    gboolean done = jd_kb_embed(kb, &options, &report, error);
    jd_progress_bar_clear(&bar);
    if (!done)
        return JD_EXIT_FAILED;
    jd_report_skipped(cli, "skipped", report->skipped);
    print_report(cli, report);
    return report->skipped->len ? JD_EXIT_SKIPPED : JD_EXIT_DONE;
}

/* ---- spaces ---- */

static jd_exit list_spaces(const jd_cli *cli, jd_kb *kb, GError **error)
{
    jd_store *store = jd_kb_store(kb);
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, error);
    if (!spaces)
        return JD_EXIT_FAILED;
    json_auto_t *json = json_array();
    for (guint i = 0; i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        guint64 texts, images;
        if (!jd_store_count_vectors(store, space->id, JD_ITEM_TEXT, &texts, error) ||
            !jd_store_count_vectors(store, space->id, JD_ITEM_IMAGE, &images, error))
            return JD_EXIT_FAILED;
        json_array_append_new(json, jd_space_to_json(space, texts, images));
        if (!cli->json)
            fprintf(cli->out.file,
                    "%3" G_GINT64_FORMAT "  %s  %.12s  %d numbers  %" G_GUINT64_FORMAT
                    " passages, %" G_GUINT64_FORMAT " pictures\n",
                    space->id, space->model, *space->revision ? space->revision : "imported",
                    space->dimension, texts, images);
    }
    if (cli->json)
        jd_print_json(&cli->out, json);
    return JD_EXIT_DONE;
}

static jd_exit drop_space(const jd_cli *cli, jd_kb *kb, GError **error)
{
    jd_store *store = jd_kb_store(kb);
    gint64 id = jd_values_integer(cli->values, "drop", 0);
    if (!jd_store_drop_space(store, id, error) || !jd_store_compact(store, error))
        return JD_EXIT_FAILED;
    if (cli->json) {
        json_auto_t *json = json_pack("{s:I}", "dropped", (json_int_t)id);
        jd_print_json(&cli->out, json);
    }
    return JD_EXIT_DONE;
}

static jd_exit run(jd_cli *cli, GError **error)
{
    const jd_values *values = cli->values;
    gboolean list = jd_values_flag(values, "list"), drop = jd_values_has(values, "drop");
    if (list + drop + jd_values_has(values, "model") > 1) {
        jd_set_error(error, JD_ERROR_USAGE, "give one of them",
                     "--list, --drop and --model are different things to do");
        return JD_EXIT_FAILED;
    }
    g_autoptr(jd_kb) kb =
        list ? jd_cli_open(cli, JD_KB_READ, error) : jd_cli_open_existing(cli, error);
    if (!kb)
        return JD_EXIT_FAILED;
    if (list)
        return list_spaces(cli, kb, error);
    return drop ? drop_space(cli, kb, error) : fill_in(cli, kb, error);
}

static const jd_option options[] = {
    JD_MODEL_OPTION("make the vectors of this encoder alone (default: those of --text-model and "
                    "--image-model)"),
    {"list", 0, JD_OPTION_FLAG, NULL, "list the embedding spaces with their numbers of vectors"},
    {"drop", 0, JD_OPTION_INTEGER, "SPACE",
     "erase an embedding space, by its number in the list, with all its vectors", .min = 1,
     .max = G_MAXINT},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw embed", "vectors for everything that has none yet"},
    {"jackdaw embed --model bge-small-en-v1.5", "of a newly installed encoder"},
    {"jackdaw embed --list", "which encoders made vectors here, and how many"},
    {NULL},
};

const jd_command jd_command_embed = {
    .name = "embed",
    .summary = "make the vectors that passages and pictures lack",
    .max_words = 0,
    .about =
        "Makes vectors of passages and pictures with the installed encoders, for everything in "
        "the knowledge base that has none yet, as `ingest` does at its end. A run that was "
        "stopped goes on where it was.\n\n"
        "The vectors of each encoder stand in a space of their own, known by the encoder's name "
        "and a hash over its files: vectors of different encoders, or of two revisions of one, "
        "are never compared. Where an encoder's files have changed, a new space is made and the "
        "old one kept until it is dropped. Searching takes the preferred encoder that has vectors "
        "here.",
    .options = {options},
    .examples = examples,
    .run = run,
};
