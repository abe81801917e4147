/*
 * Text to search terms: the one tokenizer of Jackdaw, used when text is indexed, when a question is
 * asked and when the matching words are marked in a snippet.
 *
 * Words are runs of letters, marks and digits. They are case-folded, compatibility-normalised
 * (NFKC) and stripped of diacritics; runs of Han, Hiragana, Katakana and Hangul become overlapping
 * bigrams (a lone character is a term by itself); other words are stemmed by the language's
 * Snowball stemmer where there is one.
 */
#ifndef JD_BASE_ANALYZE_H
#define JD_BASE_ANALYZE_H

#include <glib.h>

typedef struct jd_analyzer jd_analyzer;

/** One term of a text. `term` is valid during the call only. */
typedef struct jd_token {
    const char *term;
    gsize length;
    gsize start, end;  /* byte range in the text */
    gboolean stopword; /* one of the language's commonest words (question words included) */
} jd_token;

/** Return FALSE to stop. */
typedef gboolean (*jd_token_fn)(const jd_token *token, void *user);

/** An analyzer for a language (ISO 639-1, or NULL: no stemming, no stopwords). Not thread-safe. */
jd_analyzer *jd_analyzer_new(const char *language);
void jd_analyzer_free(jd_analyzer *analyzer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_analyzer, jd_analyzer_free)

/** Calls `each` for every term of `text` in order. Invalid UTF-8 separates words. FALSE where
 * `each` stopped it. */
gboolean jd_analyzer_run(jd_analyzer *analyzer, const char *text, gsize length, jd_token_fn each,
                         void *user);

#endif
