/* A question's words, as the word index knows them. */
#ifndef JD_RETRIEVE_QUESTION_H
#define JD_RETRIEVE_QUESTION_H

#include "store/store.h"

/**
 * The words of a question: at most JD_LIMIT_QUERY_TERMS, none twice, stopwords left out unless
 * there are no others. Each has the stems of the base's languages, since a question in one language
 * may name what a document in another language says.
 */
typedef struct jd_question {
    jd_query_term *words;
    gboolean *compound; /* the word's parts are words of their own: llama3.2 beside llama and 3.2 */
    gsize count;
    gboolean cut;       /* there were more words */
    gboolean stopwords; /* all of them are stopwords */
} jd_question;

jd_question *jd_question_new(jd_store *store, const char *text, GError **error);
void jd_question_free(jd_question *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_question, jd_question_free)

#endif
