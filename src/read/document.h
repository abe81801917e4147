/*
 * A document: what a file says, in reading order, as the reader process hands it over.
 *
 * The struct is the same on both sides of the pipe; protocol.h says how it travels.
 */
#ifndef JD_READ_DOCUMENT_H
#define JD_READ_DOCUMENT_H

#include <jackdaw.h>

typedef enum jd_block_kind {
    JD_BLOCK_PARAGRAPH,
    JD_BLOCK_LIST,  /* one item a line, "- " or "1. " in front */
    JD_BLOCK_TABLE, /* one row a line, cells separated by " | " */
    JD_BLOCK_CODE,  /* as written */
    JD_BLOCK_QUOTE,
    JD_BLOCK_PICTURE
} jd_block_kind;

/** A picture in a document. At least one of source and bytes is set. */
typedef struct jd_picture {
    char *source;  /* path or URL as written, entities decoded; NULL for an embedded picture */
    char *caption; /* or NULL */
    char *alt;     /* or NULL */
    GBytes *bytes; /* as embedded (data: URI, or a picture file itself), validated; NULL where only
                      referred to */
    char *media_type; /* with bytes only */
    int width, height;
} jd_picture;

typedef struct jd_block {
    jd_block_kind kind;
    char **section; /* heading texts from the outermost in; empty vector, never NULL */
    char *text; /* white space collapsed except in code and between list items and rows; NULL for a
                   picture */
    gint64 start, end;   /* byte range in the file, -1 where unknown */
    int page;            /* from 1, 0 without pages */
    float box[4];        /* points on the page; all 0 without one */
    jd_picture *picture; /* for JD_BLOCK_PICTURE */
} jd_block;

typedef struct jd_document {
    char *title;         /* or NULL */
    char *media_type;    /* found by content: "text/html" */
    char *language;      /* declared by the document (lang=), ISO 639-1, or NULL */
    char *published;     /* ISO 8601, or NULL */
    char *authors;       /* or NULL */
    char *base;          /* base href, or NULL */
    GPtrArray *blocks;   /* jd_block * */
    GPtrArray *warnings; /* char *: what was amiss but did not prevent reading */
} jd_document;

jd_document *jd_document_new(void);
void jd_document_free(jd_document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_document, jd_document_free)

/** A new block at the document's end; section (may be NULL) is copied. Belongs to the document. */
jd_block *jd_document_add(jd_document *document, jd_block_kind kind, char *const *section);

jd_picture *jd_picture_new(void);
void jd_picture_free(jd_picture *picture);

#endif
