/* jackdaw show: one document, passage or picture in full. */
#include "base/error.h"
#include "base/text.h"
#include "cli/cmd.h"
#include "cli/picture.h"
#include "cli/query.h"
#include "cli/report.h"
#include "cli/results_view.h"
#include "cli/wrap.h"
#include "pipeline.h"
#include "retrieve/json.h"
#include "retrieve/retrieve.h"

#include <errno.h>
#include <string.h>

static void put_field(const jd_terminal *out, const char *name, const char *value)
{
    enum { LEFT = 12 };
    if (!value || !*value)
        return;
    jd_wrapper wrapper;
    fputs(jd_terminal_style(out, JD_STYLE_DIM), out->file);
    fprintf(out->file, "%-*s", LEFT, name);
    fputs(jd_terminal_style(out, JD_STYLE_PLAIN), out->file);
    jd_wrapper_init(&wrapper, out->file, out->columns, LEFT);
    wrapper.column = LEFT;
    jd_wrapper_add(&wrapper, value, -1);
    jd_wrapper_clear(&wrapper);
    fputc('\n', out->file);
}

/* ---- a document: what it is, and its outline ---- */

typedef struct outline_walk {
    const jd_cli *cli;
    json_t *items;  /* of the kind at hand, for --json */
    char **section; /* of the item before; owned */
} outline_walk;

/* Headings that the item before did not stand under. */
static void put_new_headings(outline_walk *outline, char *const *section)
{
    const jd_terminal *out = &outline->cli->out;
    gboolean same = TRUE;
    for (guint depth = 0; section[depth]; depth++) {
        const char *before = same && outline->section && depth < g_strv_length(outline->section)
                                 ? outline->section[depth]
                                 : NULL;
        same = same && g_strcmp0(before, section[depth]) == 0;
        if (same)
            continue;
        fprintf(out->file, "%*s", (int)depth * 2, "");
        jd_terminal_put(out, JD_STYLE_STRONG, section[depth]);
        fputc('\n', out->file);
    }
    g_strfreev(outline->section);
    outline->section = g_strdupv((char **)section);
}

static gboolean put_outline_item(const jd_item *item, void *user)
{
    outline_walk *outline = user;
    const jd_terminal *out = &outline->cli->out;
    if (outline->cli->json) {
        json_array_append_new(outline->items, jd_item_to_json(item));
        return TRUE;
    }
    put_new_headings(outline, item->section);
    g_autofree char *id = jd_item_id(item->kind, item->id);
    const char *text = item->kind == JD_ITEM_TEXT ? item->text
                       : item->caption            ? item->caption
                                                  : item->source;
    g_autofree char *line = jd_text_collapse(text ? text : "", -1);
    g_autofree char *safe = jd_terminal_safe(line);
    int indent = (int)g_strv_length(item->section) * 2;
    g_autofree char *cut = jd_text_cut(safe, MAX(out->columns - indent - 9, 20));
    fprintf(out->file, "%*s%-7s %s\n", indent, "", id, cut);
    return !ferror(out->file);
}

static gboolean walk_items(outline_walk *outline, jd_kb *kb, gint64 document, jd_item_kind kind,
                           GError **error)
{
    jd_filter filter = {.document = document};
    jd_item_walk walk = {
        .kind = kind, .filter = &filter, .each = put_outline_item, .user = outline};
    gboolean done = jd_store_each_item(jd_kb_store(kb), &walk, error);
    g_clear_pointer(&outline->section, g_strfreev);
    return done;
}

static gboolean show_document_json(const jd_cli *cli, jd_kb *kb, const jd_document_info *info,
                                   GError **error)
{
    json_auto_t *chunks = json_array();
    json_auto_t *images = json_array();
    outline_walk outline = {.cli = cli, .items = chunks};
    if (!walk_items(&outline, kb, info->id, JD_ITEM_TEXT, error))
        return FALSE;
    outline.items = images;
    if (!walk_items(&outline, kb, info->id, JD_ITEM_IMAGE, error))
        return FALSE;
    json_auto_t *json = json_pack("{s:o, s:O, s:O}", "document", jd_document_to_json_full(info),
                                  "chunks", chunks, "images", images);
    jd_print_json(&cli->out, json);
    return TRUE;
}

static void put_document_fields(const jd_terminal *out, const jd_document_info *info)
{
    g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, info->id);
    g_autofree char *size = g_format_size((guint64)MAX(info->size, 0));
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(info->mtime);
    g_autofree char *changed = time ? g_date_time_format(time, "%Y-%m-%d %H:%M") : NULL;
    put_field(out, "document", id);
    put_field(out, "title", info->title);
    put_field(out, "file", info->uri);
    put_field(out, "collection", info->collection);
    put_field(out, "type", info->media_type);
    put_field(out, "language", info->language);
    put_field(out, "published", info->published);
    put_field(out, "authors", info->authors);
    put_field(out, "changed", changed);
    put_field(out, "size", size);
}

static gboolean show_document(const jd_cli *cli, jd_kb *kb, gint64 id, GError **error)
{
    jd_filter filter = {.document = id};
    g_autoptr(GPtrArray) found = jd_store_list_documents(jd_kb_store(kb), &filter, error);
    if (!found)
        return FALSE;
    if (found->len == 0) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, "'jackdaw ls' lists the documents",
                     "there is no document d%" G_GINT64_FORMAT, id);
        return FALSE;
    }
    const jd_document_info *info = found->pdata[0];
    if (cli->json)
        return show_document_json(cli, kb, info, error);
    put_document_fields(&cli->out, info);
    fputc('\n', cli->out.file);
    outline_walk outline = {.cli = cli};
    if (!walk_items(&outline, kb, id, JD_ITEM_TEXT, error))
        return FALSE;
    if (info->image_count > 0)
        fputs("\nPictures\n", cli->out.file);
    return walk_items(&outline, kb, id, JD_ITEM_IMAGE, error);
}

/* ---- a passage or a picture ---- */

static gboolean save_picture(jd_kb *kb, const jd_item *item, const char *path, GError **error)
{
    if (item->kind != JD_ITEM_IMAGE || !item->sha256) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                     item->kind == JD_ITEM_IMAGE ? "the picture's file could not be had when its "
                                                   "document was read: there is nothing to save"
                                                 : "--save is for pictures, and this is text");
        return FALSE;
    }
    g_autoptr(GBytes) bytes = jd_store_get_picture(jd_kb_store(kb), item->sha256, error);
    if (!bytes)
        return FALSE;
    gsize size;
    const char *data = g_bytes_get_data(bytes, &size);
    g_autoptr(GError) cause = NULL;
    if (g_file_set_contents(path, data, (gssize)size, &cause))
        return TRUE;
    jd_set_error(error, JD_ERROR_IO, NULL, "%s", cause->message);
    return FALSE;
}

static void put_item_fields(const jd_terminal *out, const jd_item *item)
{
    g_autofree char *id = jd_item_id(item->kind, item->id);
    g_autofree char *section = jd_text_section(item->section);
    g_autofree char *page = item->page > 0 ? g_strdup_printf("%d", item->page) : NULL;
    put_field(out, item->kind == JD_ITEM_TEXT ? "passage" : "picture", id);
    put_field(out, "title", item->document->title);
    put_field(out, "file", item->document->uri);
    put_field(out, "section", section);
    put_field(out, "page", page);
    put_field(out, "language", item->language);
    if (item->kind == JD_ITEM_TEXT)
        return;
    g_autofree char *size = g_strdup_printf("%d × %d", item->width, item->height);
    put_field(out, "caption", item->caption);
    put_field(out, "alt", item->alt);
    put_field(out, "in it", item->ocr);
    put_field(out, "source", item->source);
    put_field(out, "type", item->media_type);
    put_field(out, "size", item->sha256 ? size : "not available");
}

static gboolean show_item(const jd_cli *cli, jd_kb *kb, jd_item_kind kind, gint64 id,
                          GError **error)
{
    g_autoptr(GPtrArray) items = jd_store_get_items(jd_kb_store(kb), kind, &id, 1, error);
    if (!items)
        return FALSE;
    const jd_item *item = items->pdata[0];
    const char *save = jd_values_text(cli->values, "save");
    if (save && !save_picture(kb, item, save, error))
        return FALSE;
    if (cli->json) {
        json_auto_t *json = jd_item_to_json(item);
        jd_print_json(&cli->out, json);
        return TRUE;
    }
    put_item_fields(&cli->out, item);
    fputc('\n', cli->out.file);
    if (kind == JD_ITEM_TEXT) {
        jd_wrapper wrapper;
        jd_wrapper_init(&wrapper, cli->out.file, cli->out.tty ? cli->out.columns : 0, 0);
        jd_wrapper_add(&wrapper, item->text, -1);
        jd_wrapper_clear(&wrapper);
        fputc('\n', cli->out.file);
    } else if (jd_pictures_wanted(cli)) {
        jd_picture_draw(cli, kb, item, 0);
    }
    return TRUE;
}

static jd_exit run(jd_cli *cli, GError **error)
{
    char kind;
    gint64 number;
    if (!jd_id_parse(cli->words[0], &kind, &number, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    gboolean done =
        kind == 'd' ? show_document(cli, kb, number, error)
                    : show_item(cli, kb, kind == 't' ? JD_ITEM_TEXT : JD_ITEM_IMAGE, number, error);
    return done ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

static const jd_option options[] = {
    {"save", 0, JD_OPTION_FILE, "FILE", "write the picture to a file"},
    JD_PICTURE_OPTION,
    JD_OPTION_END,
};

static const jd_example examples[] = {
    {"jackdaw show d1", "a document's outline, with the ids of its passages and pictures"},
    {"jackdaw show t12", "a passage in full"},
    {"jackdaw show i3 --save figure.png", "a picture, drawn where the terminal can, and saved"},
    {NULL},
};

const jd_command jd_command_show = {
    .name = "show",
    .summary = "show a document, a passage or a picture in full",
    .arguments = "ID",
    .min_words = 1,
    .max_words = 1,
    .about = "Shows what an id stands for: d1 is a document, t12 a passage, i3 a picture.",
    .options = {options},
    .examples = examples,
    .run = run,
};
