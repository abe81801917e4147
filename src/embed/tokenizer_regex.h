/*
 * Regular expressions of tokenizers, by PCRE2 itself: GLib's GRegex has PCRE2 look at the whole
 * text again for every match, which is quadratic. What Oniguruma, the reference's engine, reads
 * differently is rewritten; what cannot be is JD_ERROR_UNSUPPORTED.
 */
#ifndef JD_EMBED_TOKENIZER_REGEX_H
#define JD_EMBED_TOKENIZER_REGEX_H

#include <glib.h>

typedef struct jd_regex jd_regex;

jd_regex *jd_regex_new(const char *expression, GError **error);
void jd_regex_free(jd_regex *regex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_regex, jd_regex_free)

/** What one thread needs while it searches. */
typedef struct jd_regex_state jd_regex_state;
jd_regex_state *jd_regex_state_new(const jd_regex *regex);
void jd_regex_state_free(jd_regex_state *state);

/** The first match from `from` on in a text of valid UTF-8. A search that goes beyond the limits of
 * backtracking finds none. */
gboolean jd_regex_find(jd_regex_state *state, const char *text, gsize length, gsize from,
                       gsize match[2]);

#endif
