/* jackdaw rerank: passages in the order of a cross-encoder's scores. */
#include "base/error.h"
#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/line_reader.h"
#include "cli/model_option.h"
#include "cli/report.h"
#include "embed/models.h"
#include "embed/tokenizer_text.h"
#include "retrieve/json.h"

#include <string.h>

typedef struct passage {
    char *text;
    const char *file; /* as the command line names it */
    guint64 line;
    float score;
} passage;

static void passage_clear(gpointer data)
{
    g_free(((passage *)data)->text);
}

static gboolean read_passages(const char *path, GArray *passages, GError **error)
{
    g_autoptr(jd_line_reader) lines = jd_line_reader_open(path, error);
    g_autoptr(GError) failed = NULL;
    gsize length;
    const char *line;
    while (lines && (line = jd_line_reader_next(lines, &length, &failed))) {
        g_autoptr(GString) text = g_string_new(NULL);
        jd_utf8_repair(line, length, text);
        if (strspn(text->str, " \t\r\f\v") == text->len)
            continue;
        if (passages->len >= JD_LIMIT_RERANK_PASSAGES) {
            jd_set_error(error, JD_ERROR_LIMIT, "search first, and rerank what is found",
                         "more than %d passages", JD_LIMIT_RERANK_PASSAGES);
            return FALSE;
        }
        const passage p = {g_string_free(g_steal_pointer(&text), FALSE), path,
                           jd_line_reader_number(lines), 0};
        g_array_append_val(passages, p);
    }
    if (failed)
        g_propagate_error(error, g_steal_pointer(&failed));
    else if (lines)
        return TRUE;
    return FALSE;
}

static int compare_scores(gconstpointer a, gconstpointer b)
{
    const passage *x = a;
    const passage *y = b;
    return (x->score < y->score) - (x->score > y->score);
}

static gboolean score(const jd_model *model, const char *query, GArray *passages, GError **error)
{
    g_autofree jd_pair *pairs = g_new(jd_pair, passages->len);
    g_autofree float *scores = g_new(float, passages->len);
    const jd_text question = {query, strlen(query)};
    for (guint i = 0; i < passages->len; i++) {
        const char *text = g_array_index(passages, passage, i).text;
        pairs[i] = (jd_pair){question, {text, strlen(text)}};
    }
    if (!jd_model_score(model, &(jd_pairs){pairs, passages->len}, scores, error))
        return FALSE;
    for (guint i = 0; i < passages->len; i++)
        g_array_index(passages, passage, i).score = scores[i];
    g_array_sort(passages, compare_scores); /* a merge sort: equal ones stay in order */
    return TRUE;
}

static void print_json(const jd_cli *cli, const char *query, const GArray *passages, guint shown)
{
    json_t *list = json_array();
    for (guint i = 0; i < shown; i++) {
        const passage *p = &g_array_index(passages, passage, i);
        json_array_append_new(list,
                              json_pack("{s:i, s:f, s:o, s:I, s:o}", "rank", (int)i + 1, "score",
                                        (double)p->score, "file", jd_json_string(p->file), "line",
                                        (json_int_t)p->line, "text", jd_json_string(p->text)));
    }
    json_auto_t *json = json_pack("{s:o, s:o}", "query", jd_json_string(query), "results", list);
    jd_print_json(&cli->out, json);
}

static void print_plain(const jd_cli *cli, const GArray *passages, guint shown)
{
    for (guint i = 0; i < shown; i++) {
        const passage *p = &g_array_index(passages, passage, i);
        fprintf(cli->out.file, "%8.4f  ", (double)p->score);
        jd_terminal_put(&cli->out, JD_STYLE_PLAIN, p->text);
        fputc('\n', cli->out.file);
    }
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_autoptr(GArray) passages = g_array_new(FALSE, FALSE, sizeof(passage));
    g_array_set_clear_func(passages, passage_clear);
    for (char *const *path = cli->words + 1; *path; path++)
        if (!read_passages(*path, passages, error))
            return JD_EXIT_FAILED;
    const char *name = jd_values_text(cli->values, "model");
    g_autofree char *folder = name ? g_strdup(name) : jd_models_find_reranker(error);
    g_autoptr(jd_model) model = folder ? jd_cli_load_model(cli, folder, error) : NULL;
    if (!model || !score(model, cli->words[0], passages, error))
        return JD_EXIT_FAILED;
    const guint shown =
        MIN(passages->len, (guint)jd_values_integer(cli->values, "k", (int)passages->len));
    if (cli->json)
        print_json(cli, cli->words[0], passages, shown);
    else
        print_plain(cli, passages, shown);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    JD_MODEL_OPTION("the cross-encoder: an installed one's name, or a folder (default: the first "
                    "that is installed)"),
    JD_DTYPE_OPTION,
    {"k", 'k', JD_OPTION_INTEGER, "N", "only the N best", .min = 1,
     .max = JD_LIMIT_RERANK_PASSAGES},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw rerank \"how do lists merge\" passages.txt", "the lines of a file, best first"},
    {"jackdaw rerank -k3 --json \"how do lists merge\" -", "the three best of standard input"},
    {NULL},
};

const jd_command jd_command_rerank = {
    .name = "rerank",
    .summary = "order passages by how well they answer a question",
    .arguments = "QUERY FILE...",
    .min_words = 2,
    .max_words = -1,
    .about =
        "Scores each line of the files (- is standard input) as a passage against the question "
        "with a cross-encoder, and prints score and passage, best first. What a score means is "
        "the model's business: most give 0 to 1, some any number. Empty lines are left out.",
    .options = {options},
    .examples = examples,
    .run = run,
};
