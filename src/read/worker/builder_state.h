/* The builder's inside, shared by its two files. */
#ifndef JD_READ_WORKER_BUILDER_STATE_H
#define JD_READ_WORKER_BUILDER_STATE_H

#include "read/worker/builder.h"
#include "read/worker/section.h"

/* A list that is open. Lists nested deeper than JD_LIMIT_LIST_DEPTH share the innermost. */
typedef struct jd_builder_list {
    gboolean ordered;
    int next;           /* number of the next item */
    gboolean described; /* the current item has a description already */
} jd_builder_list;

struct jd_builder {
    jd_document *document;
    jd_section_path path;
    int page;
    GPtrArray *pictures; /* jd_picture *, borrowed: all so far */
    GPtrArray *pending;  /* jd_picture *, owned: to follow the block at hand */

    GString *text;     /* of the block at hand */
    jd_span where;     /* of that text */
    gsize line_start;  /* where white space is not wanted in it */
    gboolean space;    /* white space is due before the next word */
    gboolean new_line; /* the next word begins a line of the list ... */
    char marker[16];   /* ... with this in front, "" where it goes on with an item */

    GString *aside;    /* the text of a heading or a caption while inside one, else NULL */
    int heading;       /* level of the heading that the aside is for, 0 for a caption */
    char *heading_alt; /* a picture's alt text in the heading */

    GArray *lists; /* jd_builder_list, the innermost last */
    gboolean table, code;
    gsize row_start;    /* of the table's row in the text */
    gboolean row_cells; /* it has a cell */
    gboolean row_words; /* and a word in one */
    int quotes;
    /* Begin calls in places that allow no structure, for their end calls. */
    int muted_lists, muted_tables, muted_codes, muted_headings;
    gboolean full; /* JD_LIMIT_BLOCKS was reached */
};

/** Ends the block at hand, whatever it is. */
void jd_builder_flush(jd_builder *builder);
/** Adds the text at hand as a block of this kind, and the pictures that wait behind it. */
void jd_builder_add_text(jd_builder *builder, jd_block_kind kind);
/** Adds the pictures that wait. */
void jd_builder_add_pictures(jd_builder *builder);
/** Whether structure is only white space here: within an aside, a table or code. */
gboolean jd_builder_one_line(const jd_builder *builder);

#endif
