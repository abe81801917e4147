/* How near texts are to a question, by the preferred sentence encoder. */
#ifndef JD_COMPARE_TEXTS_H
#define JD_COMPARE_TEXTS_H

#include "kb.h"

/** What jd_question_compare() is about. */
typedef struct jd_question_texts {
    jd_kb *kb;
    const char *question;
} jd_question_texts;

/** Whether there is a sentence encoder to compare with. */
gboolean jd_question_can_compare(jd_kb *kb, gboolean *can, GError **error);

/** The cosine of each text with the question; `user` is a jd_question_texts. */
gboolean jd_question_compare(const char *const *texts, gsize n, double *cosines, void *user,
                             GError **error);

#endif
