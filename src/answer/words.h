/*
 * Comparing texts by their words: sentences, sets of terms, and how much each term says.
 *
 * A term weighs ln(1 + (N - df + 0.5) / (df + 0.5)), the idf of BM25, over a small collection of
 * texts: df of N hold it.
 */
#ifndef JD_ANSWER_WORDS_H
#define JD_ANSWER_WORDS_H

#include <jackdaw.h>

/** A part of a text, in bytes. */
typedef struct jd_span {
    gsize start, end;
} jd_span;

/**
 * The sentences of a text without the white space around them: GArray of jd_span. A line's end ends
 * a sentence; source numbers such as "[2]" behind a full stop belong to the sentence before them.
 */
GArray *jd_sentences(const char *text);

/**
 * Bytes of a list of source numbers ("[1]", "[1, 3]", "[2-4]", "【2】") at the beginning of `text`,
 * 0 where there is none; `numbers` (may be NULL) gets them as int, ranges written out.
 */
gsize jd_source_numbers(const char *text, GArray *numbers);

typedef struct jd_lexicon jd_lexicon;

/** For texts in `language` (ISO 639-1 or NULL). */
jd_lexicon *jd_lexicon_new(const char *language);
void jd_lexicon_free(jd_lexicon *lexicon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_lexicon, jd_lexicon_free)

/** The terms of `length` bytes that are no stopwords: a set of strings, to be unreffed. */
GHashTable *jd_lexicon_terms(jd_lexicon *lexicon, const char *text, gssize length);

/** Counts a text of the collection that the weights come from. */
void jd_lexicon_count(jd_lexicon *lexicon, GHashTable *terms);

double jd_lexicon_weight(const jd_lexicon *lexicon, const char *term);

/** The weight of those `terms` that are also in `other`, as a share of the weight of all; 0 for no
 * terms. */
double jd_lexicon_share(const jd_lexicon *lexicon, GHashTable *terms, GHashTable *other);

/** All that an item says in words: title, section, and text or caption, alternative text, text in
 * the picture and text beside it. */
char *jd_item_words(const jd_item *item);

/** The language that most items of the evidence are in, or NULL. Belongs to `results`. */
const char *jd_results_language(const jd_results *results);

#endif
