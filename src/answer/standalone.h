/*
 * Questions that follow up ("and how large is it?"), made to stand alone, so that they can be
 * searched for.
 *
 * The model that will answer is shown the last JD_ASK_REWRITE_TURNS turns, each text cut to
 * JD_ASK_REWRITE_TURN_CHARS, between two lines with a code that occurs in none of them, and is
 * asked to write the question anew; temperature 0, at most JD_ASK_REWRITE_TOKENS,
 * JD_ASK_REWRITE_SECONDS in all. What it says is searched for and nothing else: it gets into no
 * prompt.
 */
#ifndef JD_ANSWER_STANDALONE_H
#define JD_ANSWER_STANDALONE_H

#include "answer/answer.h"

/** What came of it. Starts as {0}. */
typedef struct jd_standalone {
    char *question;    /* NULL: the question stands alone, or the model failed, or there is none */
    char *note;        /* why the model failed, or NULL */
    double ms;         /* that it took; NAN: no model was asked */
    jd_choice *choice; /* of what answers; NULL: none was made */
} jd_standalone;

void jd_standalone_clear(jd_standalone *made);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_standalone, jd_standalone_clear)

/**
 * Has the model that `options` choose reword a question after their history. A model that fails is
 * no error: JD_ERROR_CANCELLED is the only one.
 */
gboolean jd_standalone_question(const char *question, const jd_ask_options *options,
                                jd_standalone *made, GError **error);

/** The question in what a model said: its first line with anything on it, without quotation marks
 * and the like around it. NULL where that can be none. */
char *jd_standalone_read(const char *said);

#endif
