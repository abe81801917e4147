/* What /v1/chat/completions and /v1/responses have in common: a request becomes a question. */
#ifndef JD_SERVER_OPENAI_ASKING_H
#define JD_SERVER_OPENAI_ASKING_H

#include "server/openai/messages.h"
#include "server/openai/openai.h"
#include "server/question.h"
#include "server/search_params.h"

typedef struct jd_openai_asking {
    jd_call *call;
    const json_t *body;   /* the call's */
    const char *model_id; /* as the client wrote it */
    jd_openai_model model;
    gboolean stream;
    jd_openai_talk talk;
    jd_params params; /* of the member "jackdaw" */
    jd_search_request request;
    jd_ask_options options;
    gint64 created; /* seconds since 1970 */
} jd_openai_asking;

void jd_openai_asking_clear(jd_openai_asking *asking);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_openai_asking, jd_openai_asking_clear)

/**
 * Reads what both have: model, stream, tool_choice (none must be called), and the member "jackdaw"
 * with the settings of a search as /api/v1/search has them. The body is to be an object.
 */
gboolean jd_openai_asking_read(jd_openai_asking *asking, jd_call *call, GError **error);

/** Reads the messages, and makes `options` whole. Replies with 404 where the model is unknown: then
 * *replied. */
gboolean jd_openai_asking_finish(jd_openai_asking *asking, const json_t *messages,
                                 gboolean *replied, GError **error);

/** Asks. A model that its server lacks is told with a 404: then *replied, and NULL. */
jd_answer *jd_openai_asking_ask(jd_openai_asking *asking, const jd_question_listener *listener,
                                gboolean *replied, GError **error);

/** The member "jackdaw" of a reply: what `ask --json` prints. */
json_t *jd_openai_asking_result(const jd_openai_asking *asking, const jd_answer *answer);

#endif
