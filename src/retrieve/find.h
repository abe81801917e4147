/* Finds candidates by words and, where the question has a vector, by meaning; fused into one list.
 */
#ifndef JD_RETRIEVE_FIND_H
#define JD_RETRIEVE_FIND_H

#include "retrieve/question.h"
#include "retrieve/search.h"

typedef struct jd_find_request {
    const jd_question *question;
    jd_item_kind kind;
    gsize k; /* wanted in the end; several times as many are looked at */
} jd_find_request;

/** Candidates (candidate.h), best first, with their relevance. */
GPtrArray *jd_find_candidates(jd_search *search, const jd_find_request *request, GError **error);

#endif
