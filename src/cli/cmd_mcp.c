/* jackdaw mcp: the Model Context Protocol on standard input and output. */
#include "cli/ask_options.h"
#include "cli/cmd.h"
#include "pipeline.h"
#include "server/mcp/stdio.h"

#include <unistd.h>

static jd_exit run(jd_cli *cli, GError **error)
{
    const jd_query_args no_query = {.search = JD_SEARCH_OPTIONS_INIT};
    const char *kb = jd_values_text(cli->values, "kb");
    g_autofree char *path = kb ? g_strdup(kb) : jd_kb_default_path();
    jd_kb_options options = jd_cli_kb_options(cli);
    jd_ask_options ask = jd_ask_options_read(cli, &no_query);
    jd_bases *bases = jd_bases_new(path, &options, error);
    if (!bases)
        return JD_EXIT_FAILED;
    jd_mcp_host host = {.bases = bases, .ask = &ask};
    gboolean done = jd_mcp_serve_stdio(&host, STDIN_FILENO, STDOUT_FILENO, error);
    jd_bases_free(bases);
    return done ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

static const jd_example examples[] = {
    {"jackdaw mcp", "what a client starts, with this command in its list of servers"},
    {"jackdaw --kb notes.db mcp --backend extract", "another base, and answers without a model"},
    {NULL},
};

const jd_command jd_command_mcp = {
    .name = "mcp",
    .summary = "give language-model programs the documents as tools (MCP)",
    .max_words = 0,
    .about =
        "Speaks the Model Context Protocol on standard input and output, for programs that start "
        "their servers themselves: the tools search, ask, get_document, get_image and "
        "list_collections, and the documents as resources. Nothing can be changed through it. "
        "Versions of the protocol from 2024-11-05 to 2026-07-28 are understood. It ends when its "
        "input ends.\n\n"
        "`jackdaw serve` offers the same over HTTP, at /mcp.",
    .options = {jd_answer_options},
    .examples = examples,
    .settings_like = &jd_command_ask,
    .run = run,
};
