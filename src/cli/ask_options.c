#include "cli/ask_options.h"

#include "answer/servers.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"
#include "cli/progress_bar.h"
#include "cli/report.h"
#include "cli/signals.h"

#include <string.h>
#include <unistd.h>

const jd_option jd_answer_options[] = {
    {"backend", 0, JD_OPTION_CHOICE, "auto|ollama|openai|extract",
     "what answers: a model of Ollama's, an OpenAI-compatible server, or no model at all: the best "
     "passages quoted; 'auto' takes what is there, in this order (default: auto)",
     .variable = "JACKDAW_BACKEND"},
    {"model", 0, JD_OPTION_TEXT, "NAME",
     "the model; " JD_ARTICLE_MODEL " is the article's, and any that takes pictures will do "
     "(default: the first of the server's that takes pictures)",
     .variable = "JACKDAW_MODEL"},
    {"server", 0, JD_OPTION_TEXT, "URL",
     "the model server (default: OLLAMA_HOST or OPENAI_BASE_URL)", .variable = "JACKDAW_SERVER"},
    {"context", 0, JD_OPTION_INTEGER, "N",
     "the model's window, in tokens; evidence is chosen to fit (default: " G_STRINGIFY(
         JD_ASK_CONTEXT_TOKENS) ")",
     .min = 512, .max = 1 << 24},
    {"no-rewrite", 0, JD_OPTION_FLAG, NULL,
     "search for a question that follows up as it is; else the model first words it so that it "
     "stands alone"},
    JD_OPTION_END,
};

jd_ask_options jd_ask_options_read(const jd_cli *cli, const jd_query_args *query)
{
    const jd_values *values = cli->values;
    jd_ask_options options = JD_ASK_OPTIONS_INIT;
    options.search = query->search;
    /* The picture belongs to the question as a whole: the model sees it too. */
    options.image_path = query->search.image_path;
    options.search.image_path = NULL;
    if (jd_values_has(values, "backend"))
        options.backend = jd_values_text(values, "backend");
    options.model = jd_values_text(values, "model");
    options.server = jd_values_text(values, "server");
    options.context_tokens = jd_values_integer(values, "context", 0);
    options.rewrite = !jd_values_flag(values, "no-rewrite");
    options.offline = jd_values_flag(values, "offline");
    return options;
}

/* A model was asked for, and that it is missing is all that can be meant by "not found". */
static gboolean model_is_missing(const jd_ask_options *options, const GError *error)
{
    return g_error_matches(error, JD_ERROR, JD_ERROR_NOT_FOUND) && options->model &&
           !g_str_equal(options->backend, "openai") && !g_str_equal(options->backend, "extract") &&
           !options->search.like &&
           (!options->image_path || access(options->image_path, R_OK) == 0);
}

static gboolean user_agrees(const jd_cli *cli, const char *model)
{
    if (!isatty(STDIN_FILENO) || !cli->err.tty || cli->json)
        return FALSE;
    fputs("The model ", cli->err.file);
    jd_terminal_put(&cli->err, JD_STYLE_STRONG, model);
    fputs(" is not there. Have Ollama fetch it now? It may be several GB. [y/N] ", cli->err.file);
    fflush(cli->err.file);
    char line[16];
    gboolean answered =
        jd_signals_wait_for_input(STDIN_FILENO) && fgets(line, sizeof line, stdin) != NULL;
    if (!answered)
        fputc('\n', cli->err.file);
    return answered && g_ascii_tolower(line[0]) == 'y';
}

static gboolean fetch(const jd_cli *cli, const jd_ask_options *options, GError **error)
{
    if (options->offline) {
        jd_set_error(error, JD_ERROR_USAGE, "drop --offline",
                     "fetching a model needs the network, which is not to be used");
        return FALSE;
    }
    jd_progress_bar bar;
    jd_progress_bar_init(&bar, cli);
    jd_pull_options pull = {
        .model = options->model,
        .server = options->server,
        .progress = jd_progress_bar_update,
        .user = &bar,
        .cancel = options->cancel,
    };
    gboolean done = jd_ollama_pull(&pull, error);
    jd_progress_bar_clear(&bar);
    return done;
}

gboolean jd_ask_fetch_model(const jd_cli *cli, const jd_ask_options *options, GError **error)
{
    if (!model_is_missing(options, *error))
        return FALSE;
    g_autoptr(GError) failure = NULL;
    gboolean agreed = jd_values_flag(cli->values, "pull") || user_agrees(cli, options->model);
    if (!agreed && !jd_cancelled(options->cancel, &failure))
        return FALSE;
    gboolean done = !failure && fetch(cli, options, &failure);
    g_clear_error(error);
    if (!done)
        g_propagate_error(error, g_steal_pointer(&failure));
    return done;
}
