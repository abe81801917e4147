/*
 * Which evidence a model gets to see, and under which numbers: the texts from 1, then the pictures.
 *
 * What does not fit is dropped from the weakest up. Texts and pictures have scores of different
 * kinds, so that "weak" is measured against the best of the same list: the best text and the best
 * picture go last.
 */
#ifndef JD_ANSWER_SELECTION_H
#define JD_ANSWER_SELECTION_H

#include <jackdaw.h>

/** A source of the answer. */
typedef struct jd_source {
    const jd_evidence *evidence; /* belongs to the results */
    gboolean shown;              /* a picture whose pixels are sent */
    int tokens;                  /* estimate of all that is sent of it */
} jd_source;

typedef struct jd_selection {
    const jd_results *results; /* what was found */
    GPtrArray *text;           /* jd_source *, in the order of their numbers */
    GPtrArray *images;
    GPtrArray *left_out; /* jd_left_out * */
} jd_selection;

/** Everything that was found; no picture is shown yet. `results` must outlive it. */
jd_selection *jd_selection_new(const jd_results *results);
void jd_selection_free(jd_selection *selection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_selection, jd_selection_free)

/** Tokens of all sources together. */
gint64 jd_selection_tokens(const jd_selection *selection);

/** Number of sources. */
guint jd_selection_size(const jd_selection *selection);

/** Drops the weakest source, for `reason`. FALSE where none is left. */
gboolean jd_selection_drop(jd_selection *selection, const char *reason);

/** The results that hold the selected evidence only, as a copy. */
jd_results *jd_selection_results(const jd_selection *selection);

void jd_left_out_free(jd_left_out *left);

#endif
