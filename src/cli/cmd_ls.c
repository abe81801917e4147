/* jackdaw ls: what is in the knowledge base. */
#include "base/text.h"
#include "cli/cmd.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/results_view.h"
#include "pipeline.h"
#include "retrieve/json.h"

#include <stdlib.h>

/* Lists may be long: each entry is printed as it comes, in JSON one a line. */
typedef struct listing {
    const jd_cli *cli;
    guint count;
} listing;

static void put_json(listing *list, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    fputs(list->count == 1 ? "[" : ",\n ", list->cli->out.file);
    if (text)
        jd_print_json_text(&list->cli->out, text);
    free(text); /* jansson's own allocator is malloc() */
    json_decref(json);
}

static void end_listing(const listing *list)
{
    if (list->cli->json)
        fputs(list->count == 0 ? "[]\n" : "]\n", list->cli->out.file);
    else if (list->count == 0)
        jd_report_note(list->cli, "there is nothing to list");
}

static gboolean put_item(const jd_item *item, void *user)
{
    enum { ID_COLUMNS = 9 };
    listing *list = user;
    const jd_terminal *out = &list->cli->out;
    list->count++;
    if (list->cli->json) {
        put_json(list, jd_item_to_json(item));
        return !ferror(out->file);
    }
    g_autofree char *id = jd_item_id(item->kind, item->id);
    g_autofree char *place = jd_item_place(item);
    const char *what = item->kind == JD_ITEM_TEXT ? item->text
                       : item->caption            ? item->caption
                                                  : item->source;
    fprintf(out->file, "%-*s", ID_COLUMNS, id);
    jd_terminal_put(out, JD_STYLE_STRONG, place);
    if (what) {
        g_autofree char *line = jd_text_collapse(what, -1);
        g_autofree char *safe = jd_terminal_safe(line);
        int room = out->columns - ID_COLUMNS - 2 - jd_text_columns(place);
        g_autofree char *cut = jd_text_cut(safe, MAX(room, 30));
        fprintf(out->file, "  %s", cut);
    }
    fputc('\n', out->file);
    return !ferror(out->file);
}

static gboolean list_items(listing *list, jd_kb *kb, jd_item_kind kind, const jd_filter *filter,
                           GError **error)
{
    jd_item_walk walk = {.kind = kind, .filter = filter, .each = put_item, .user = list};
    return jd_store_each_item(jd_kb_store(kb), &walk, error);
}

static void put_document(listing *list, const jd_document_info *info)
{
    const jd_terminal *out = &list->cli->out;
    list->count++;
    if (list->cli->json) {
        put_json(list, jd_document_to_json_full(info));
        return;
    }
    g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, info->id);
    fprintf(out->file, "%-7s %5u %s %4u %s  ", id, info->chunk_count,
            info->chunk_count == 1 ? "passage " : "passages", info->image_count,
            info->image_count == 1 ? "picture " : "pictures");
    jd_terminal_put(out, JD_STYLE_STRONG, info->title);
    fputs("  ", out->file);
    jd_terminal_put(out, JD_STYLE_DIM, info->uri);
    fputc('\n', out->file);
}

static gboolean list_documents(listing *list, jd_kb *kb, const jd_filter *filter, GError **error)
{
    g_autoptr(GPtrArray) documents = jd_store_list_documents(jd_kb_store(kb), filter, error);
    if (!documents)
        return FALSE;
    for (guint i = 0; i < documents->len && !ferror(list->cli->out.file); i++)
        put_document(list, documents->pdata[i]);
    return TRUE;
}

static jd_exit run(jd_cli *cli, GError **error)
{
    jd_filter filter = {0};
    if (!jd_query_filter_read(&filter, cli, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    gboolean chunks = jd_values_flag(cli->values, "chunks");
    gboolean images = jd_values_flag(cli->values, "images");
    listing list = {.cli = cli};
    if (!chunks && !images && !list_documents(&list, kb, &filter, error))
        return JD_EXIT_FAILED;
    if (chunks && !list_items(&list, kb, JD_ITEM_TEXT, &filter, error))
        return JD_EXIT_FAILED;
    if (images && !list_items(&list, kb, JD_ITEM_IMAGE, &filter, error))
        return JD_EXIT_FAILED;
    end_listing(&list);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    {"chunks", 0, JD_OPTION_FLAG, NULL, "the passages of text"},
    {"images", 0, JD_OPTION_FLAG, NULL, "the pictures"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw ls", "the documents"},
    {"jackdaw ls --images --title handbook", "the pictures of the documents with that title"},
    {"jackdaw ls --chunks --json", "every passage with its place, one JSON object a line"},
    {NULL},
};

const jd_command jd_command_ls = {
    .name = "ls",
    .summary = "list documents, passages or pictures",
    .about = "Lists the documents of the knowledge base, or its passages or pictures, by id.",
    .options = {options, jd_filter_options},
    .examples = examples,
    .run = run,
};
