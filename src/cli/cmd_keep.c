/* jackdaw verify, jackdaw backup: keeping the knowledge base. */
#include "cli/cmd.h"
#include "cli/query.h"
#include "cli/report.h"
#include "pipeline.h"
#include "retrieve/json.h"

static void print_verdict(const jd_cli *cli, const GPtrArray *problems, const jd_store_stats *stats)
{
    if (cli->json) {
        json_auto_t *json = json_pack("{s:b, s:o}", "sound", problems->len == 0, "problems",
                                      jd_json_strings(problems));
        jd_print_json(&cli->out, json);
        return;
    }
    for (guint i = 0; i < problems->len; i++) {
        jd_terminal_put(&cli->out, JD_STYLE_BAD, problems->pdata[i]);
        fputc('\n', cli->out.file);
    }
    if (problems->len == 0)
        fprintf(cli->out.file,
                "sound: %" G_GUINT64_FORMAT " documents, %" G_GUINT64_FORMAT
                " passages, %" G_GUINT64_FORMAT " pictures, %" G_GUINT64_FORMAT " vectors\n",
                stats->documents, stats->chunks, stats->images, stats->vectors);
}

static jd_exit run_verify(jd_cli *cli, GError **error)
{
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    g_autoptr(GPtrArray) problems = jd_store_verify(jd_kb_store(kb), error);
    jd_store_stats stats = {0};
    if (!problems || (problems->len == 0 && !jd_store_get_stats(jd_kb_store(kb), &stats, error)))
        return JD_EXIT_FAILED;
    print_verdict(cli, problems, &stats);
    return problems->len ? JD_EXIT_FAILED : JD_EXIT_DONE;
}

const jd_command jd_command_verify = {
    .name = "verify",
    .summary = "check the knowledge base",
    .about = "Checks everything in the knowledge base: the database, the index of words, pictures "
             "against their hashes, vectors against their sizes. Problems are listed, and the exit "
             "status is then 1.",
    .run = run_verify,
};

static jd_exit run_backup(jd_cli *cli, GError **error)
{
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb || !jd_store_backup(jd_kb_store(kb), cli->words[0], error))
        return JD_EXIT_FAILED;
    if (cli->json) {
        json_auto_t *json = json_pack("{s:o}", "backup", jd_json_string(cli->words[0]));
        jd_print_json(&cli->out, json);
    }
    return JD_EXIT_DONE;
}

static const jd_example backup_examples[] = {
    {"jackdaw backup /media/disk/papers.db", "a copy, complete and consistent"},
    {NULL},
};

const jd_command jd_command_backup = {
    .name = "backup",
    .summary = "copy the knowledge base, even while it is in use",
    .arguments = "FILE",
    .min_words = 1,
    .max_words = 1,
    .about =
        "Copies the knowledge base to a file that does not exist yet. Others may read and write "
        "it meanwhile; the copy is one consistent state.",
    .examples = backup_examples,
    .run = run_backup,
};
