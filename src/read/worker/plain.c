/*
 * Plain text, in any encoding that charset.h can tell.
 *
 * Lines between blank lines belong together. Such a group is
 *  - a heading: a line with "# " to "###### " in front, a line above a ruler of "=", "-", "~" or
 * "^" as long as itself (levels 1 to 4), or a numbered line ("3.2.  Name": level 3, for 1 is the
 * title's) at the margin while the group behind it stands further in, as RFCs have it;
 *  - a list: its first line begins with "- ", "* ", "+ ", "• " or a number as in "1. " or "1) ",
 *    and the lines without such a mark stand further in;
 *  - code, kept as it is: aligned with runs of blanks, ending in braces and semicolons, or indented
 *    unevenly;
 *  - a paragraph else, its lines joined, rulers left out.
 *
 * Files that are no prose by their name (sources, logs, tables and data) have neither headings nor
 * paragraphs: every group is code. A form feed begins a page; pages are counted where there is one.
 * Colours of terminals and overstruck letters of manual pages are taken out.
 */
#include "base/limits.h"
#include "read/worker/builder.h"
#include "read/worker/charset.h"
#include "read/worker/format.h"
#include "read/worker/plain_line.h"

#include <string.h>

enum { HEADING_BYTES = 120 };

static const char no_prose[] =
    ".c .h .cc .cpp .hpp .cs .java .kt .go .rs .swift .py .rb .pl .php .js .mjs .ts .jsx .tsx .css "
    ".scss .sh .bash .zsh .bat .ps1 .sql .r .lua .hs .ml .scala .json .jsonl .yaml .yml .toml .ini "
    ".cfg .conf .xml .svg .csv .tsv .log .diff .patch .mk .cmake .proto .ipynb .bib";

typedef struct parsing {
    jd_builder *builder;
    const jd_decoded *file;
    gboolean verbatim; /* the file is no prose */
    gsize at;          /* behind the group */
    GArray *group;     /* jd_line */
} parsing;

static const jd_line *line_at(const parsing *reading, guint index)
{
    return &g_array_index(reading->group, jd_line, index);
}

static void add(parsing *reading, const char *text, gsize length)
{
    jd_span where = JD_SPAN_UNKNOWN;
    if (reading->file->offset >= 0) {
        where.start = reading->file->offset + (text - reading->file->text);
        where.end = where.start + (gint64)length;
    }
    g_autofree char *clean = jd_line_clean(text, &length);
    jd_builder_text(reading->builder, clean ? clean : text, length, where);
}

/* ---- kinds of groups ------------------------------------------------------------------------- */

static void add_heading(parsing *reading, int level, const char *text, gsize length)
{
    jd_builder_heading_begin(reading->builder, level);
    add(reading, text, length);
    jd_builder_heading_end(reading->builder);
}

/** A line with its margin left out. */
static void add_line(parsing *reading, const jd_line *line, gsize from)
{
    add(reading, line->text + from, line->length - from);
    jd_builder_break(reading->builder);
}

static void add_paragraph(parsing *reading)
{
    for (guint i = 0; i < reading->group->len; i++)
        if (jd_line_ruler(line_at(reading, i)) == 0)
            add_line(reading, line_at(reading, i), 0);
    jd_builder_boundary(reading->builder);
}

static void add_code(parsing *reading)
{
    jd_builder_code_begin(reading->builder);
    for (guint i = 0; i < reading->group->len; i++)
        add_line(reading, line_at(reading, i), 0);
    jd_builder_code_end(reading->builder);
}

static gboolean is_list(const parsing *reading)
{
    const jd_line *first = line_at(reading, 0);
    int number;
    if (jd_line_marker(first, &number) == 0)
        return FALSE;
    for (guint i = 1; i < reading->group->len; i++) {
        const jd_line *line = line_at(reading, i);
        if (line->indent <= first->indent && jd_line_marker(line, &number) == 0)
            return FALSE;
    }
    return TRUE;
}

static void add_list(parsing *reading)
{
    jd_builder *builder = reading->builder;
    gsize indents[JD_LIMIT_LIST_DEPTH];
    int depth = 0;
    for (guint i = 0; i < reading->group->len; i++) {
        const jd_line *line = line_at(reading, i);
        int number = 0;
        gsize marker = jd_line_marker(line, &number);
        if (marker == 0) {
            add_line(reading, line, 0);
            continue;
        }
        while (depth > 1 && line->indent <= indents[depth - 2]) {
            jd_builder_list_end(builder);
            depth--;
        }
        if (depth == 0 || (line->indent > indents[depth - 1] && depth < JD_LIMIT_LIST_DEPTH)) {
            indents[depth++] = line->indent;
            jd_builder_list_begin(builder, number >= 0, number);
        }
        jd_builder_item_begin(builder);
        add_line(reading, line, marker);
    }
    while (depth-- > 0)
        jd_builder_list_end(builder);
}

/** Whether line breaks and blanks mean something in the group. */
static gboolean is_code(const parsing *reading)
{
    guint lines = reading->group->len;
    gsize margin = line_at(reading, 0)->indent;
    for (guint i = 1; i < lines; i++)
        margin = MIN(margin, line_at(reading, i)->indent);
    guint odd = 0;
    guint indented = 0;
    for (guint i = 0; i < lines; i++) {
        const jd_line *line = line_at(reading, i);
        odd += jd_line_is_aligned(line) || strchr("{};", line->text[line->length - 1]) != NULL;
        /* The first line of a paragraph may be. */
        indented += i > 0 && line->indent >= margin + 2;
    }
    return lines >= 2 && (odd * 2 >= lines || (lines > 2 && indented * 3 >= lines));
}

/* ---- headings -------------------------------------------------------------------------------- */

/** A heading of one line above a ruler, perhaps below one too. */
static gboolean add_ruled_heading(parsing *reading)
{
    guint lines = reading->group->len;
    guint over = lines >= 3 && jd_line_ruler(line_at(reading, 0)) > 0 &&
                 jd_line_ruler(line_at(reading, 0)) == jd_line_ruler(line_at(reading, 2));
    if (lines < over + 2)
        return FALSE;
    const jd_line *name = line_at(reading, over);
    const jd_line *ruler = line_at(reading, over + 1);
    int level = jd_line_ruler(ruler);
    gsize name_length = name->length - name->indent;
    gsize ruler_length = ruler->length - ruler->indent;
    if (level == 0 || name_length > HEADING_BYTES || ruler_length < 3 ||
        ruler_length + 2 < (gsize)g_utf8_strlen(name->text + name->indent, (gssize)name_length))
        return FALSE;
    add_heading(reading, level, name->text, name->length);
    if (lines > over + 2) {
        g_array_remove_range(reading->group, 0, over + 2);
        return FALSE;
    }
    return TRUE;
}

static gboolean add_one_line_heading(parsing *reading)
{
    const jd_line *line = line_at(reading, 0);
    if (reading->group->len != 1 || line->indent > 0 || line->length > HEADING_BYTES)
        return FALSE;
    gsize marks = 0;
    while (marks < line->length && line->text[marks] == '#')
        marks++;
    if (marks >= 1 && marks <= 6 && marks < line->length && line->text[marks] == ' ') {
        add_heading(reading, (int)marks, line->text + marks, line->length - marks);
        return TRUE;
    }
    int level = jd_line_numbered(line);
    if (level == 0 || jd_line_next_indent(reading->file, reading->at) < 2)
        return FALSE;
    add_heading(reading, MIN(level + 1, 6), line->text, line->length);
    return TRUE;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void add_group(parsing *reading)
{
    if (reading->group->len == 0)
        return;
    gboolean heading =
        !reading->verbatim && (add_ruled_heading(reading) || add_one_line_heading(reading));
    if (reading->verbatim || (!heading && !is_list(reading) && is_code(reading)))
        add_code(reading);
    else if (!heading && is_list(reading))
        add_list(reading);
    else if (!heading)
        add_paragraph(reading);
    g_array_set_size(reading->group, 0);
}

static void read_all(parsing *reading)
{
    const jd_decoded *file = reading->file;
    gboolean pages = memchr(file->text, '\f', file->size) != NULL;
    jd_builder_set_page(reading->builder, pages ? 1 : 0);
    int page = 1;
    jd_line line;
    while (jd_line_next(file, &reading->at, &line)) {
        gboolean blank = line.indent == line.length;
        if (line.new_page || blank)
            add_group(reading);
        if (line.new_page)
            jd_builder_set_page(reading->builder, ++page);
        if (!blank)
            g_array_append_val(reading->group, line);
    }
    add_group(reading);
}

jd_document *jd_plain_read(const jd_format_input *input, GError **error)
{
    jd_decoded file;
    if (!jd_decoded_init(&file, input, error))
        return NULL;
    g_autoptr(jd_document) document = jd_document_new();
    document->media_type = g_strdup("text/plain");
    g_autoptr(jd_builder) builder = jd_builder_new(document);
    parsing reading = {
        .builder = builder, .file = &file, .verbatim = jd_format_name_fits(no_prose, input->name)};
    reading.group = g_array_new(FALSE, FALSE, sizeof(jd_line));
    read_all(&reading);
    jd_builder_finish(builder);
    g_array_unref(reading.group);
    jd_decoded_clear(&file);
    return g_steal_pointer(&document);
}

int jd_plain_sniff(const jd_format_input *input)
{
    return jd_charset_is_text(input->data, input->size);
}
