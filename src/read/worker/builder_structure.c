/* The builder's lists, tables, code and pictures. */
#include "read/worker/builder_state.h"

#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* ---- lists --------------------------------------------------------------------------------- */

static jd_builder_list *innermost(const jd_builder *builder)
{
    return &g_array_index(builder->lists, jd_builder_list, builder->lists->len - 1);
}

void jd_builder_list_begin(jd_builder *builder, gboolean ordered, int first)
{
    if (jd_builder_one_line(builder) || builder->lists->len == JD_LIMIT_LIST_DEPTH) {
        builder->muted_lists++;
        builder->space = TRUE;
        return;
    }
    if (builder->lists->len == 0)
        jd_builder_flush(builder);
    jd_builder_list opened = {.ordered = ordered, .next = first};
    g_array_append_val(builder->lists, opened);
    builder->new_line = TRUE;
}

void jd_builder_list_end(jd_builder *builder)
{
    builder->space = TRUE;
    if (builder->muted_lists > 0) {
        builder->muted_lists--;
        return;
    }
    if (builder->lists->len == 0)
        return;
    if (builder->lists->len == 1)
        jd_builder_flush(builder);
    g_array_set_size(builder->lists, builder->lists->len - 1);
    builder->new_line = builder->lists->len > 0;
}

/* A list that counts and has items: not one within a heading, a cell or code. */
static gboolean in_list(const jd_builder *builder)
{
    return builder->lists->len > 0 && builder->muted_lists == 0 && !jd_builder_one_line(builder);
}

void jd_builder_item_begin(jd_builder *builder)
{
    if (!in_list(builder)) {
        jd_builder_boundary(builder);
        return;
    }
    jd_builder_list *items = innermost(builder);
    if (items->ordered)
        g_snprintf(builder->marker, sizeof builder->marker, "%d. ", items->next);
    else
        g_strlcpy(builder->marker, "- ", sizeof builder->marker);
    if (items->next < G_MAXINT)
        items->next++;
    items->described = FALSE;
    builder->new_line = TRUE;
}

void jd_builder_item_end(jd_builder *builder)
{
    if (!in_list(builder))
        jd_builder_boundary(builder);
    else if (builder->pending->len > 0)
        jd_builder_flush(builder);
}

void jd_builder_description(jd_builder *builder)
{
    if (!in_list(builder)) {
        jd_builder_boundary(builder);
        return;
    }
    jd_builder_list *items = innermost(builder);
    GString *text = builder->text;
    if (builder->new_line && *builder->marker == '\0')
        jd_builder_item_begin(builder);
    else if (!builder->new_line && text->len > builder->line_start &&
             (items->described || text->str[text->len - 1] != ':'))
        g_string_append_c(text, items->described ? ';' : ':');
    items->described = TRUE;
    builder->space = TRUE;
}

/* ---- tables -------------------------------------------------------------------------------- */

void jd_builder_table_begin(jd_builder *builder)
{
    if (jd_builder_one_line(builder)) {
        builder->muted_tables++;
        builder->space = TRUE;
        return;
    }
    jd_builder_flush(builder);
    builder->table = TRUE;
}

void jd_builder_table_end(jd_builder *builder)
{
    builder->space = TRUE;
    if (builder->muted_tables > 0) {
        builder->muted_tables--;
        return;
    }
    jd_builder_flush(builder);
    builder->table = FALSE;
}

static gboolean in_table(const jd_builder *builder)
{
    return builder->table && builder->muted_tables == 0 && !builder->aside;
}

void jd_builder_row_begin(jd_builder *builder)
{
    builder->space = TRUE;
    if (!in_table(builder))
        return;
    builder->row_start = builder->text->len;
    if (builder->text->len > 0)
        g_string_append_c(builder->text, '\n');
    builder->line_start = builder->text->len;
    builder->row_cells = builder->row_words = FALSE;
}

void jd_builder_row_end(jd_builder *builder)
{
    builder->space = TRUE;
    if (in_table(builder) && !builder->row_words)
        g_string_truncate(builder->text, builder->row_start);
}

void jd_builder_cell_begin(jd_builder *builder)
{
    builder->space = TRUE;
    if (!in_table(builder))
        return;
    if (builder->row_cells)
        g_string_append(builder->text, " | ");
    builder->row_cells = TRUE;
    builder->line_start = builder->text->len;
}

void jd_builder_cell_end(jd_builder *builder)
{
    builder->space = TRUE;
}

/* ---- code and pictures ---------------------------------------------------------------------- */

void jd_builder_code_begin(jd_builder *builder)
{
    if (jd_builder_one_line(builder)) {
        builder->muted_codes++;
        builder->space = TRUE;
        return;
    }
    jd_builder_flush(builder);
    builder->code = TRUE;
}

void jd_builder_code_end(jd_builder *builder)
{
    if (builder->muted_codes > 0) {
        builder->muted_codes--;
        builder->space = TRUE;
        return;
    }
    GString *text = builder->text;
    while (text->len > 0 && g_ascii_isspace(text->str[text->len - 1]))
        g_string_truncate(text, text->len - 1);
    gsize lines = strspn(text->str, "\r\n");
    g_string_erase(text, 0, (gssize)lines);
    builder->code = FALSE;
    jd_builder_add_text(builder, JD_BLOCK_CODE);
}

void jd_builder_picture(jd_builder *builder, jd_picture *picture)
{
    g_ptr_array_add(builder->pictures, picture);
    g_ptr_array_add(builder->pending, picture);
    if (builder->aside && builder->heading > 0 && !builder->heading_alt && picture->alt)
        builder->heading_alt = jd_text_collapse(picture->alt, -1);
    if (!jd_builder_one_line(builder) && builder->text->len == 0 && !*builder->marker)
        jd_builder_add_pictures(builder);
}

guint jd_builder_pictures(const jd_builder *builder)
{
    return builder->pictures->len;
}

gboolean jd_builder_caption(jd_builder *builder, guint from, const char *caption)
{
    gboolean taken = FALSE;
    for (guint i = from; i < builder->pictures->len; i++) {
        jd_picture *picture = builder->pictures->pdata[i];
        if (picture->caption)
            continue;
        picture->caption = g_strdup(caption);
        taken = TRUE;
    }
    return taken;
}
