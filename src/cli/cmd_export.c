/* jackdaw export-embeddings: the stored vectors for other programs. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/vector_file.h"
#include "pipeline.h"
#include "retrieve/json.h"

#include <string.h>

/* The space that --model names, or the only one. Belongs to `spaces`. */
static const jd_space *choose_space(const GPtrArray *spaces, const char *model, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint i = 0; i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        if (model ? g_str_equal(space->model, model) : spaces->len == 1)
            return space;
        g_string_append_printf(names, "%s%s", i ? ", " : "", space->model);
    }
    if (spaces->len == 0)
        jd_set_error(error, JD_ERROR_NOT_FOUND, "'jackdaw help import-article' tells of a way in",
                     "the knowledge base holds no vectors");
    else if (model)
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "there are no vectors of '%s', only of: %s",
                     model, names->str);
    else
        jd_set_error(error, JD_ERROR_USAGE, "choose one with --model",
                     "there are vectors of several models: %s", names->str);
    return NULL;
}

typedef struct export_run {
    jd_vector_file *file;
    int dimension;
    guint64 rows;
} export_run;

static gboolean add_block(const jd_vectors *block, void *user)
{
    export_run *e = user;
    for (gsize i = 0; i < block->n; i++) {
        g_autofree char *id = jd_item_id(block->kind, block->ids[i]);
        jd_vector_file_add(e->file, id, block->values + i * (gsize)e->dimension);
    }
    e->rows += block->n;
    return TRUE;
}

static gboolean export_all(const jd_cli *cli, jd_store *store, const jd_space *space, export_run *e,
                           GError **error)
{
    jd_filter filter = {0};
    if (!jd_query_filter_read(&filter, cli, error))
        return FALSE;
    gboolean text = jd_values_flag(cli->values, "text");
    gboolean images = jd_values_flag(cli->values, "images");
    jd_vector_scan scan = {
        .space = space->id, .kind = JD_ITEM_TEXT, .filter = &filter, .each = add_block, .user = e};
    if ((text || !images) && !jd_store_scan_vectors(store, &scan, error))
        return FALSE;
    scan.kind = JD_ITEM_IMAGE;
    if ((images || !text) && !jd_store_scan_vectors(store, &scan, error))
        return FALSE;
    return jd_vector_file_finish(e->file, error);
}

static void print(const jd_cli *cli, const jd_space *space, const export_run *e)
{
    if (cli->json) {
        json_auto_t *json =
            json_pack("{s:o, s:s, s:I, s:i}", "file", jd_json_string(cli->words[0]), "model",
                      space->model, "vectors", (json_int_t)e->rows, "dimension", space->dimension);
        jd_print_json(&cli->out, json);
        return;
    }
    fprintf(cli->out.file, "%" G_GUINT64_FORMAT " vectors of %d numbers, by %s\n", e->rows,
            space->dimension, space->model);
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(jd_kb_store(kb), error);
    const jd_space *space =
        spaces ? choose_space(spaces, jd_values_text(cli->values, "model"), error) : NULL;
    if (!space)
        return JD_EXIT_FAILED;
    g_autoptr(jd_vector_file) file = jd_vector_file_new(cli->words[0], space->dimension, error);
    export_run e = {.file = file, .dimension = space->dimension};
    if (!file || !export_all(cli, jd_kb_store(kb), space, &e, error))
        return JD_EXIT_FAILED;
    print(cli, space, &e);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    {"text", 0, JD_OPTION_FLAG, NULL, "only those of passages"},
    {"images", 0, JD_OPTION_FLAG, NULL, "only those of pictures"},
    {"model", 0, JD_OPTION_TEXT, "NAME", "the model whose vectors (default: the only one)"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw export-embeddings vectors.npy", "for NumPy, with the ids in vectors.ids.txt"},
    {"jackdaw export-embeddings --images pictures.jsonl", "one JSON object a picture"},
    {NULL},
};

const jd_command jd_command_export = {
    .name = "export-embeddings",
    .summary = "write the stored vectors to a file",
    .arguments = "FILE",
    .min_words = 1,
    .max_words = 1,
    .about =
        "Writes the vectors of the knowledge base, first the passages', then the pictures', by "
        "id. The file's ending says how: .npy (NumPy) and .pt (PyTorch) are float32, one row a "
        "vector, "
        "with the ids line by line in a file beside it (vectors.ids.txt); .jsonl is one object a "
        "line, "
        "{\"id\":\"t12\",\"embedding\":[...]}.",
    .options = {options, jd_filter_options},
    .examples = examples,
    .run = run,
};
