/*
 * The main text of an HTML page as blocks.
 *
 * Taken is the page's one <main> (or role=main) where there is one, else the whole body. Left out
 * are scripts, styles, templates, forms' controls, what is marked hidden, <nav> and
 * role=navigation, and the <footer> of the page (an article's own footer, with its by-line, stays).
 * Where that leaves nothing, the body is taken with all of it.
 *
 * Bare text counts as paragraphs, two <br> in a row end one. A table that only arranges the page is
 * none. A figcaption is the caption of its figure's pictures; in a figure without picture it is a
 * paragraph. Of a noscript only pictures are taken, and only those that are not there already: lazy
 * loading puts them there.
 */
#include "read/worker/html.h"
#include "read/worker/html_role.h"
#include "read/worker/html_tree.h"

#include <stdlib.h>
#include <string.h>

/* An element whose end matters. */
typedef struct frame {
    const GumboNode *node;
    jd_html_role role;
    gboolean layout; /* a table: of the table around it, to come back to */
    guint pictures;  /* a figure: pictures before it */
    char *caption;   /* a figure: its caption, or NULL */
} frame;

typedef struct walking {
    jd_builder *builder;
    const jd_decoded *page;
    GPtrArray *warnings;
    gboolean boilerplate; /* is left out */
    GArray *frames;
    gboolean layout;   /* in a table that only arranges */
    gboolean broken;   /* a <br> was the last that came */
    guint noscripts;   /* open ones */
    char *last_source; /* of the last picture */
} walking;

jd_span jd_html_span(const jd_decoded *page, const GumboNode *text)
{
    if (!page || page->offset < 0)
        return JD_SPAN_UNKNOWN;
    const GumboStringPiece *original = &text->v.text.original_text;
    if (original->data < page->text || original->data > page->text + page->size)
        return JD_SPAN_UNKNOWN;
    gsize start = original->data - page->text;
    gsize length = MIN(original->length, page->size - start);
    return (jd_span){page->offset + (gint64)start, page->offset + (gint64)(start + length)};
}

static void add_text(walking *walk, const char *text)
{
    if (*text)
        walk->broken = FALSE;
    jd_builder_text(walk->builder, text, strlen(text), JD_SPAN_UNKNOWN);
}

static void enter_text(walking *walk, const GumboNode *node)
{
    const char *text = jd_html_text(node);
    if (!text || walk->noscripts > 0)
        return;
    if (node->type != GUMBO_NODE_WHITESPACE)
        walk->broken = FALSE;
    jd_builder_text(walk->builder, text, strlen(text), jd_html_span(walk->page, node));
}

static gboolean same_file(const char *a, const char *b)
{
    g_autofree char *name_a = g_path_get_basename(a);
    g_autofree char *name_b = g_path_get_basename(b);
    return strcmp(name_a, name_b) == 0;
}

static void enter_image(walking *walk, const GumboNode *img)
{
    g_autofree char *source = NULL;
    const char *alt = jd_html_value(img, "alt");
    jd_html_image_kind kind = jd_html_image(img, &source);
    walk->broken = FALSE;
    if (kind == JD_HTML_IMAGE_INLINE && walk->noscripts == 0)
        add_text(walk, alt);
    if (kind != JD_HTML_IMAGE_PICTURE)
        return;
    if (walk->noscripts > 0 && walk->last_source && same_file(source, walk->last_source))
        return;
    jd_picture *picture = jd_html_picture(source, alt, walk->warnings);
    if (!picture)
        return;
    g_free(walk->last_source);
    walk->last_source = g_strdup(picture->source);
    jd_builder_picture(walk->builder, picture);
}

static void enter_break(walking *walk)
{
    if (walk->broken)
        jd_builder_boundary(walk->builder);
    else
        jd_builder_break(walk->builder);
    walk->broken = TRUE;
}

static void begin_list(walking *walk, const GumboNode *node)
{
    const char *start = jd_html_value(node, "start");
    jd_builder_list_begin(walk->builder, jd_html_tag(node) == GUMBO_TAG_OL,
                          start ? atoi(start) : 1);
}

static void begin_table(walking *walk, const GumboNode *node)
{
    walk->layout = jd_html_is_layout(node);
    if (walk->layout)
        jd_builder_boundary(walk->builder);
    else
        jd_builder_table_begin(walk->builder);
}

/** A cell, or a table's caption as a row of its own. */
static void begin_cell(walking *walk, gboolean row)
{
    if (walk->layout) {
        jd_builder_boundary(walk->builder);
        return;
    }
    if (row)
        jd_builder_row_begin(walk->builder);
    jd_builder_cell_begin(walk->builder);
}

static void end_cell(walking *walk, gboolean row)
{
    if (walk->layout) {
        jd_builder_boundary(walk->builder);
        return;
    }
    jd_builder_cell_end(walk->builder);
    if (row)
        jd_builder_row_end(walk->builder);
}

/** Begins an element that has an end. FALSE where it has none after all. */
static gboolean begin(walking *walk, frame *opened)
{
    jd_builder *builder = walk->builder;
    const GumboNode *node = opened->node;
    switch (opened->role) {
    case JD_HTML_BLOCK:
        jd_builder_boundary(builder);
        return TRUE;
    case JD_HTML_HEADING:
        jd_builder_heading_begin(builder, (int)(node->v.element.tag - GUMBO_TAG_H1) + 1);
        return TRUE;
    case JD_HTML_QUOTE:
        jd_builder_quote_begin(builder);
        return TRUE;
    case JD_HTML_LIST:
        begin_list(walk, node);
        return TRUE;
    case JD_HTML_ITEM:
        jd_builder_item_begin(builder);
        return TRUE;
    case JD_HTML_DESCRIPTION:
        jd_builder_description(builder);
        return TRUE;
    case JD_HTML_TABLE:
        opened->layout = walk->layout;
        begin_table(walk, node);
        return TRUE;
    case JD_HTML_ROW:
        if (!walk->layout)
            jd_builder_row_begin(builder);
        return TRUE;
    case JD_HTML_CELL:
    case JD_HTML_TABLE_CAPTION:
        begin_cell(walk, opened->role == JD_HTML_TABLE_CAPTION);
        return TRUE;
    case JD_HTML_CODE:
        jd_builder_code_begin(builder);
        return TRUE;
    case JD_HTML_FIGURE:
        jd_builder_boundary(builder);
        opened->pictures = jd_builder_pictures(builder);
        return TRUE;
    case JD_HTML_FIGCAPTION:
        return jd_builder_aside_begin(builder);
    default:
        return FALSE;
    }
}

static void add_paragraph(walking *walk, const char *text)
{
    jd_builder_boundary(walk->builder);
    add_text(walk, text);
    jd_builder_boundary(walk->builder);
}

/** A caption belongs to the figure around it, else to the picture before it. */
static void end_caption(walking *walk)
{
    g_autofree char *text = jd_builder_aside_end(walk->builder);
    if (*text == '\0')
        return;
    for (guint i = walk->frames->len; i-- > 0;) {
        frame *open = &g_array_index(walk->frames, frame, i);
        if (open->role != JD_HTML_FIGURE)
            continue;
        char *caption =
            open->caption ? g_strconcat(open->caption, " ", text, NULL) : g_strdup(text);
        g_free(open->caption);
        open->caption = caption;
        return;
    }
    guint pictures = jd_builder_pictures(walk->builder);
    if (pictures == 0 || !jd_builder_caption(walk->builder, pictures - 1, text))
        add_paragraph(walk, text);
}

static void end_figure(walking *walk, frame *closed)
{
    if (closed->caption && !jd_builder_caption(walk->builder, closed->pictures, closed->caption))
        add_paragraph(walk, closed->caption);
    g_clear_pointer(&closed->caption, g_free);
    jd_builder_boundary(walk->builder);
}

static void end(walking *walk, frame *closed)
{
    jd_builder *builder = walk->builder;
    switch (closed->role) {
    case JD_HTML_BLOCK:
        jd_builder_boundary(builder);
        break;
    case JD_HTML_HEADING:
        jd_builder_heading_end(builder);
        break;
    case JD_HTML_QUOTE:
        jd_builder_quote_end(builder);
        break;
    case JD_HTML_LIST:
        jd_builder_list_end(builder);
        break;
    case JD_HTML_ITEM:
    case JD_HTML_DESCRIPTION:
        jd_builder_item_end(builder);
        break;
    case JD_HTML_TABLE:
        if (walk->layout)
            jd_builder_boundary(builder);
        else
            jd_builder_table_end(builder);
        walk->layout = closed->layout;
        break;
    case JD_HTML_ROW:
        if (!walk->layout)
            jd_builder_row_end(builder);
        break;
    case JD_HTML_CELL:
    case JD_HTML_TABLE_CAPTION:
        end_cell(walk, closed->role == JD_HTML_TABLE_CAPTION);
        break;
    case JD_HTML_CODE:
        jd_builder_code_end(builder);
        break;
    case JD_HTML_FIGURE:
        end_figure(walk, closed);
        break;
    case JD_HTML_FIGCAPTION:
        end_caption(walk);
        break;
    case JD_HTML_NOSCRIPT:
        walk->noscripts--;
        break;
    case JD_HTML_QUOTATION:
        add_text(walk, "\"");
        break;
    default:
        break;
    }
}

/** What has to be done for an element at once. FALSE where nothing in it counts. */
static gboolean enter_element(walking *walk, const GumboNode *node)
{
    frame opened = {.node = node, .role = jd_html_role_of(node, walk->boilerplate)};
    if (walk->noscripts > 0 && opened.role != JD_HTML_IMAGE && opened.role != JD_HTML_NOSCRIPT)
        return opened.role != JD_HTML_SKIP;
    switch (opened.role) {
    case JD_HTML_INLINE:
        return TRUE;
    case JD_HTML_SKIP:
        return FALSE;
    case JD_HTML_BREAK:
        enter_break(walk);
        return FALSE;
    case JD_HTML_IMAGE:
        enter_image(walk, node);
        return FALSE;
    case JD_HTML_CHECKBOX:
        add_text(walk, jd_html_attribute(node, "checked") ? "[x] " : "[ ] ");
        return FALSE;
    case JD_HTML_FORMULA: {
        g_autofree char *formula = jd_html_formula(node);
        add_text(walk, formula);
        return FALSE;
    }
    case JD_HTML_NOSCRIPT:
        walk->noscripts++;
        break;
    case JD_HTML_QUOTATION:
        add_text(walk, "\"");
        break;
    default:
        if (!begin(walk, &opened))
            return TRUE;
    }
    g_array_append_val(walk->frames, opened);
    return TRUE;
}

static gboolean enter(walking *walk, const GumboNode *node)
{
    if (jd_html_is_element(node))
        return enter_element(walk, node);
    enter_text(walk, node);
    return node->type == GUMBO_NODE_DOCUMENT;
}

static void leave(walking *walk, const GumboNode *node)
{
    guint count = walk->frames->len;
    if (count == 0 || g_array_index(walk->frames, frame, count - 1).node != node)
        return;
    frame closed = g_array_index(walk->frames, frame, count - 1);
    g_array_set_size(walk->frames, count - 1);
    end(walk, &closed);
}

static gboolean is_last(const GumboNode *node)
{
    return node->index_within_parent + 1 >= jd_html_children(node->parent)->length;
}

/** Every node below `top` in document order, begin and end. */
static void walk_tree(walking *walk, const GumboNode *top)
{
    const GumboNode *node = top;
    for (;;) {
        gboolean into = enter(walk, node);
        const GumboVector *children = jd_html_children(node);
        if (into && children->length > 0) {
            node = children->data[0];
            continue;
        }
        leave(walk, node);
        while (node != top && is_last(node)) {
            node = node->parent;
            leave(walk, node);
        }
        if (node == top)
            return;
        node = jd_html_children(node->parent)->data[node->index_within_parent + 1];
    }
}

static void add_all(walking *walk, const GumboNode *top)
{
    walk->frames = g_array_new(FALSE, FALSE, sizeof(frame));
    walk_tree(walk, top);
    jd_builder_boundary(walk->builder);
    g_array_unref(walk->frames);
    g_clear_pointer(&walk->last_source, g_free);
}

void jd_html_blocks(jd_builder *builder, const jd_decoded *page, const GumboNode *root,
                    GPtrArray *warnings)
{
    walking walk = {.builder = builder, .page = page, .warnings = warnings, .boilerplate = TRUE};
    guint warned = warnings->len;
    const GumboNode *main_element = jd_html_main(root);
    add_all(&walk, main_element ? main_element : root);
    if (!jd_builder_is_empty(builder))
        return;
    walk.boilerplate = FALSE;
    g_ptr_array_set_size(warnings, (gint)warned);
    add_all(&walk, root);
}

void jd_html_blocks_all(jd_builder *builder, const GumboNode *root, GPtrArray *warnings)
{
    walking walk = {.builder = builder, .warnings = warnings};
    add_all(&walk, root);
}
