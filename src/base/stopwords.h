/*
 * The commonest words of the languages that Jackdaw knows: articles, pronouns, prepositions,
 * auxiliary verbs, question words, and what contractions leave ("don", "ll"). They tell nothing
 * about what a text is about, but which language it is in.
 */
#ifndef JD_BASE_STOPWORDS_H
#define JD_BASE_STOPWORDS_H

#include <glib.h>

/** A set of languages, one bit each; jd_stopword_language() is the code of bit `i`. */
typedef guint32 jd_language_set;

/** ISO 639-1 code of a language with a list, NULL past the last. */
const char *jd_stopword_language(guint i);

/** The set that holds just this language; 0 where it has no list. */
jd_language_set jd_stopword_language_set(const char *code);

/** The languages that have `word` (case-folded, NFC) on their lists. */
jd_language_set jd_stopword_find(const char *word);

#endif
