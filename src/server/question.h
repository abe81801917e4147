/*
 * A question on its way to an answer, for every interface that asks: /api/v1/ask, the
 * OpenAI-compatible ones, MCP. A knowledge base is borrowed from the service for as long as it
 * takes.
 */
#ifndef JD_SERVER_QUESTION_H
#define JD_SERVER_QUESTION_H

#include "server/service.h"

/** What is told while an answer is made, in this order; each may be NULL. */
typedef struct jd_question_listener {
    void (*on_note)(const char *note, void *user);             /* any time */
    void (*on_query)(const char *query, void *user);           /* what is searched for now */
    void (*on_results)(const jd_results *results, void *user); /* what was found */
    void (*on_text)(const char *piece, void *user);            /* the answer, piece by piece */
    void *user;
} jd_question_listener;

/** The options of a question as the server was started: backend, model, server, context. */
jd_ask_options jd_question_options(const jd_service *service);

/**
 * Asks; `options` (from jd_question_options()) get the listener (may be NULL) and `cancel`. The
 * answer is whole also where it was stopped (its `complete` tells).
 */
jd_answer *jd_question_ask(jd_service *service, const char *question, jd_ask_options *options,
                           const jd_question_listener *listener, GError **error);

#endif
