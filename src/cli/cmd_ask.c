/* jackdaw ask: an answer from the documents. */
#include "base/error.h"
#include "cli/answer_view.h"
#include "cli/ask_options.h"
#include "cli/cmd.h"
#include "cli/picture.h"
#include "cli/prompt_view.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "pipeline.h"

static jd_exit show_prompt(const jd_cli *cli, jd_kb *kb, const char *question,
                           const jd_ask_options *options, GError **error)
{
    g_autofree char *request = jd_kb_show_prompt(kb, question, options, error);
    if (!request)
        return JD_EXIT_FAILED;
    jd_print_prompt(cli, request);
    return JD_EXIT_DONE;
}

static jd_exit ask(const jd_cli *cli, jd_kb *kb, const char *question, jd_ask_options *options,
                   GError **error)
{
    jd_answer_view view;
    jd_answer_view_init(&view, cli, jd_signals_catch());
    jd_answer_view_attach(&view, question, options);
    g_autoptr(jd_answer) answer = jd_kb_ask(kb, question, options, error);
    if (!answer && jd_ask_fetch_model(cli, options, error))
        answer = jd_kb_ask(kb, question, options, error);
    jd_exit status = JD_EXIT_FAILED;
    if (answer) {
        jd_answer_view_end(&view, kb, answer);
        status = jd_answer_view_status(&view, answer);
    }
    jd_answer_view_clear(&view);
    return status;
}

static gboolean check(const jd_cli *cli, const char *question, GError **error)
{
    if (!*question) {
        jd_set_error(error, JD_ERROR_USAGE, "usage: jackdaw ask QUESTION...",
                     "the question is empty");
        return FALSE;
    }
    if (jd_values_flag(cli->values, "pull") && !jd_values_has(cli->values, "model")) {
        jd_set_error(error, JD_ERROR_USAGE, "as in: jackdaw ask --pull --model gemma3 QUESTION",
                     "--pull needs --model NAME: which model is to be fetched");
        return FALSE;
    }
    return TRUE;
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_auto(jd_query_args) query = {0};
    if (!jd_query_args_read(&query, cli, error))
        return JD_EXIT_FAILED;
    g_autofree char *question = jd_query_text(cli, error);
    if (!question || !check(cli, question, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    jd_ask_options options = jd_ask_options_read(cli, &query);
    if (jd_values_flag(cli->values, "show-prompt"))
        return show_prompt(cli, kb, question, &options, error);
    return ask(cli, kb, question, &options, error);
}

static const jd_option own_options[] = {
    {"show-prompt", 0, JD_OPTION_FLAG, NULL,
     "print the request that would be sent to the model, and send nothing"},
    JD_PULL_OPTION,
    JD_PICTURE_OPTION,
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw ask \"why does a softmax score shrink when the collection grows?\"",
     "an answer with its sources"},
    {"jackdaw ask --backend extract what does figure 3 show", "the best passages, without a model"},
    {"jackdaw ask --pull --model llama3.2-vision how do the encoders differ",
     "with the article's model, which is fetched where it is missing"},
    {"jackdaw ask --image photo.jpg \"which part is this?\"", "a question about a picture"},
    {NULL},
};

const jd_command jd_command_ask = {
    .name = "ask",
    .summary = "answer a question from the documents, with sources and pictures",
    .arguments = "QUESTION...",
    .min_words = 1,
    .max_words = -1,
    .about =
        "Finds the evidence for a question as 'search' does, gives it to a language model, text "
        "and "
        "pictures, and prints the answer as it comes, then its numbered sources and pictures. The "
        "sources are set by Jackdaw, not by the model.\n\n"
        "Any model that takes pictures will do. llama3.2-vision is the one that the article uses; "
        "Ollama loads it up to version 0.24. Without a model server the best passages are "
        "quoted.\n\n"
        "Where the documents do not hold the answer, this is said, and the exit status is 4. "
        "Ctrl-C "
        "stops the answer and keeps what has come.",
    .options = {jd_query_options, jd_filter_options, jd_answer_options, own_options},
    .examples = examples,
    .settings_like = &jd_command_search,
    .run = run,
};
