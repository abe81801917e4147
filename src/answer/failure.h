/*
 * What a language-model server says when it refuses: many shapes, one struct.
 *
 * Known shapes: Ollama's {"error":"text"}, and from 0.30 on a text that is itself JSON; OpenAI's,
 * llama-server's and vLLM's {"error":{"message","type","param","code"}} with a code that is a
 * string or a number; the same without "error" around it; {"detail":...}; text or HTML of a proxy.
 */
#ifndef JD_ANSWER_FAILURE_H
#define JD_ANSWER_FAILURE_H

#include <glib.h>
#include <jansson.h>

typedef struct jd_failure {
    long status;       /* of HTTP; 0 for one in mid-stream */
    char *message;     /* one line of text, never NULL once parsed */
    char *type;        /* type or code as the server names it, or NULL */
    char *param;       /* the field of the request that it minds, or NULL */
    gboolean overflow; /* the request does not fit the model's context */
    int prompt_tokens; /* what it counted, 0 where it does not say */
    int context_tokens;
} jd_failure;

void jd_failure_clear(jd_failure *failure);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_failure, jd_failure_clear)

/** From the body of an answer with an error's status. Clears `failure` first. */
void jd_failure_parse(jd_failure *failure, long status, const char *body, gsize length);

/** From the value of "error" in a line of a stream. Clears `failure` first. */
void jd_failure_from_json(jd_failure *failure, const json_t *error);

/** The server has too much to do now and would take the request later. */
gboolean jd_failure_is_busy(const jd_failure *failure);
/** It is still loading its model. */
gboolean jd_failure_is_loading(const jd_failure *failure);
/** It minds the pictures in the request. */
gboolean jd_failure_minds_pictures(const jd_failure *failure);

#endif
