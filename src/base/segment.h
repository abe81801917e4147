/* Where the words of a text are, whatever language it is in; the rules are in analyze.h. */
#ifndef JD_BASE_SEGMENT_H
#define JD_BASE_SEGMENT_H

#include <glib.h>

typedef enum jd_span_kind {
    JD_SPAN_WORD,  /* a word, which may be inflected */
    JD_SPAN_NAME,  /* as it is: top_k, llama3.2, C++ */
    JD_SPAN_BIGRAM /* one or two characters of a script without spaces */
} jd_span_kind;

typedef struct jd_span {
    gsize start, end; /* byte range in the text */
    jd_span_kind kind;
    gboolean ascii; /* has nothing but ASCII */
} jd_span;

/** Return FALSE to stop. */
typedef gboolean (*jd_span_fn)(const jd_span *span, void *user);

/** Calls `each` for every span in order of where they start; longer ones first. FALSE where `each`
 * stopped it. */
gboolean jd_segment(const char *text, gsize length, jd_span_fn each, void *user);

#endif
