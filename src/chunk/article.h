/*
 * The article mode of chunking: exactly the items that the article's Python program makes of a
 * document whose blocks html_article.c took.
 *
 *  - Text: every block with text is one item when it has at least JD_CHUNK_ARTICLE_MIN_CHARS code
 *    points (Python's len()). Nothing is packed, cut or overlapped.
 *  - Image: every picture block is one item. Its caption is the alt text where there is any, else
 *    the figcaption, else "No caption available"; the alt text is kept beside it. What the article
 *    has not and a search by words needs, the text beside the image, is added.
 *  - The section is the last heading alone; "Main" before the first heading.
 *
 * Documents of other formats are taken by the same rule from their own blocks.
 */
#ifndef JD_CHUNK_ARTICLE_H
#define JD_CHUNK_ARTICLE_H

#include "read/document.h"

/**
 * The document's items in reading order (jd_item *, freed with the array), ordinals counted for
 * each kind, `document` left NULL, pictures' bytes shared with the document. Cannot fail.
 */
GPtrArray *jd_chunk_article(const jd_document *document);

#endif
