/* Cutting words at the matches of a pattern, in the five ways of the reference. */
#ifndef JD_EMBED_TOKENIZER_CUT_H
#define JD_EMBED_TOKENIZER_CUT_H

#include "embed/tokenizer_pattern.h"
#include "embed/tokenizer_text.h"

typedef enum jd_cut_behavior {
    JD_CUT_REMOVED,    /* matches go */
    JD_CUT_ISOLATED,   /* each match is a word */
    JD_CUT_PREVIOUS,   /* a match goes with what is before it ... */
    JD_CUT_NEXT,       /* ... or behind it */
    JD_CUT_CONTIGUOUS, /* neighbouring matches are one word */
} jd_cut_behavior;

typedef struct jd_cut {
    jd_pattern *pattern; /* owned */
    jd_cut_behavior behavior;
    gboolean invert; /* what is between the matches counts as the matches */
} jd_cut;

/** "Removed", "Isolated", ...; FALSE where it is no such name. */
gboolean jd_cut_behavior_parse(const char *name, jd_cut_behavior *behavior);

void jd_cut_run(const jd_cut *cut, jd_wordlist *words);

/** Cuts a piece of `text` alone: adds its words to the next list of `words`. */
void jd_cut_word(const jd_cut *cut, const char *text, const jd_word *word, jd_wordlist *words);

#endif
