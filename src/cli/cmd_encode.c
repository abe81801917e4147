/* jackdaw encode: vectors, scores and token ids of what standard input names. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/encode_batch.h"
#include "cli/line_reader.h"
#include "cli/model_option.h"

static gboolean is_blank(const char *line, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isspace(line[i]))
            return FALSE;
    return TRUE;
}

/* Lines go in batches; one is run early where the next line is not there yet. */
static gboolean encode_all(jd_encode_batch *batch, jd_line_reader *lines, GError **error)
{
    gsize length;
    const char *line;
    g_autoptr(GError) failed = NULL;
    while ((line = jd_line_reader_next(lines, &length, &failed))) {
        if (!is_blank(line, length) &&
            !jd_encode_batch_add(batch, line, length, jd_line_reader_number(lines), &failed))
            break;
        if ((jd_encode_batch_is_full(batch) || jd_line_reader_would_wait(lines)) &&
            !jd_encode_batch_run(batch, error))
            return FALSE;
    }
    /* What stands before a bad line is still answered. */
    if (!jd_encode_batch_run(batch, error))
        return FALSE;
    if (!failed)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failed));
    return FALSE;
}

static jd_exit run(jd_cli *cli, GError **error)
{
    const char *name = jd_values_text(cli->values, "model");
    if (!name) {
        jd_set_error(error, JD_ERROR_USAGE, "name one: --model NAME|FOLDER",
                     "encode needs a model");
        return JD_EXIT_USAGE;
    }
    g_autoptr(jd_model) model = jd_cli_load_model(cli, name, error);
    g_autoptr(jd_line_reader) lines = model ? jd_line_reader_open("-", error) : NULL;
    if (!lines)
        return JD_EXIT_FAILED;
    const jd_encode_options options = {.model = model,
                                       .reader = jd_values_text(cli->values, "reader"),
                                       .raw = jd_values_flag(cli->values, "raw"),
                                       .tokens = jd_values_flag(cli->values, "tokens"),
                                       .out = cli->out.file};
    g_autoptr(jd_encode_batch) batch = jd_encode_batch_new(&options);
    return encode_all(batch, lines, error) ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

static const jd_option options[] = {
    JD_MODEL_OPTION("the model: an installed one's name, or a folder with config.json and weights"),
    JD_DTYPE_OPTION,
    {"raw", 0, JD_OPTION_FLAG, NULL, "vectors before they are brought to unit length"},
    {"tokens", 0, JD_OPTION_FLAG, NULL, "the token ids instead of vectors"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"echo '{\"id\":1,\"text\":\"a cat\"}' | jackdaw encode --model all-MiniLM-L6-v2",
     "the vector of a text"},
    {"jackdaw encode --model clip-vit-base-patch16 < pictures.jsonl",
     "of pictures: {\"id\":\"a\",\"image\":\"a.jpg\"} a line"},
    {NULL},
};

const jd_command jd_command_encode = {
    .name = "encode",
    .summary = "vectors of texts and pictures",
    .max_words = 0,
    .about =
        "Reads one JSON object a line from standard input and answers each with one on standard "
        "output, in the same order.\n\n"
        "{\"id\":1,\"text\":\"...\"} and {\"id\":2,\"image\":\"file.jpg\"} give "
        "{\"id\":1,\"embedding\":[...]}, of unit length unless --raw is given. "
        "\"prompt\":\"query\" "
        "puts the prompt of that name in front of the text, for a model that has prompts. "
        "{\"id\":3,\"query\":\"...\",\"text\":\"...\"} gives {\"id\":3,\"score\":0.98} with a "
        "cross-encoder. With --tokens the answer is {\"id\":1,\"ids\":[...]}. A line without an id "
        "gets its number.\n\n"
        "Lines are taken in batches; a line that cannot be answered ends the run with an error "
        "that "
        "names it, after those before it have been answered. Bytes that are no UTF-8 are read as "
        "U+FFFD. Texts longer than the model takes are cut.",
    .options = {options},
    .examples = examples,
    .run = run,
};
