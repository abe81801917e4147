/*
 * Text to search terms: the one tokenizer of Jackdaw, used when text is indexed, when a question is
 * asked and when the matching words are marked in a snippet.
 *
 * Where words begin and end does not depend on the language; how a word becomes a term does. So two
 * analyzers give the same number of terms with the same byte ranges, and the spellings of a
 * question's word in several languages belong together by their range.
 *
 * Words are runs of letters, marks and digits.
 *  - A full stop between two digits belongs to the word: 3.2, 192.168.0.1.
 *  - A possessive 's is no part of the word; any other apostrophe separates: don't gives don and t,
 *    l'eau gives l and eau (such pieces are stopwords).
 *  - One letter with ++ or # after it keeps that: C++, C#.
 *  - Parts joined by _ and words of letters, then digits, are terms of their own besides their
 *    parts: top_k gives top_k, top, k; llama3.2 gives llama3.2, llama, 3.2. So either way of
 *    writing finds the other, and the very name is the rarer, better term. Everything else that
 *    joins words separates them: ViT-B/16 gives vit, b, 16.
 *  - Runs of Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer and Myanmar, which are written
 *    without spaces or with uninformative ones, become overlapping bigrams of characters (a lone
 *    character is a term by itself).
 *
 * A term is the word compatibility-normalised (NFKC), case-folded, stemmed by the language's
 * Snowball stemmer where there is one, and stripped of diacritics. Stripped are the marks of Latin,
 * Greek and Cyrillic letters and the vowel points of Hebrew and Arabic; in other scripts
 * (Devanagari, Thai, ...) marks are vowels, without which words cannot be told apart, and stay.
 * Letters with a stroke and ligatures lose them too (ø gives o, æ gives ae). Joiners and soft
 * hyphens inside a word are ignored. A term has at most JD_LIMIT_TERM_BYTES; what is longer is cut.
 */
#ifndef JD_BASE_ANALYZE_H
#define JD_BASE_ANALYZE_H

#include <glib.h>

typedef struct jd_analyzer jd_analyzer;

/** One term of a text. `term` is valid during the call only. */
typedef struct jd_token {
    const char *term; /* NUL-terminated */
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

/** Calls `each` for every term of `text` in order of where they start. Invalid UTF-8 separates
 * words. FALSE where `each` stopped it. */
gboolean jd_analyzer_run(jd_analyzer *analyzer, const char *text, gsize length, jd_token_fn each,
                         void *user);

#endif
