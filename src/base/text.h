/* Small things about UTF-8 text that several stages need. */
#ifndef JD_BASE_TEXT_H
#define JD_BASE_TEXT_H

#include <glib.h>

/**
 * Runs of white space (Unicode's, and U+00A0) become one space, none is left at either end.
 * `length` -1: up to the NUL. Invalid UTF-8 is replaced by U+FFFD first.
 */
char *jd_text_collapse(const char *text, gssize length);

/** Bytes of `text` that hold at most `max_chars` characters: cuts nothing in two. */
gsize jd_text_prefix(const char *text, gsize max_chars);

/** Number of characters (code points). */
gsize jd_text_chars(const char *text);

/** A copy of at most `max_chars` characters, cut at a word's end, with "…" where something was cut.
 */
char *jd_text_shorten(const char *text, gsize max_chars);

/** Joins a section path: "Search › Fusion". */
char *jd_text_section(char *const *section);

#endif
