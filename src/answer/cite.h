/*
 * The sources of an answer, set by the program: what the model wrote is checked, what it did not
 * write is found.
 *
 * For every sentence of the answer:
 *  - the numbers in it ("[2]", "[1, 3]", "Picture 4") that name a source become citations; numbers
 *    that name none are told in a note;
 *  - a sentence without a number gets the source that holds most of its words, where that is at
 * least JD_CITE_SHARE of the weight of its words (words.h; over the sources and the answer's own
 *    sentences), and a second one that holds nearly as much;
 *  - a sentence that no source supports is told in a note: one without any citation, or whose cited
 *    texts hold less than JD_CITE_DOUBT of its words. A cited picture may say what its words do
 * not. Sentences with fewer than two words that say something make no claim and are left alone.
 */
#ifndef JD_ANSWER_CITE_H
#define JD_ANSWER_CITE_H

#include <jackdaw.h>

#define JD_CITE_SHARE 0.5
#define JD_CITE_DOUBT 0.15

/** Fills `answer->citations` from its text and evidence and adds to its notes. The text stays as it
 * is. */
void jd_answer_cite(jd_answer *answer);

/** The evidence behind source number `n` (from 1: the texts, then the pictures), or NULL. */
const jd_evidence *jd_answer_source(const jd_results *evidence, int n);

#endif
