#include "cli/results_view.h"

#include "base/text.h"
#include "cli/picture.h"
#include "cli/wrap.h"
#include "retrieve/json.h"
#include "retrieve/retrieve.h"

#include <math.h>

enum { INDENT = 4, SNIPPET_LINES = 3 };

char *jd_item_place(const jd_item *item)
{
    g_autofree char *section = jd_text_section(item->section);
    const char *title = item->document ? item->document->title : "";
    return *section ? g_strconcat(title, " › ", section, NULL) : g_strdup(title);
}

/* Wrapped text behind what stands in the line already. */
static void put_wrapped(const jd_terminal *out, int column, jd_style style, const char *text)
{
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, out->file, out->columns, INDENT);
    wrapper.column = column;
    if (style != JD_STYLE_PLAIN)
        jd_wrapper_style(&wrapper, jd_terminal_style(out, style));
    jd_wrapper_add(&wrapper, text, -1);
    if (style != JD_STYLE_PLAIN)
        jd_wrapper_style(&wrapper, jd_terminal_style(out, JD_STYLE_PLAIN));
    jd_wrapper_clear(&wrapper);
    fputc('\n', out->file);
}

/* Small probabilities keep digits that mean something. */
static char *score_text(double score)
{
    if (isnan(score))
        return g_strdup("");
    return g_strdup_printf(score != 0 && fabs(score) < 0.001 ? "%.1e" : "%.3f", score);
}

static void put_head(const jd_terminal *out, const char *lead, const jd_item *item)
{
    g_autofree char *place = jd_item_place(item);
    fputs(lead, out->file);
    put_wrapped(out, jd_text_columns(lead), JD_STYLE_STRONG, place);
}

static void put_document_line(const jd_terminal *out, const jd_item *item)
{
    if (!item->document)
        return;
    g_autofree char *line = item->page > 0
                                ? g_strdup_printf("%s, page %d", item->document->uri, item->page)
                                : g_strdup(item->document->uri);
    put_wrapped(out, 0, JD_STYLE_DIM, line);
}

/* The matches in colour, or in guillemets where there is none. */
static void put_snippet(const jd_terminal *out, const jd_snippet *snippet)
{
    const char *on = out->colour ? jd_terminal_style(out, JD_STYLE_MATCH) : "«";
    const char *off = out->colour ? jd_terminal_style(out, JD_STYLE_PLAIN) : "»";
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, out->file, out->columns, INDENT);
    gsize at = 0;
    for (guint i = 0; i + 1 < snippet->marks->len; i += 2) {
        gsize start = g_array_index(snippet->marks, gsize, i);
        gsize end = g_array_index(snippet->marks, gsize, i + 1);
        jd_wrapper_add(&wrapper, snippet->text + at, (gssize)(start - at));
        out->colour ? jd_wrapper_style(&wrapper, on) : jd_wrapper_add(&wrapper, on, -1);
        jd_wrapper_add(&wrapper, snippet->text + start, (gssize)(end - start));
        out->colour ? jd_wrapper_style(&wrapper, off) : jd_wrapper_add(&wrapper, off, -1);
        at = end;
    }
    jd_wrapper_add(&wrapper, snippet->text + at, -1);
    jd_wrapper_clear(&wrapper);
    fputc('\n', out->file);
}

/* Where a picture is, its size, its drawing. */
static void print_picture(const jd_cli *cli, jd_kb *kb, const jd_item *image)
{
    const jd_terminal *out = &cli->out;
    g_autoptr(GString) line = g_string_new(image->source ? image->source : "(embedded picture)");
    if (image->width > 0 && image->height > 0)
        g_string_append_printf(line, ", %d × %d", image->width, image->height);
    if (!image->sha256)
        g_string_append(line, ", not available");
    put_wrapped(out, 0, JD_STYLE_DIM, line->str);
    if (jd_pictures_wanted(cli))
        jd_picture_draw(cli, kb, image, INDENT);
}

static void print_evidence(const jd_cli *cli, jd_kb *kb, const jd_results *results,
                           const jd_evidence *evidence)
{
    const jd_item *item = evidence->item;
    g_autofree char *id = jd_item_id(item->kind, item->id);
    g_autofree char *score = score_text(evidence->score);
    g_autofree char *lead = g_strdup_printf("%2d  %s  %s  ", evidence->rank, score, id);
    put_head(&cli->out, lead, item);
    put_document_line(&cli->out, item);
    gsize room = (gsize)(MAX(cli->out.columns - INDENT, INDENT) * SNIPPET_LINES);
    g_autoptr(jd_snippet) snippet = jd_snippet_new(item, results, room);
    if (*snippet->text)
        put_snippet(&cli->out, snippet);
    if (item->kind == JD_ITEM_IMAGE)
        print_picture(cli, kb, item);
}

/* `heading` may be NULL. */
static void print_list(const jd_cli *cli, jd_kb *kb, const jd_results *results,
                       const GPtrArray *list, const char *heading)
{
    if (heading && list->len > 0) {
        jd_terminal_put(&cli->out, JD_STYLE_DIM, heading);
        fputc('\n', cli->out.file);
    }
    for (guint i = 0; i < list->len && !ferror(cli->out.file); i++) {
        if (i > 0)
            fputc('\n', cli->out.file);
        print_evidence(cli, kb, results, list->pdata[i]);
    }
}

void jd_print_results(const jd_cli *cli, jd_kb *kb, const jd_results *results)
{
    gboolean both = results->text->len > 0 && results->images->len > 0;
    print_list(cli, kb, results, results->text, both ? "Text" : NULL);
    if (both)
        fputc('\n', cli->out.file);
    print_list(cli, kb, results, results->images, both ? "Pictures" : NULL);
}

void jd_print_source(const jd_cli *cli, jd_kb *kb, int number, const jd_item *item)
{
    g_autofree char *id = jd_item_id(item->kind, item->id);
    g_autofree char *lead = g_strdup_printf("[%d] %s  ", number, id);
    put_head(&cli->out, lead, item);
    put_document_line(&cli->out, item);
    if (item->kind != JD_ITEM_IMAGE)
        return;
    if (item->caption && *item->caption)
        put_wrapped(&cli->out, 0, JD_STYLE_PLAIN, item->caption);
    print_picture(cli, kb, item);
}
