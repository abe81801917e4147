/* jackdaw search: the evidence for a question. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/picture.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/results_view.h"
#include "retrieve/json.h"

static gboolean check_query(const char *text, const jd_search_options *search, GError **error)
{
    if (*text || search->like || search->embedding || search->image_path)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE,
                 "give some words, --like ID, --image FILE or --query-embedding FILE",
                 "there is nothing to search for");
    return FALSE;
}

static void print(const jd_cli *cli, jd_kb *kb, const jd_results *results)
{
    if (cli->json) {
        json_auto_t *json = jd_results_to_json(results);
        jd_print_json(&cli->out, json);
        return;
    }
    jd_print_results(cli, kb, results);
    jd_report_notes(cli, results->notes);
    if (results->text->len + results->images->len == 0)
        jd_report_note(cli, "nothing relevant found");
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_auto(jd_query_args) args = {0};
    if (!jd_query_args_read(&args, cli, error))
        return JD_EXIT_FAILED;
    g_autofree char *text = jd_query_text(cli, error);
    if (!text || !check_query(text, &args.search, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    g_autoptr(jd_results) results = jd_kb_search(kb, *text ? text : NULL, &args.search, error);
    if (!results)
        return JD_EXIT_FAILED;
    print(cli, kb, results);
    return results->text->len + results->images->len ? JD_EXIT_DONE : JD_EXIT_NOTHING;
}

static const jd_option own_options[] = {JD_PICTURE_OPTION, JD_OPTION_END};

static const jd_example examples[] = {
    {"jackdaw search \"how are the two lists merged\"", "passages and pictures, best first"},
    {"jackdaw search --images -k3 diagram of the encoder", "the three best pictures"},
    {"jackdaw search --since 2w --type pdf budget",
     "only in PDF files changed in the last two weeks"},
    {"jackdaw search --like i3 --json", "what is like picture 3, for a program"},
    {NULL},
};

const jd_command jd_command_search = {
    .name = "search",
    .summary = "find passages and pictures",
    .arguments = "QUERY...",
    .max_words = -1,
    .about =
        "Finds the passages and the pictures that answer a question best. Each is printed with "
        "its rank, its score, its id, where it comes from, and a snippet with the question's "
        "words marked. The words of the command line are one question; - reads it from "
        "standard input.\n\n"
        "Text and pictures are ranked apart: -k N takes up to N of each. Filters apply before "
        "that cut. Where nothing relevant is found, the list is empty and the exit status 4.",
    .options = {jd_query_options, jd_filter_options, own_options},
    .examples = examples,
    .run = run,
};
