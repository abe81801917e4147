/* jackdaw import-article: the files that the article's own program wrote. */
#include "cli/cmd.h"
#include "cli/query.h"
#include "cli/report.h"
#include "pipeline.h"
#include "report_json.h"

#include "base/error.h"

static gboolean check_complete(const jd_article_files *files, GError **error)
{
    if (!files->text && !files->images) {
        jd_set_error(error, JD_ERROR_USAGE,
                     "usage: jackdaw import-article --text FILE --images FILE",
                     "'import-article' needs --text or --images");
        return FALSE;
    }
    if ((files->text_embeddings && !files->text) || (files->image_embeddings && !files->images)) {
        jd_set_error(error, JD_ERROR_USAGE, NULL,
                     "embeddings need the list of what they are of: --%s",
                     files->text ? "images" : "text");
        return FALSE;
    }
    return TRUE;
}

static void print(const jd_cli *cli, const jd_article_report *report)
{
    jd_report_skipped(cli, "skipped", report->skipped);
    if (cli->json) {
        json_auto_t *json = json_pack("{s:i, s:i, s:i, s:o}", "documents", (int)report->documents,
                                      "chunks", (int)report->chunks, "images", (int)report->images,
                                      "skipped", jd_skipped_to_json(report->skipped));
        jd_print_json(&cli->out, json);
        return;
    }
    fprintf(cli->out.file, "%u documents, %u passages, %u pictures\n", report->documents,
            report->chunks, report->images);
}

static jd_exit run(jd_cli *cli, GError **error)
{
    const jd_values *values = cli->values;
    jd_article_files files = {
        .text = jd_values_text(values, "text"),
        .images = jd_values_text(values, "images"),
        .text_embeddings = jd_values_text(values, "text-embeddings"),
        .image_embeddings = jd_values_text(values, "image-embeddings"),
        .image_root = jd_values_text(values, "image-root"),
        .collection = jd_values_text(values, "collection"),
    };
    if (!check_complete(&files, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_WRITE, error);
    jd_article_report report = {0};
    if (!kb || !jd_kb_import_article(kb, &files, &report, error))
        return JD_EXIT_FAILED;
    print(cli, &report);
    jd_exit status = report.skipped->len ? JD_EXIT_SKIPPED : JD_EXIT_DONE;
    jd_article_report_clear(&report);
    return status;
}

static const jd_option options[] = {
    {"text", 0, JD_OPTION_FILE, "FILE", "text_content.json: the passages"},
    {"images", 0, JD_OPTION_FILE, "FILE", "image_content.json: the pictures"},
    {"text-embeddings", 0, JD_OPTION_FILE, "FILE", "their vectors: .pt or .npy, one row a passage"},
    {"image-embeddings", 0, JD_OPTION_FILE, "FILE", "the same for the pictures"},
    {"image-root", 0, JD_OPTION_FILE, "FOLDER",
     "where the pictures' paths start (default: the folder of --images)"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw import-article --text text_content.json --images image_content.json \\\n"
     "    --text-embeddings text_embeddings.pt --image-embeddings image_embeddings.pt",
     "then: jackdaw search --profile article --query-embedding query.pt"},
    {NULL},
};

const jd_command jd_command_import_article = {
    .name = "import-article",
    .summary = "load the article's own lists and embeddings",
    .about = "Loads the files that the article's program writes: its JSON lists of passages and "
             "pictures, and their embeddings as PyTorch or NumPy files, which are read without "
             "executing anything. Everything is checked first, and then taken as a whole or not at "
             "all. A picture that cannot be read is named; its entry is kept, and the exit status "
             "is 3.",
    .options = {options},
    .examples = examples,
    .run = run,
};
