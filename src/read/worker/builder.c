#include "read/worker/builder_state.h"

#include "base/limits.h"
#include "base/text.h"

#include <string.h>

jd_builder *jd_builder_new(jd_document *document)
{
    jd_builder *builder = g_new0(jd_builder, 1);
    builder->document = document;
    builder->pictures = g_ptr_array_new();
    builder->pending = g_ptr_array_new_with_free_func((GDestroyNotify)jd_picture_free);
    builder->text = g_string_sized_new(512);
    builder->where = JD_SPAN_UNKNOWN;
    builder->lists = g_array_new(FALSE, TRUE, sizeof(jd_builder_list));
    return builder;
}

void jd_builder_free(jd_builder *builder)
{
    if (!builder)
        return;
    jd_section_path_clear(&builder->path);
    g_ptr_array_unref(builder->pictures);
    g_ptr_array_unref(builder->pending);
    g_string_free(builder->text, TRUE);
    if (builder->aside)
        g_string_free(builder->aside, TRUE);
    g_free(builder->heading_alt);
    g_array_unref(builder->lists);
    g_free(builder);
}

/* ---- blocks ------------------------------------------------------------------------------- */

static jd_block *add_block(jd_builder *builder, jd_block_kind kind)
{
    jd_document *document = builder->document;
    if (document->blocks->len >= JD_LIMIT_BLOCKS) {
        if (!builder->full)
            g_ptr_array_add(document->warnings,
                            g_strdup_printf("only the first %d blocks were read", JD_LIMIT_BLOCKS));
        builder->full = TRUE;
        return NULL;
    }
    jd_block *block = jd_document_add(document, kind, builder->path.headings);
    block->page = builder->page;
    return block;
}

void jd_builder_add_pictures(jd_builder *builder)
{
    for (guint i = 0; i < builder->pending->len; i++) {
        jd_block *block = add_block(builder, JD_BLOCK_PICTURE);
        if (!block)
            return;
        block->picture = builder->pending->pdata[i];
        builder->pending->pdata[i] = NULL;
    }
    g_ptr_array_set_size(builder->pending, 0);
}

/** Whether the block before says just the same: a subtitle that a page keeps in two places. */
static gboolean repeats(const jd_builder *builder, jd_block_kind kind)
{
    const GPtrArray *blocks = builder->document->blocks;
    const jd_block *last = blocks->len > 0 ? blocks->pdata[blocks->len - 1] : NULL;
    return kind == JD_BLOCK_PARAGRAPH && last && last->kind == kind &&
           strcmp(last->text, builder->text->str) == 0;
}

void jd_builder_add_text(jd_builder *builder, jd_block_kind kind)
{
    jd_block *block = NULL;
    if (builder->text->len > 0 && !repeats(builder, kind))
        block = add_block(builder, kind);
    if (block) {
        block->text = g_strndup(builder->text->str, builder->text->len);
        block->start = builder->where.start;
        block->end = builder->where.end;
    }
    g_string_truncate(builder->text, 0);
    builder->where = JD_SPAN_UNKNOWN;
    builder->line_start = 0;
    builder->space = FALSE;
    builder->new_line = builder->lists->len > 0;
    jd_builder_add_pictures(builder);
}

void jd_builder_flush(jd_builder *builder)
{
    jd_block_kind kind = builder->table            ? JD_BLOCK_TABLE
                         : builder->lists->len > 0 ? JD_BLOCK_LIST
                         : builder->quotes > 0     ? JD_BLOCK_QUOTE
                                                   : JD_BLOCK_PARAGRAPH;
    jd_builder_add_text(builder, kind);
}

void jd_builder_set_page(jd_builder *builder, int page)
{
    builder->page = page;
}

gboolean jd_builder_is_empty(const jd_builder *builder)
{
    return builder->document->blocks->len == 0 && builder->text->len == 0 &&
           builder->pending->len == 0;
}

void jd_builder_finish(jd_builder *builder)
{
    jd_builder_flush(builder);
}

gboolean jd_builder_one_line(const jd_builder *builder)
{
    return builder->aside || builder->table || builder->code;
}

/* ---- text --------------------------------------------------------------------------------- */

/* Length of the white space or invisible character at `p`, 0 for any other; `*visible` tells
 * whether it separates words. */
static gsize blank_at(const char *p, const char *end, gboolean *separates)
{
    *separates = TRUE;
    guchar lead = (guchar)*p;
    if (lead <= 0x20)
        return 1;
    /* The others begin with these: U+00A0 and U+00AD, U+1680, U+2000.., U+3000 and U+FEFF. */
    if (lead != 0xC2 && lead != 0xE1 && lead != 0xE2 && lead != 0xE3 && lead != 0xEF)
        return 0;
    gunichar c = g_utf8_get_char_validated(p, end - p);
    *separates = c != 0xAD && c != 0x200B;
    if (*separates && c != 0xA0 && c != 0xFEFF && !g_unichar_isspace(c))
        return 0;
    return g_utf8_next_char(p) - p;
}

static void begin_list_line(jd_builder *builder)
{
    if (builder->text->len > 0)
        g_string_append_c(builder->text, '\n');
    /* A line that goes on with an item stands below its text. */
    guint indent = builder->lists->len - (*builder->marker || builder->text->len == 0);
    for (guint i = 0; i < indent; i++)
        g_string_append(builder->text, "  ");
    if (*builder->marker)
        g_string_append(builder->text, builder->marker);
    *builder->marker = '\0';
    builder->line_start = builder->text->len;
    builder->space = FALSE;
    builder->new_line = FALSE;
}

static void append_words(jd_builder *builder, const char *words, gsize length)
{
    GString *to = builder->aside ? builder->aside : builder->text;
    if (!builder->aside && !builder->table && builder->new_line)
        begin_list_line(builder);
    builder->row_words |= !builder->aside;
    if (builder->space && to->len > (builder->aside ? 0 : builder->line_start))
        g_string_append_c(to, ' ');
    builder->space = FALSE;
    g_string_append_len(to, words, (gssize)length);
}

static void extend(jd_span *where, jd_span more)
{
    if (more.start < 0)
        return;
    where->start = where->start < 0 ? more.start : MIN(where->start, more.start);
    where->end = MAX(where->end, more.end);
}

/* Where the words from `p` on end that are separated by single spaces, as they will be written. */
static const char *words_end(const char *p, const char *end)
{
    gboolean separates;
    for (;;) {
        while (p < end && (guchar)(*p - 0x21) < 0x80 - 0x21)
            p++;
        if (end - p > 1 && *p == ' ' && blank_at(p + 1, end, &separates) == 0)
            p++;
        else if (p < end && (guchar)*p >= 0x80 && blank_at(p, end, &separates) == 0)
            p = g_utf8_next_char(p);
        else
            return MIN(p, end);
    }
}

void jd_builder_text(jd_builder *builder, const char *text, gsize length, jd_span where)
{
    const char *end = text + length;
    if (builder->code) {
        g_string_append_len(builder->text, text, (gssize)length);
        extend(&builder->where, where);
        return;
    }
    gboolean any = FALSE;
    const char *p = text;
    while (p < end) {
        gboolean separates;
        gsize blank = blank_at(p, end, &separates);
        if (blank > 0) {
            builder->space |= separates;
            p += blank;
            continue;
        }
        const char *words = p;
        p = words_end(words, end);
        append_words(builder, words, p - words);
        any = TRUE;
    }
    if (any && !builder->aside)
        extend(&builder->where, where);
}

void jd_builder_break(jd_builder *builder)
{
    if (builder->code)
        g_string_append_c(builder->text, '\n');
    else
        builder->space = TRUE;
}

void jd_builder_boundary(jd_builder *builder)
{
    GString *text = builder->text;
    if (builder->code && text->len > 0 && text->str[text->len - 1] != '\n')
        g_string_append_c(text, '\n');
    if (jd_builder_one_line(builder) || builder->lists->len > 0)
        builder->space = TRUE;
    else
        jd_builder_flush(builder);
}

/* ---- headings and asides ------------------------------------------------------------------ */

gboolean jd_builder_aside_begin(jd_builder *builder)
{
    if (builder->aside || builder->code)
        return FALSE;
    builder->aside = g_string_new(NULL);
    builder->heading = 0;
    builder->space = FALSE;
    return TRUE;
}

char *jd_builder_aside_end(jd_builder *builder)
{
    builder->space = TRUE;
    return g_string_free(g_steal_pointer(&builder->aside), FALSE);
}

void jd_builder_heading_begin(jd_builder *builder, int level)
{
    if (jd_builder_one_line(builder)) {
        builder->muted_headings++;
        builder->space = TRUE;
        return;
    }
    jd_builder_flush(builder);
    jd_builder_aside_begin(builder);
    builder->heading = level;
}

static void enter_section(jd_builder *builder, int level, const char *heading)
{
    jd_document *document = builder->document;
    if (!document->title && level == 1)
        document->title = jd_text_shorten(heading, JD_LIMIT_HEADING_CHARS);
    jd_section_path_enter(&builder->path, level, NULL);
    if (builder->path.depth == 0 && jd_section_is_title(heading, document->title))
        return;
    jd_section_path_enter(&builder->path, level, heading);
    if (jd_text_chars(heading) > JD_LIMIT_HEADING_CHARS) {
        g_string_assign(builder->text, heading);
        jd_builder_flush(builder);
    }
}

void jd_builder_heading_end(jd_builder *builder)
{
    if (builder->muted_headings > 0) {
        builder->muted_headings--;
        builder->space = TRUE;
        return;
    }
    int level = builder->heading;
    g_autofree char *text = jd_builder_aside_end(builder);
    g_autofree char *alt = g_steal_pointer(&builder->heading_alt);
    builder->space = FALSE;
    const char *heading = *text || !alt ? text : alt;
    if (*heading)
        enter_section(builder, level, heading);
    jd_builder_add_pictures(builder);
}

/* ---- quotations ---------------------------------------------------------------------------- */

void jd_builder_quote_begin(jd_builder *builder)
{
    jd_builder_boundary(builder);
    builder->quotes++;
}

void jd_builder_quote_end(jd_builder *builder)
{
    jd_builder_boundary(builder);
    builder->quotes--;
}
