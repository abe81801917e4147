/* Where sentences and words end. */
#ifndef JD_BASE_SENTENCE_H
#define JD_BASE_SENTENCE_H

#include <glib.h>

/**
 * The end of the sentence that begins at text[from] (a character's first byte, not the end of the
 * text): the offset behind its closing punctuation, quotes and white space. Knows abbreviations,
 * initials, decimals, ordinals and the full stops of Chinese, Japanese, Arabic and Hindi; where it
 * is in doubt it does not end a sentence, since a missed end only makes a chunk a little longer.
 */
gsize jd_sentence_end(const char *text, gsize from);

/**
 * The largest end of a piece of text[from..] that has at most `max_chars` (>= 1) characters and
 * ends between two words, white space after it included; where a single word is longer, between two
 * characters.
 */
gsize jd_words_end(const char *text, gsize from, gsize max_chars);

#endif
