/*
 * From a parser's events to a document's blocks: what HTML and Markdown have in common.
 *
 * The caller reports text and where elements begin and end; begin and end calls must nest. White
 * space is collapsed, headings become the section path, and blocks are added to the document where
 * they end. Within a heading, an aside or a table cell everything is one line of text: structure in
 * there only separates words.
 *
 * The rules that both formats share:
 *  - A heading replaces those of its own and deeper levels; skipped levels are no holes. A heading
 *    that repeats the document's title ("Title", or "Title | Site" for the title's beginning) while
 *    nothing stands above it is no section: the path becomes empty, for the title is kept with the
 *    document. Where the document has no title yet, its first h1 becomes it.
 *  - A heading longer than JD_LIMIT_HEADING_CHARS is cut in the path and kept whole as a paragraph.
 *  - A list is one block, one item a line: "- " or "1. ", two spaces of indentation for each outer
 *    list. Code, a table, a heading or an item with pictures ends the block; the list goes on, and
 *    counts on, in the next one.
 *  - A table is one block, one row a line, cells joined by " | ".
 *  - Text in a quotation becomes quote blocks, a list in it stays a list.
 *  - A paragraph that says the same as the one right before it is left out.
 *  - A picture in the midst of a text follows the block it stands in.
 */
#ifndef JD_READ_WORKER_BUILDER_H
#define JD_READ_WORKER_BUILDER_H

#include "read/document.h"

typedef struct jd_builder jd_builder;

/** A byte range in the file; both -1 where unknown. */
typedef struct jd_span {
    gint64 start, end;
} jd_span;

#define JD_SPAN_UNKNOWN ((jd_span){-1, -1})

/** Adds to `document`, which stays the caller's and must outlive the builder. */
jd_builder *jd_builder_new(jd_document *document);
/** Frees it without adding what was not finished. */
void jd_builder_free(jd_builder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_builder, jd_builder_free)
/** Whether nothing has come of it so far: no block, no text or picture under way. */
gboolean jd_builder_is_empty(const jd_builder *builder);
/** Ends whatever is open. */
void jd_builder_finish(jd_builder *builder);

/** The page that the following blocks are on, from 1; 0 (the default) where there are none. */
void jd_builder_set_page(jd_builder *builder, int page);

/** Text, valid UTF-8, from `where` in the file. */
void jd_builder_text(jd_builder *builder, const char *text, gsize length, jd_span where);
/** The end of a line: white space between words, a new line in code. */
void jd_builder_break(jd_builder *builder);
/** What stands before and after belongs to different blocks. */
void jd_builder_boundary(jd_builder *builder);

void jd_builder_heading_begin(jd_builder *builder, int level);
void jd_builder_heading_end(jd_builder *builder);

void jd_builder_quote_begin(jd_builder *builder);
void jd_builder_quote_end(jd_builder *builder);

/** `ordered`: items are numbered from `first`. */
void jd_builder_list_begin(jd_builder *builder, gboolean ordered, int first);
void jd_builder_list_end(jd_builder *builder);
void jd_builder_item_begin(jd_builder *builder);
void jd_builder_item_end(jd_builder *builder);
/** A description of the item's term: "term: description; another". Ends with the item. */
void jd_builder_description(jd_builder *builder);

void jd_builder_table_begin(jd_builder *builder);
void jd_builder_table_end(jd_builder *builder);
void jd_builder_row_begin(jd_builder *builder);
void jd_builder_row_end(jd_builder *builder);
void jd_builder_cell_begin(jd_builder *builder);
void jd_builder_cell_end(jd_builder *builder);

/** Text is kept as it is until the end. */
void jd_builder_code_begin(jd_builder *builder);
void jd_builder_code_end(jd_builder *builder);

/** Takes the picture. */
void jd_builder_picture(jd_builder *builder, jd_picture *picture);
/** Number of pictures so far. */
guint jd_builder_pictures(const jd_builder *builder);
/**
 * Makes `caption` the caption of all pictures from number `from` on that have none. FALSE where
 * there is no such picture, so that the text would be lost.
 */
gboolean jd_builder_caption(jd_builder *builder, guint from, const char *caption);

/** Collects text apart from the blocks. FALSE (and no end is to follow) where that is under way. */
gboolean jd_builder_aside_begin(jd_builder *builder);
/** The text collected, collapsed; the caller's. */
char *jd_builder_aside_end(jd_builder *builder);

#endif
