/* jackdaw ingest: files into the knowledge base. */
#include "base/error.h"
#include "base/limits.h"
#include "cli/cmd.h"
#include "cli/progress_bar.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "report_json.h"

static gboolean check_fetch(const jd_cli *cli, GError **error)
{
    if (!jd_values_flag(cli->values, "fetch") || !jd_values_flag(cli->values, "offline"))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, "drop one of them",
                 "fetching (%s) needs the network, which is not to be used (%s)",
                 jd_values_origin(cli->values, "fetch"), jd_values_origin(cli->values, "offline"));
    return FALSE;
}

static jd_ingest_options read_options(const jd_cli *cli)
{
    const jd_values *values = cli->values;
    jd_ingest_options options = JD_INGEST_OPTIONS_INIT;
    const char *chunking = jd_values_text(values, "chunking");
    if (!chunking)
        chunking = jd_values_text(values, "profile");
    options.collection = jd_values_text(values, "collection");
    options.chunking =
        g_strcmp0(chunking, "article") == 0 ? JD_CHUNKING_ARTICLE : JD_CHUNKING_DEFAULT;
    options.target_chars = jd_values_integer(values, "chunk-chars", 0);
    options.overlap_chars = jd_values_integer(values, "overlap-chars", -1);
    options.jobs = jd_values_integer(values, "jobs", jd_values_integer(values, "threads", 0));
    options.prune = jd_values_flag(values, "prune");
    options.fetch = jd_values_flag(values, "fetch");
    options.force = jd_values_flag(values, "force");
    return options;
}

static const char *plural(guint n)
{
    return n == 1 ? "" : "s";
}

static void print_text(const jd_cli *cli, const jd_ingest_report *report)
{
    FILE *out = cli->out.file;
    fprintf(out, "%u document%s read: %u passage%s, %u picture%s", report->documents,
            plural(report->documents), report->chunks, plural(report->chunks), report->images,
            plural(report->images));
    if (report->unchanged)
        fprintf(out, "; %u unchanged", report->unchanged);
    if (report->pruned)
        fprintf(out, "; %u removed", report->pruned);
    if (report->skipped->len)
        fprintf(out, "; %u skipped", report->skipped->len);
    if (report->vectors)
        fprintf(out, "; %" G_GUINT64_FORMAT " vectors", report->vectors);
    fprintf(out, "; %.1f s\n", report->seconds);
}

static jd_exit run(jd_cli *cli, GError **error)
{
    if (!check_fetch(cli, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_WRITE, error);
    if (!kb)
        return JD_EXIT_FAILED;
    jd_progress_bar bar;
    jd_progress_bar_init(&bar, cli);
    jd_ingest_options options = read_options(cli);
    const char *allow = jd_values_text(cli->values, "fetch-allow");
    g_auto(GStrv) hosts = allow ? g_strsplit(allow, ",", -1) : NULL;
    options.fetch_allow = (const char *const *)hosts;
    options.progress = jd_progress_bar_update;
    options.user = &bar;
    options.cancel = jd_signals_catch();
    g_autoptr(jd_ingest_report) report = NULL;
    gboolean done = jd_kb_ingest(kb, (const char *const *)cli->words, &options, &report, error);
    jd_progress_bar_clear(&bar);
    if (!done)
        return JD_EXIT_FAILED;
    if (!cli->quiet)
        jd_report_skipped(cli, "warning", report->warnings);
    jd_report_skipped(cli, "skipped", report->skipped);
    if (cli->json) {
        json_auto_t *json = jd_ingest_report_to_json(report);
        jd_print_json(&cli->out, json);
    } else {
        print_text(cli, report);
    }
    return report->skipped->len ? JD_EXIT_SKIPPED : JD_EXIT_DONE;
}

static const jd_option options[] = {
    {"chunking", 0, JD_OPTION_CHOICE, "default|article",
     "how documents are cut: 'default' into passages of one section, 'article' exactly as the "
     "article's program does (default: default)"},
    {"profile", 0, JD_OPTION_CHOICE, "default|article",
     "'article' does all of the article's method: its chunking, unless --chunking says otherwise"},
    {"chunk-chars", 0, JD_OPTION_INTEGER, "N",
     "length that passages aim at, in characters (default: " G_STRINGIFY(JD_CHUNK_TARGET_CHARS) ")",
     .min = 100, .max = 100000},
    {"overlap-chars", 0, JD_OPTION_INTEGER, "N",
     "how much of a passage the next one repeats (default: " G_STRINGIFY(
         JD_CHUNK_OVERLAP_CHARS) ")",
     .max = 50000},
    {"jobs", 'j', JD_OPTION_INTEGER, "N",
     "read N files at once (default: --threads, else one for each core)", .min = 1,
     .max = JD_LIMIT_THREADS},
    {"prune", 0, JD_OPTION_FLAG, NULL,
     "remove documents below the given folders whose files are no longer there"},
    {"fetch", 0, JD_OPTION_FLAG, NULL, "allow fetching URLs, and pictures that documents link to"},
    {"fetch-allow", 0, JD_OPTION_TEXT, "HOST[:PORT],...",
     "hosts that may be fetched from although their addresses are private, as in an intranet"},
    {"force", 0, JD_OPTION_FLAG, NULL, "read unchanged files again"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw ingest ~/Documents", "everything in a folder; later runs read only what has changed"},
    {"jackdaw ingest --prune --jobs 4 notes/ report.html",
     "four files at once, and forget what is gone"},
    {"jackdaw ingest --fetch https://example.org/post.html",
     "a page of the web, with its pictures"},
    {NULL},
};

const jd_command jd_command_ingest = {
    .name = "ingest",
    .summary = "read files, folders and URLs into the knowledge base",
    .arguments = "PATH|URL...",
    .min_words = 1,
    .max_words = -1,
    .about =
        "Reads files and folders into the knowledge base, which is made where there is none: "
        "HTML, Markdown, plain text, and pictures (JPEG, PNG, WebP, GIF), told by their "
        "content. A separate process that can touch nothing else does the reading.\n\n"
        "Unchanged files are not read again, changed ones are replaced. A run that was stopped "
        "goes on where it was when started again. A file that cannot be read is named with the "
        "reason, the rest goes on, and the exit status is 3.",
    .options = {options},
    .examples = examples,
    .run = run,
};
