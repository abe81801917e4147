/*
 * The terms of a document's items, made ahead of storing them: analysing texts costs as much as
 * writing them, and only one thread writes.
 */
#ifndef JD_STORE_TERMS_H
#define JD_STORE_TERMS_H

#include <jackdaw.h>

/* What of an item is indexed: text of a chunk, the last four of an image. */
typedef enum jd_term_field {
    JD_TERMS_TITLE,
    JD_TERMS_SECTION,
    JD_TERMS_TEXT,
    JD_TERMS_CAPTION = JD_TERMS_TEXT,
    JD_TERMS_ALT,
    JD_TERMS_OCR,
    JD_TERMS_NEARBY,
    JD_TERMS_FIELDS
} jd_term_field;

/* A field's terms, stopwords left out, in their order: JD_TERMS_MARK, then each with a NUL-free
 * JD_TERMS_SEPARATOR behind it. No term has either in it: they are letters, marks and digits. */
#define JD_TERMS_MARK '\x1e'
#define JD_TERMS_SEPARATOR '\x1f'

/** By jd_term_field, GRefString; NULL where the item has no such field. */
typedef struct jd_item_terms {
    char *fields[JD_TERMS_FIELDS];
} jd_item_terms;

/** Analyzers by language, kept from one document to the next. Not thread-safe. */
typedef struct jd_term_maker jd_term_maker;

jd_term_maker *jd_term_maker_new(void);
void jd_term_maker_free(jd_term_maker *maker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_term_maker, jd_term_maker_free)

/** The terms of each of a document's `items` (jd_item *), in their order: jd_item_terms *. A NULL
 * title is none. */
GPtrArray *jd_terms_make(jd_term_maker *maker, const char *title, const GPtrArray *items);

#endif
