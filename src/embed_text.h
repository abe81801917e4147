/*
 * What of an item is given to an encoder. Changing any of it makes other vectors: raise
 * JD_EMBED_TEXT_FORM with it, which makes new spaces.
 */
#ifndef JD_EMBED_TEXT_H
#define JD_EMBED_TEXT_H

#include <jackdaw.h>

#define JD_EMBED_TEXT_FORM "1"

/**
 * For a sentence encoder: the document's title, the section path, then the passage, each on a line
 * of its own; for an image its caption, alt text, text in the picture and the text nearby. The
 * title and section in front of every passage is the largest single gain measured.
 */
char *jd_embed_text(const jd_item *item);

/**
 * For a CLIP-like model, exactly as the article's program does it: the heading, ": ", and as much
 * of the passage as makes 256 characters of it all. Where the heading alone is longer, Python's
 * text[:256-len(heading)] counts from the end, and so does this.
 */
char *jd_embed_article_text(const jd_item *item);

#endif
