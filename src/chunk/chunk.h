/*
 * A document's blocks become the items that are searched for: passages of one section each, and
 * images with their caption, alt text and the text beside them.
 *
 * Default: consecutive blocks of one section are packed, sentence by sentence, to about
 * `target_chars` characters; each chunk begins with the last sentences of the one before it in the
 * section, up to `overlap_chars`. A list, table or code block stays whole up to JD_CHUNK_MAX_CHARS.
 * Nothing crosses a section.
 *
 * Article: one item for each block that html_article.c made, of at least JD_CHUNK_ARTICLE_MIN_CHARS
 * characters; the section is the last heading alone; an image's caption is the alt text, else the
 * figcaption, else "No caption available".
 */
#ifndef JD_CHUNK_CHUNK_H
#define JD_CHUNK_CHUNK_H

#include "read/document.h"

typedef struct jd_chunk_options {
    jd_chunking chunking;
    int target_chars;  /* 0: JD_CHUNK_TARGET_CHARS */
    int overlap_chars; /* -1: JD_CHUNK_OVERLAP_CHARS */
} jd_chunk_options;

#define JD_CHUNK_OPTIONS_INIT                                                                      \
    {                                                                                              \
        .overlap_chars = -1                                                                        \
    }

/**
 * The document's items in reading order (jd_item *, freed with the array), ordinals counted for
 * each kind, `document` left NULL, pictures' bytes shared with the document. Cannot fail: options
 * out of range are clamped.
 */
GPtrArray *jd_chunk_document(const jd_document *document, const jd_chunk_options *options);

/**
 * The language of a document (ISO 639-1): as it declares, else a guess from its beginning; NULL
 * where that is undecided. g_free() it.
 */
char *jd_chunk_language(const jd_document *document);

#endif
