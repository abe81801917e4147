/* jackdaw rm: erases documents, passages and pictures. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/query.h"
#include "cli/report.h"
#include "pipeline.h"
#include "retrieve/json.h"
#include "retrieve/retrieve.h"

#include <string.h>

typedef struct rm_run {
    const jd_cli *cli;
    jd_store *store;
    GPtrArray *documents; /* jd_document_info *, listed once where a name has to be found */
    json_t *removed;      /* [{"id","uri"}] */
} rm_run;

static void note_removed(rm_run *removal, const char *id, const jd_document_info *info)
{
    json_array_append_new(removal->removed, json_pack("{s:s, s:o}", "id", id, "uri",
                                                      jd_json_string(info ? info->uri : NULL)));
}

static gboolean remove_document(rm_run *removal, const jd_document_info *info, GError **error)
{
    if (!jd_store_remove_document(removal->store, info->id, error))
        return FALSE;
    g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, info->id);
    note_removed(removal, id, info);
    return TRUE;
}

static gboolean remove_document_id(rm_run *removal, gint64 id, GError **error)
{
    jd_filter filter = {.document = id};
    g_autoptr(GPtrArray) found = jd_store_list_documents(removal->store, &filter, error);
    if (!found)
        return FALSE;
    if (found->len == 0) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, "'jackdaw ls' lists the documents",
                     "there is no document d%" G_GINT64_FORMAT, id);
        return FALSE;
    }
    return remove_document(removal, found->pdata[0], error);
}

static gboolean remove_item(rm_run *removal, jd_item_kind kind, gint64 number, GError **error)
{
    g_autoptr(GPtrArray) items = jd_store_get_items(removal->store, kind, &number, 1, error);
    if (!items || !jd_store_remove_item(removal->store, kind, number, error))
        return FALSE;
    const jd_item *item = items->pdata[0];
    g_autofree char *id = jd_item_id(kind, number);
    note_removed(removal, id, item->document);
    return TRUE;
}

/* A file is known by its absolute path, however it is typed. */
static gboolean matches(const jd_document_info *info, const char *name, const char *path,
                        gboolean below)
{
    if (g_str_equal(info->uri, name) || g_str_equal(info->uri, path))
        return TRUE;
    gsize length = strlen(path);
    return below && g_str_has_prefix(info->uri, path) &&
           (info->uri[length] == '/' || g_str_has_suffix(path, "/"));
}

static gboolean remove_name(rm_run *removal, const char *name, GError **error)
{
    const jd_values *values = removal->cli->values;
    jd_filter filter = {.collection = jd_values_text(values, "collection")};
    if (!removal->documents)
        removal->documents = jd_store_list_documents(removal->store, &filter, error);
    if (!removal->documents)
        return FALSE;
    gboolean below = jd_values_flag(values, "recursive");
    g_autofree char *path = g_canonicalize_filename(name, NULL);
    guint found = 0;
    for (guint i = 0; i < removal->documents->len; i++) {
        const jd_document_info *info = removal->documents->pdata[i];
        if (!matches(info, name, path, below))
            continue;
        found++;
        if (!remove_document(removal, info, error))
            return FALSE;
    }
    if (found > 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_NOT_FOUND,
                 "'jackdaw ls' lists the documents; --recursive removes all below a folder",
                 "%s: no such document in the knowledge base", name);
    return FALSE;
}

static gboolean remove_one(rm_run *removal, const char *word, GError **error)
{
    char kind;
    gint64 number;
    if (!jd_id_parse(word, &kind, &number, NULL))
        return remove_name(removal, word, error);
    switch (kind) {
    case 'd':
        return remove_document_id(removal, number, error);
    case 't':
        return remove_item(removal, JD_ITEM_TEXT, number, error);
    default:
        return remove_item(removal, JD_ITEM_IMAGE, number, error);
    }
}

static gboolean remove_named(rm_run *removal, GError **error)
{
    for (char *const *word = removal->cli->words; *word; word++)
        if (!remove_one(removal, *word, error))
            return FALSE;
    return TRUE;
}

static gboolean remove_collection(rm_run *removal, GError **error)
{
    jd_filter filter = {.collection = jd_values_text(removal->cli->values, "collection")};
    g_autoptr(GPtrArray) documents = jd_store_list_documents(removal->store, &filter, error);
    if (documents && documents->len == 0)
        jd_set_error(error, JD_ERROR_NOT_FOUND, "'jackdaw ls' lists the documents",
                     "the collection %s has no documents", filter.collection);
    if (!documents || documents->len == 0)
        return FALSE;
    for (guint i = 0; i < documents->len; i++)
        if (!remove_document(removal, documents->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* All of what is named goes, or nothing. */
static gboolean remove_wanted(rm_run *removal, GError **error)
{
    gboolean all = jd_values_flag(removal->cli->values, "all");
    if (!jd_store_begin(removal->store, error))
        return FALSE;
    if (!(all ? remove_collection : remove_named)(removal, error)) {
        jd_store_rollback(removal->store);
        return FALSE;
    }
    return jd_store_commit(removal->store, error) && jd_store_compact(removal->store, error);
}

/* A collection is erased only where this very command line names it: not one that a settings file
 * or a variable names, and never by leaving a word out. */
static gboolean check_words(const jd_cli *cli, GError **error)
{
    gboolean all = jd_values_flag(cli->values, "all");
    if (all && (*cli->words ||
                g_strcmp0(jd_values_origin(cli->values, "collection"), "--collection") != 0))
        jd_set_error(error, JD_ERROR_USAGE, "jackdaw rm --all --collection NAME",
                     "--all erases the collection that --collection names, and takes no words");
    else if (!all && !*cli->words)
        jd_set_error(error, JD_ERROR_USAGE, "see: jackdaw rm --help",
                     "'rm' needs a path, a URL or an id");
    else
        return TRUE;
    return FALSE;
}

static void print(const rm_run *removal)
{
    const jd_terminal *out = &removal->cli->out;
    if (removal->cli->json) {
        json_auto_t *json = json_pack("{s:O}", "removed", removal->removed);
        jd_print_json(out, json);
        return;
    }
    size_t i;
    json_t *one;
    json_array_foreach(removal->removed, i, one)
    {
        const char *uri = json_string_value(json_object_get(one, "uri"));
        fprintf(out->file, "removed %s  ", json_string_value(json_object_get(one, "id")));
        jd_terminal_put(out, JD_STYLE_PLAIN, uri ? uri : "");
        fputc('\n', out->file);
    }
}

static jd_exit run(jd_cli *cli, GError **error)
{
    if (!check_words(cli, error))
        return JD_EXIT_USAGE;
    g_autoptr(jd_kb) kb = jd_cli_open_existing(cli, error);
    if (!kb)
        return JD_EXIT_FAILED;
    json_auto_t *removed = json_array();
    rm_run removal = {.cli = cli, .store = jd_kb_store(kb), .removed = removed};
    gboolean done = remove_wanted(&removal, error);
    if (done)
        print(&removal);
    g_clear_pointer(&removal.documents, g_ptr_array_unref);
    return done ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

static const jd_option options[] = {
    {"recursive", 'r', JD_OPTION_FLAG, NULL, "also every document below a folder"},
    {"all", 0, JD_OPTION_FLAG, NULL, "every document of the collection that --collection names"},
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw rm old/report.html d7", "two documents"},
    {"jackdaw rm --recursive ~/Documents/drafts", "everything that was read from that folder"},
    {"jackdaw rm t12", "one passage"},
    {"jackdaw rm --all --collection drafts", "a whole collection"},
    {NULL},
};

const jd_command jd_command_rm = {
    .name = "rm",
    .summary = "erase documents, passages or pictures",
    .arguments = "URI|ID...",
    .max_words = -1,
    .about =
        "Erases documents, by their path, URL or id, with their text, pictures and vectors, and "
        "gives the space back; or single passages (t12) and pictures (i3); or a whole collection. "
        "All of what is named goes, or, where something is not there, nothing. The files "
        "themselves are not touched.",
    .options = {options},
    .examples = examples,
    .run = run,
};
