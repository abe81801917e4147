/* Search by words: BM25 over chunks and images, calibrated, pictures beside strong chunks lifted.
 */
#ifndef JD_RETRIEVE_WORDS_H
#define JD_RETRIEVE_WORDS_H

#include "retrieve/search.h"

typedef struct jd_word_search {
    const char *text;
    const gsize *k;        /* by kind: what the options leave to the profile */
    const jd_item *except; /* an item that is not to be found, or NULL */
} jd_word_search;

gboolean jd_search_words(jd_search *search, const jd_word_search *words, GError **error);

/** Fills the results' terms from the words of the question, for marking them in snippets. */
gboolean jd_search_set_terms(jd_search *search, GError **error);

#endif
