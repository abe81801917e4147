/* A question, or a picture as one, becomes vectors in the spaces that the knowledge base has. */
#ifndef JD_ENCODE_QUERY_H
#define JD_ENCODE_QUERY_H

#include "kb.h"
#include "retrieve/retrieve.h"

/** What jd_retrieve() is asked, with the memory behind it. */
typedef struct jd_encoded_query {
    jd_query query;
    float *meaning, *pixels, *embedding;
    char *why_words;
    GPtrArray *notes; /* char *: for the results */
    double ms;        /* what it took */
} jd_encoded_query;

/**
 * Fills in what the installed encoders can say about the query that the options describe. No
 * encoder, or none that made the knowledge base's vectors: the query stays text, except where the
 * options ask for what only an encoder can do (JD_ERROR_UNAVAILABLE).
 */
gboolean jd_query_encode(jd_kb *kb, const char *text, const jd_search_options *options,
                         jd_encoded_query *encoded, GError **error);
void jd_encoded_query_clear(jd_encoded_query *encoded);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_encoded_query, jd_encoded_query_clear)

#endif
