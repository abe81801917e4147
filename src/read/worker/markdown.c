/*
 * Markdown, GitHub's dialect, through md4c.
 *
 * The title is the front matter's, else the first h1. A picture's caption is its title
 * (![alt](src "title")); without one, an emphasised text alone in its paragraph (or alone with the
 * picture) right behind a paragraph of pictures alone is their caption, as is the habit of blogs.
 * HTML blocks and img tags go the way of HTML. Pictures embedded as notebooks do it
 * (![[picture.png|300]]) are taken too.
 */
#include "base/error.h"
#include "base/text.h"
#include "read/worker/front_matter.h"
#include "read/worker/html.h"

#include <md4c.h>
#include <string.h>

typedef struct parsing {
    jd_builder *builder;
    jd_document *document;
    const jd_decoded *file;
    GString *html; /* of an HTML block while inside one, else NULL */
    int lists;     /* open ones */
    int images;    /* open spans of a picture: text in there is alt text */
    GString *alt;  /* of that picture */
    GString *tag;  /* of a tag that goes over several lines, what came of it */
    int emphases;  /* open ones */

    gboolean paragraph;   /* text goes to an aside until the paragraph's kind is known */
    jd_span where;        /* of that text */
    gboolean plain;       /* it has words that are not emphasised */
    guint pictures;       /* number of pictures before it */
    guint gallery;        /* number of the first picture of the paragraph before ... */
    gboolean had_gallery; /* ... which held pictures alone */
} parsing;

static jd_span span_of(const parsing *reading, const char *text, gsize length)
{
    const jd_decoded *file = reading->file;
    if (file->offset < 0 || text < file->text || text + length > file->text + file->size)
        return JD_SPAN_UNKNOWN;
    gint64 start = file->offset + (text - file->text);
    return (jd_span){start, start + (gint64)length};
}

/* ---- blocks -------------------------------------------------------------------------------- */

static void begin_paragraph(parsing *reading)
{
    jd_builder_boundary(reading->builder);
    reading->pictures = jd_builder_pictures(reading->builder);
    reading->plain = FALSE;
    reading->where = JD_SPAN_UNKNOWN;
    reading->paragraph = reading->lists == 0 && jd_builder_aside_begin(reading->builder);
}

static void end_paragraph(parsing *reading)
{
    jd_builder *builder = reading->builder;
    guint pictures = jd_builder_pictures(builder);
    gboolean own = pictures > reading->pictures;
    if (reading->paragraph) {
        g_autofree char *text = jd_builder_aside_end(builder);
        gboolean had_gallery = reading->had_gallery;
        gboolean emphasised = *text && !reading->plain;
        reading->had_gallery = own && *text == '\0';
        reading->paragraph = FALSE;
        if (!emphasised || !(own || had_gallery) ||
            !jd_builder_caption(builder, own ? reading->pictures : reading->gallery, text))
            jd_builder_text(builder, text, strlen(text), reading->where);
        reading->gallery = reading->pictures;
    }
    jd_builder_boundary(builder);
}

static void begin_item(parsing *reading, const MD_BLOCK_LI_DETAIL *item)
{
    jd_builder_item_begin(reading->builder);
    if (item->is_task)
        jd_builder_text(reading->builder, item->task_mark == ' ' ? "[ ] " : "[x] ", 4,
                        JD_SPAN_UNKNOWN);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    parsing *reading = user;
    jd_builder *builder = reading->builder;
    if (type != MD_BLOCK_P)
        reading->had_gallery = FALSE;
    g_string_truncate(reading->tag, 0);
    switch (type) {
    case MD_BLOCK_QUOTE:
        jd_builder_quote_begin(builder);
        break;
    case MD_BLOCK_UL:
        reading->lists++;
        jd_builder_list_begin(builder, FALSE, 1);
        break;
    case MD_BLOCK_OL:
        reading->lists++;
        jd_builder_list_begin(builder, TRUE, (int)((MD_BLOCK_OL_DETAIL *)detail)->start);
        break;
    case MD_BLOCK_LI:
        begin_item(reading, detail);
        break;
    case MD_BLOCK_H:
        jd_builder_heading_begin(builder, (int)((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_CODE:
        jd_builder_code_begin(builder);
        break;
    case MD_BLOCK_HTML:
        reading->html = g_string_new(NULL);
        break;
    case MD_BLOCK_P:
        begin_paragraph(reading);
        break;
    case MD_BLOCK_HR:
        jd_builder_boundary(builder);
        break;
    case MD_BLOCK_TABLE:
        jd_builder_table_begin(builder);
        break;
    case MD_BLOCK_TR:
        jd_builder_row_begin(builder);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        jd_builder_cell_begin(builder);
        break;
    default:
        break;
    }
    return 0;
}

static void end_html(parsing *reading)
{
    g_autoptr(GString) html = g_steal_pointer(&reading->html);
    jd_html_fragment(reading->builder, html->str, html->len, reading->document->warnings);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    parsing *reading = user;
    jd_builder *builder = reading->builder;
    switch (type) {
    case MD_BLOCK_QUOTE:
        jd_builder_quote_end(builder);
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        reading->lists--;
        jd_builder_list_end(builder);
        break;
    case MD_BLOCK_LI:
        jd_builder_item_end(builder);
        break;
    case MD_BLOCK_H:
        jd_builder_heading_end(builder);
        break;
    case MD_BLOCK_CODE:
        jd_builder_code_end(builder);
        break;
    case MD_BLOCK_HTML:
        end_html(reading);
        break;
    case MD_BLOCK_P:
        end_paragraph(reading);
        break;
    case MD_BLOCK_TABLE:
        jd_builder_table_end(builder);
        break;
    case MD_BLOCK_TR:
        jd_builder_row_end(builder);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        jd_builder_cell_end(builder);
        break;
    default:
        break;
    }
    return 0;
}

/* ---- text ---------------------------------------------------------------------------------- */

/** What a piece of text of this type says; borrowed or kept in *owned. */
static const char *decode(MD_TEXTTYPE type, const char *text, gsize *length, char **owned)
{
    if (type == MD_TEXT_NULLCHAR)
        *owned = g_strdup("\xEF\xBF\xBD");
    else if (type == MD_TEXT_ENTITY)
        *owned = jd_html_entity(text, *length);
    else
        return text;
    *length = strlen(*owned);
    return *owned;
}

static gboolean has_words(const char *text, gsize length)
{
    for (gsize i = 0; i < length; i++)
        if ((guchar)text[i] > ' ')
            return TRUE;
    return FALSE;
}

static void add_text(parsing *reading, const char *text, gsize length, jd_span where)
{
    if (reading->images > 0) {
        g_string_append_len(reading->alt, text, (gssize)length);
        return;
    }
    if (reading->paragraph && has_words(text, length)) {
        reading->plain |= reading->emphases == 0;
        if (where.start >= 0) {
            reading->where.start = reading->where.start < 0 ? where.start : reading->where.start;
            reading->where.end = where.end;
        }
    }
    jd_builder_text(reading->builder, text, length, where);
}

static gboolean is_tag(const char *text, gsize length, const char *name)
{
    gsize name_length = strlen(name);
    return length > name_length + 1 && *text == '<' &&
           g_ascii_strncasecmp(text + 1, name, name_length) == 0 &&
           !g_ascii_isalnum(text[1 + name_length]);
}

/** A tag in the midst of a text: only pictures and line breaks mean something. It comes line by
 * line. */
static void add_tag(parsing *reading, const char *piece, gsize piece_length)
{
    g_string_append_len(reading->tag, piece, (gssize)piece_length);
    const char *text = reading->tag->str;
    gsize length = reading->tag->len;
    if (length == 0 || text[length - 1] != '>')
        return;
    if (is_tag(text, length, "br"))
        jd_builder_break(reading->builder);
    else if (is_tag(text, length, "img") && reading->images == 0)
        jd_html_fragment(reading->builder, text, length, reading->document->warnings);
    g_string_truncate(reading->tag, 0);
}

static void add_picture(parsing *reading, const char *source, const char *alt, const char *title)
{
    g_autofree char *address = g_strstrip(g_strdup(source));
    jd_picture *picture =
        *address ? jd_html_picture(address, alt, reading->document->warnings) : NULL;
    if (!picture)
        return;
    g_autofree char *caption = title ? jd_text_collapse(title, -1) : NULL;
    if (caption && *caption)
        picture->caption = g_steal_pointer(&caption);
    jd_builder_picture(reading->builder, picture);
}

/** The end of a "![[picture.png|300]]" at the beginning of a text, 0 where that is none. */
static gsize embedding_length(const char *text, gsize length, char **target)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", ".gif", ".webp"};
    enum { TARGET_BYTES = 1024 };
    const char *close = g_strstr_len(text, (gssize)MIN(length, TARGET_BYTES), "]]");
    if (length < 3 || memcmp(text, "![[", 3) != 0 || !close)
        return 0;
    /* What stands for a label is mostly a width. */
    g_autofree char *name = g_strndup(text + 3, close - text - 3);
    char *label = strchr(name, '|');
    if (label)
        *label = '\0';
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize ending = strlen(endings[i]);
        gsize size = strlen(name);
        if (size > ending && g_ascii_strcasecmp(name + size - ending, endings[i]) == 0) {
            *target = g_steal_pointer(&name);
            return close + 2 - text;
        }
    }
    return 0;
}

/** Text in which notebooks may have embedded pictures. */
static void add_normal(parsing *reading, const char *text, gsize length)
{
    gsize done = 0;
    for (gsize at = 0; at < length;) {
        g_autofree char *target = NULL;
        const char *mark = g_strstr_len(text + at, (gssize)(length - at), "![[");
        if (!mark)
            break;
        at = mark - text;
        gsize embedding = embedding_length(mark, length - at, &target);
        if (embedding == 0) {
            at++;
            continue;
        }
        add_text(reading, text + done, at - done, span_of(reading, text + done, at - done));
        add_picture(reading, target, NULL, NULL);
        at += embedding;
        done = at;
    }
    add_text(reading, text + done, length - done, span_of(reading, text + done, length - done));
}

static int add_piece(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
    parsing *reading = user;
    gsize length = size;
    if (reading->html) {
        g_string_append_len(reading->html, text, (gssize)length);
    } else if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        if (reading->images > 0)
            g_string_append_c(reading->alt, ' ');
        else
            jd_builder_break(reading->builder);
    } else if (type == MD_TEXT_HTML) {
        add_tag(reading, text, length);
    } else if (type == MD_TEXT_NORMAL && reading->images == 0) {
        add_normal(reading, text, length);
    } else {
        g_autofree char *owned = NULL;
        jd_span where = span_of(reading, text, length);
        const char *plain = decode(type, text, &length, &owned);
        add_text(reading, plain, length, where);
    }
    return 0;
}

/* ---- spans --------------------------------------------------------------------------------- */

static char *attribute_text(const MD_ATTRIBUTE *attribute)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; attribute->size > 0 && attribute->substr_offsets[i] < attribute->size; i++) {
        gsize start = attribute->substr_offsets[i];
        gsize length = attribute->substr_offsets[i + 1] - start;
        g_autofree char *owned = NULL;
        const char *piece =
            decode(attribute->substr_types[i], attribute->text + start, &length, &owned);
        g_string_append_len(text, piece, (gssize)length);
    }
    return g_string_free(text, FALSE);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *user)
{
    parsing *reading = user;
    if (type == MD_SPAN_EM)
        reading->emphases++;
    else if (type == MD_SPAN_IMG && reading->images++ == 0)
        g_string_truncate(reading->alt, 0);
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *user)
{
    parsing *reading = user;
    if (type == MD_SPAN_EM) {
        reading->emphases--;
    } else if (type == MD_SPAN_IMG && --reading->images == 0) {
        const MD_SPAN_IMG_DETAIL *image = detail;
        g_autofree char *source = attribute_text(&image->src);
        g_autofree char *caption = attribute_text(&image->title);
        add_picture(reading, source, reading->alt->str, caption);
    }
    return 0;
}

/* ---- the format ------------------------------------------------------------------------------ */

/** A copy with zeros behind it: md4c 0.4 looks behind the end for the end of a link. */
static gboolean pad(jd_decoded *file, GError **error)
{
    enum { PADDING = 16 };
    char *padded = g_try_malloc(file->size + PADDING);
    if (!padded) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "no memory for a Markdown file of %" G_GSIZE_FORMAT " bytes", file->size);
        return FALSE;
    }
    if (file->size > 0)
        memcpy(padded, file->text, file->size);
    memset(padded + file->size, 0, PADDING);
    g_free(file->owned);
    file->text = file->owned = padded;
    return TRUE;
}

static int parse(parsing *reading, gsize skip)
{
    const jd_decoded *file = reading->file;
    const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = add_piece,
    };
    return md_parse(file->text + skip, (MD_SIZE)(file->size - skip), &parser, reading);
}

jd_document *jd_markdown_read(const jd_format_input *input, GError **error)
{
    jd_decoded file;
    if (!jd_decoded_init(&file, input, error))
        return NULL;
    if (!pad(&file, error)) {
        jd_decoded_clear(&file);
        return NULL;
    }
    g_autoptr(jd_document) document = jd_document_new();
    document->media_type = g_strdup("text/markdown");
    gsize skip = jd_front_matter_read(document, file.text, file.size);
    g_autoptr(jd_builder) builder = jd_builder_new(document);
    parsing reading = {.builder = builder, .document = document, .file = &file};
    reading.alt = g_string_new(NULL);
    reading.tag = g_string_new(NULL);
    int failed = file.size <= G_MAXUINT32 ? parse(&reading, skip) : -1;
    jd_builder_finish(builder);
    g_string_free(reading.alt, TRUE);
    g_string_free(reading.tag, TRUE);
    if (reading.html)
        g_string_free(reading.html, TRUE);
    jd_decoded_clear(&file);
    if (!failed)
        return g_steal_pointer(&document);
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory to parse the Markdown file");
    return NULL;
}

/** Whether the beginning of a text has a heading and something else of Markdown. */
static gboolean looks_like_markdown(const char *text, gsize size)
{
    enum { SNIFFED_BYTES = 8192 };
    static const char *const signs[] = {"\n```", "](", "\n- [ ] ", "\n|--", "\n| --", "\n## "};
    g_autofree char *beginning = g_strndup(text, MIN(size, SNIFFED_BYTES));
    if (!g_str_has_prefix(beginning, "# ") && !strstr(beginning, "\n# "))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(signs); i++)
        if (strstr(beginning, signs[i]))
            return TRUE;
    return FALSE;
}

int jd_markdown_sniff(const jd_format_input *input)
{
    if (!jd_charset_is_text(input->data, input->size))
        return 0;
    if (jd_format_name_fits(JD_MARKDOWN_EXTENSIONS, input->name))
        return 1;
    /* A file of another name is what it says: "# " begins comments in many languages. */
    if (input->name && strchr(input->name, '.'))
        return 0;
    return looks_like_markdown(input->data, input->size);
}
