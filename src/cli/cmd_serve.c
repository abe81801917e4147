/* jackdaw serve: the page and the interfaces for other programs. */
#include "base/error.h"
#include "base/limits.h"
#include "cli/ask_options.h"
#include "cli/cmd.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "server/server.h"

#include <string.h>

static void log_line(const char *line, void *user)
{
    fprintf(stderr, "jackdaw: %s\n", line);
}

/* What is beyond the option tables: folders that must be there. */
static gboolean check(const jd_cli *cli, GError **error)
{
    const char *const *roots = jd_values_list(cli->values, "root");
    for (; roots && *roots; roots++)
        if (!g_file_test(*roots, G_FILE_TEST_IS_DIR)) {
            jd_set_error(error, JD_ERROR_NOT_FOUND, "name a folder that clients may have ingested",
                         "--root %s: there is no such folder", *roots);
            return FALSE;
        }
    if (!jd_values_flag(cli->values, "fetch") || !jd_values_flag(cli->values, "offline"))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, "drop one of them",
                 "fetching (%s) needs the network, which is not to be used (%s)",
                 jd_values_origin(cli->values, "fetch"), jd_values_origin(cli->values, "offline"));
    return FALSE;
}

static jd_serve_options read_options(const jd_cli *cli)
{
    const jd_values *values = cli->values;
    const jd_query_args no_query = {.search = JD_SEARCH_OPTIONS_INIT};
    return (jd_serve_options){
        .kb = jd_values_text(values, "kb"),
        .kb_options = jd_cli_kb_options(cli),
        .listen = jd_values_list(values, "listen"),
        .port = jd_values_integer(values, "port", JD_SERVER_PORT),
        .hosts = jd_values_list(values, "host"),
        .require_token = jd_values_flag(values, "require-token"),
        .token_file = jd_values_text(values, "token-file"),
        .roots = jd_values_list(values, "root"),
        .fetch = jd_values_flag(values, "fetch"),
        .ask = jd_ask_options_read(cli, &no_query),
        .log = log_line,
    };
}

static void print_json(const jd_cli *cli, const jd_service *service)
{
    gboolean made;
    json_t *urls = json_array();
    for (const char *const *url = jd_service_urls(service); *url; url++)
        json_array_append_new(urls, json_string(*url));
    json_auto_t *json =
        json_pack("{s:o, s:s?}", "urls", urls, "token", jd_service_token(service, &made));
    jd_print_json(&cli->out, json);
}

/* The token is shown once, when it is made: a log that is kept would give it away. */
static void print_text(const jd_cli *cli, const jd_service *service)
{
    gboolean made;
    const char *token = jd_service_token(service, &made);
    FILE *out = cli->out.file;
    for (const char *const *url = jd_service_urls(service); *url; url++) {
        fputs("Jackdaw serves ", out);
        jd_terminal_put(&cli->out, JD_STYLE_STRONG, *url);
        fputc('\n', out);
    }
    if (made)
        fprintf(out, "The token that clients need: %s\n", token);
    if (token)
        fprintf(out, "It is kept in %s\n", jd_service_token_file(service));
    fputs("Ctrl-C ends it.\n", out);
}

static jd_exit run(jd_cli *cli, GError **error)
{
    if (!check(cli, error))
        return JD_EXIT_FAILED;
    jd_serve_options options = read_options(cli);
    const char *allow = jd_values_text(cli->values, "fetch-allow");
    g_auto(GStrv) allowed = allow ? g_strsplit(allow, ",", -1) : NULL;
    options.fetch_allow = (const char *const *)allowed;
    jd_signals_keep();
    g_autoptr(jd_service) service = jd_service_new(&options, error);
    if (!service)
        return JD_EXIT_FAILED;
    if (cli->json)
        print_json(cli, service);
    else if (!cli->quiet)
        print_text(cli, service);
    fflush(cli->out.file);
    jd_signals_catch();
    jd_signals_wait();
    if (!cli->quiet && !cli->json)
        log_line("ending when what is under way is done; another Ctrl-C ends at once", NULL);
    jd_service_stop(service);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    {"port", 'p', JD_OPTION_INTEGER, "N",
     "the port; 0 for one that is free (default: " G_STRINGIFY(JD_SERVER_PORT) ")", .min = 0,
     .max = 65535},
    {"listen", 0, JD_OPTION_TEXT, "ADDRESS",
     "an address to listen on, * for all of this machine's; beyond this machine a token is needed "
     "(default: 127.0.0.1 and ::1)",
     .repeats = TRUE},
    {"host", 0, JD_OPTION_TEXT, "NAME",
     "a name that clients may call this server by, besides its addresses, localhost and this "
     "machine's name",
     .repeats = TRUE},
    {"require-token", 0, JD_OPTION_FLAG, NULL, "ask clients on this machine for the token too"},
    {"token-file", 0, JD_OPTION_FILE, "FILE",
     "where the token is kept; made where it is absent (default: $XDG_STATE_HOME/jackdaw/token)"},
    {"root", 0, JD_OPTION_FILE, "DIR",
     "a folder of this machine that clients may have ingested (default: none)", .repeats = TRUE},
    {"fetch", 0, JD_OPTION_FLAG, NULL,
     "let clients have URLs ingested, and pictures that documents link to"},
    {"fetch-allow", 0, JD_OPTION_TEXT, "HOST[:PORT],...",
     "hosts that may be fetched from although their addresses are private"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw serve", "the page on http://localhost:7860/"},
    {"jackdaw serve --root ~/Documents", "clients may have what is below this folder ingested"},
    {"jackdaw serve --listen '*' --host notes.example.org",
     "for the whole network, with a token, under a name of its own"},
    {NULL},
};

const jd_command jd_command_serve = {
    .name = "serve",
    .summary = "serve the page and the interfaces for other programs",
    .max_words = 0,
    .about =
        "Serves the knowledge base over HTTP: the page, a REST interface below /api/v1 "
        "(/api/v1/openapi.json describes it), OpenAI's interface below /v1, MCP at /mcp, and "
        "metrics. It ends on Ctrl-C or SIGTERM: what is "
        "under way is finished, and files that were being read in go on at the next start.\n\n"
        "It listens on this machine alone. Where --listen says otherwise, clients need a token, "
        "which is made and printed at the first start. Requests from pages of other sites are "
        "refused, and so are names that this server does not go by. Files of this machine are "
        "read only below --root, the web only with --fetch; files that are uploaded are looked "
        "into by the reader process alone.",
    .options = {options, jd_answer_options},
    .examples = examples,
    .settings_like = &jd_command_ask,
    .run = run,
};
