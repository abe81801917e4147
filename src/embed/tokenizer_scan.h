/* Matchers written by hand for the expressions that almost every tokenizer has: each finds the
 * first match at or behind `from` (from < length). */
#ifndef JD_EMBED_TOKENIZER_SCAN_H
#define JD_EMBED_TOKENIZER_SCAN_H

#include <glib.h>

typedef gboolean (*jd_scan_fn)(const char *text, gsize length, gsize from, gsize *start,
                               gsize *end);

/** 's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+ */
gboolean jd_scan_clip(const char *text, gsize length, gsize from, gsize *start, gsize *end);
/** JD_PATTERN_GPT2 */
gboolean jd_scan_gpt2(const char *text, gsize length, gsize from, gsize *start, gsize *end);
/** \s+ */
gboolean jd_scan_spaces(const char *text, gsize length, gsize from, gsize *start, gsize *end);
/** " {2,}" */
gboolean jd_scan_two_spaces(const char *text, gsize length, gsize from, gsize *start, gsize *end);
/** \w+|[^\w\s]+ */
gboolean jd_scan_words(const char *text, gsize length, gsize from, gsize *start, gsize *end);

#endif
