/* The text on its way through a tokenizer: repaired, normalized, cut into words. */
#ifndef JD_EMBED_TOKENIZER_TEXT_H
#define JD_EMBED_TOKENIZER_TEXT_H

#include <glib.h>

/**
 * Bytes of `text` up to the first that is no UTF-8 (RFC 3629: no surrogates, nothing overlong).
 * `length` where all is.
 */
gsize jd_utf8_valid(const char *text, gsize length);

/** Bytes of `text` up to the first beyond ASCII; `length` where there is none. */
gsize jd_utf8_ascii(const char *text, gsize length);

/** Appends `text` to `out` with U+FFFD for every maximal part of an ill-formed sequence (Unicode
 * 3.9, "substitution of maximal subparts": what Python's errors="replace" does). */
void jd_utf8_repair(const char *text, gsize length, GString *out);

/**
 * A text that steps rewrite one after another: each reads `now` and, where it changes anything,
 * writes `next`, which then becomes `now`.
 */
typedef struct jd_text_buffer {
    GString *now, *next;
    gboolean origin; /* `now` begins with what stems from the first character of the whole input:
                        Metaspace's scheme "first" asks */
} jd_text_buffer;

void jd_text_buffer_init(jd_text_buffer *buffer);
void jd_text_buffer_clear(jd_text_buffer *buffer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_text_buffer, jd_text_buffer_clear)

/** What was written to `next` becomes `now`; `next` is emptied. */
void jd_text_buffer_swap(jd_text_buffer *buffer);

/** A word in the text of a jd_wordlist. */
typedef struct jd_word {
    guint32 start, length; /* bytes */
    gboolean origin;       /* as in jd_text_buffer */
} jd_word;

/** A text cut into words (GArray of jd_word), which steps cut further or rewrite. */
typedef struct jd_wordlist {
    GString *text, *next_text;
    GArray *list, *next_list;
} jd_wordlist;

void jd_wordlist_init(jd_wordlist *words);
void jd_wordlist_clear(jd_wordlist *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_wordlist, jd_wordlist_clear)

/** One word: the whole text. */
void jd_wordlist_set(jd_wordlist *words, const char *text, gsize length, gboolean origin);
/** Adds a word to `next_list`. */
void jd_wordlist_add(jd_wordlist *words, gsize start, gsize length, gboolean origin);
/** What was added becomes the list, without its empty words; the text stays. */
void jd_wordlist_swap_list(jd_wordlist *words);
/** The same where the text was written anew, to next_text. */
void jd_wordlist_swap(jd_wordlist *words);

#endif
