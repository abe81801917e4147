/*
 * What normalizers replace and pre-tokenizers split at: a string, a class of characters, or a
 * regular expression. The expressions of CLIP, of GPT-2 and of runs of white space are written out
 * by hand; others go to PCRE2. Letters that are newer than PCRE2's version of Unicode (14 on Debian
 * 12, 16 on Debian 13 as the reference's) are the one difference that stays there.
 */
#ifndef JD_EMBED_TOKENIZER_PATTERN_H
#define JD_EMBED_TOKENIZER_PATTERN_H

#include <glib.h>
#include <jansson.h>

typedef struct jd_pattern jd_pattern;

/** GPT-2's expression, which ByteLevel splits at. */
#define JD_PATTERN_GPT2                                                                            \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** From {"String":"..."} or {"Regex":"..."}. */
jd_pattern *jd_pattern_from_json(const json_t *json, GError **error);
/** From an expression. */
jd_pattern *jd_pattern_from_regex(const char *expression, GError **error);
/** Every single character that has one of the flags of embed/tokenizer_unicode.h. */
jd_pattern *jd_pattern_from_flags(guint32 flags);
/** \w+|[^\w\s]+ with the reference's \w. */
jd_pattern *jd_pattern_words(void);
void jd_pattern_free(jd_pattern *pattern);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pattern, jd_pattern_free)

/** A search through one text. */
typedef struct jd_matcher {
    const jd_pattern *pattern;
    const char *text;
    gsize length;
    gsize from;       /* where to look on */
    gsize last_match; /* end of the last match; G_MAXSIZE before the first */
    struct jd_regex_state *state;
} jd_matcher;

#define JD_MATCHER_INIT(p, t, n)                                                                   \
    {                                                                                              \
        .pattern = (p), .text = (t), .length = (n), .last_match = G_MAXSIZE                        \
    }

/** The next match, which may be empty; FALSE where there is none. */
gboolean jd_matcher_next(jd_matcher *matcher, gsize *start, gsize *end);
void jd_matcher_clear(jd_matcher *matcher);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_matcher, jd_matcher_clear)

#endif
