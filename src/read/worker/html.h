/*
 * The parts of the HTML reader: html.c reads a file with them, markdown.c the HTML inside Markdown.
 *
 * A page goes through html_charset.c (bytes to UTF-8), html_tame.c (nothing that gumbo chokes on),
 * gumbo, and then html_meta.c (title, language, date, authors) and html_blocks.c (the text) or
 * html_article.c (the text as the article's program takes it).
 */
#ifndef JD_READ_WORKER_HTML_H
#define JD_READ_WORKER_HTML_H

#include "read/worker/builder.h"
#include "read/worker/charset.h"

#include <gumbo.h>

/** Bytes to UTF-8 by byte order mark, declared charset, or validity; windows-1252 at last. */
gboolean jd_html_decode(jd_decoded *page, const jd_format_input *input, GPtrArray *warnings,
                        GError **error);

/** The attributes of the document from the whole tree: what html_meta.c lists. */
void jd_html_meta(jd_document *document, const GumboNode *root);

/** A text node's place in the file. */
jd_span jd_html_span(const jd_decoded *page, const GumboNode *text);

/** The main text of a page as blocks; html_blocks.c says what that is. */
void jd_html_blocks(jd_builder *builder, const jd_decoded *page, const GumboNode *root,
                    GPtrArray *warnings);
/** All text, navigation too; places in the file are left unknown. */
void jd_html_blocks_all(jd_builder *builder, const GumboNode *root, GPtrArray *warnings);

/** A piece of HTML within another format as blocks, all of it. */
void jd_html_fragment(jd_builder *builder, const char *html, gsize size, GPtrArray *warnings);

/** The text that a character reference ("&eacute;", "&#228;") stands for; itself where it is none.
 * The caller's. */
char *jd_html_entity(const char *entity, gsize size);

/** The document's blocks as the article's program takes them. */
gboolean jd_html_article(jd_document *document, const jd_decoded *page, const GumboNode *root,
                         GError **error);

typedef enum jd_html_image_kind {
    JD_HTML_IMAGE_NONE,   /* decoration, or nothing to be had */
    JD_HTML_IMAGE_INLINE, /* stands for its alt text: an emoji, a formula */
    JD_HTML_IMAGE_PICTURE
} jd_html_image_kind;

/** What an img element shows. `source` (may be NULL for none) gets the best candidate: a path or
 * URL as written, or a data: URI; the caller's. */
jd_html_image_kind jd_html_image(const GumboNode *img, char **source);

/**
 * A picture from a source and an alt text (may be NULL). A data: URI is decoded and checked; where
 * it is no picture, or but a dot, NULL, and a warning where it is worth one.
 */
jd_picture *jd_html_picture(const char *source, const char *alt, GPtrArray *warnings);

#endif
