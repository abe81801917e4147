/*
 * The interface of OpenAI's servers, below /v1: for programs that were written for those.
 *
 * A question is answered from the knowledge base; the sources come in a field of their own,
 * "jackdaw". What has no meaning here (temperature, seed, ...) is taken and ignored; what would
 * change what the client gets (tools that must be called, a form of the answer) is refused.
 */
#ifndef JD_SERVER_OPENAI_OPENAI_H
#define JD_SERVER_OPENAI_OPENAI_H

#include "server/route.h"

/** {"error":{"message","type","param","code"}}: the form of every error below /v1/. */
void jd_openai_put_error(jd_call *call, const jd_problem *problem);

/** The same as a value, "hint" added where there is one. */
json_t *jd_openai_error_json(const GError *error);

/** Replies 404 in OpenAI's own words for it. */
void jd_openai_reply_no_model(jd_call *call, const char *model);

/** Which backend and model of it a client means. */
typedef struct jd_openai_model {
    char *backend; /* NULL: as the server was started */
    char *name;    /* NULL: the backend's own choice */
} jd_openai_model;

void jd_openai_model_clear(jd_openai_model *model);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_openai_model, jd_openai_model_clear)

/**
 * "jackdaw", "jackdaw:extract", "jackdaw:ollama:NAME", "jackdaw:openai:NAME". FALSE for anything
 * else. Whether there is a model of that name only its server knows.
 */
gboolean jd_openai_model_parse(const char *id, jd_openai_model *model);

extern const jd_route_table jd_routes_openai_chat;
extern const jd_route_table jd_routes_openai_embeddings;
extern const jd_route_table jd_routes_openai_models;
extern const jd_route_table jd_routes_openai_responses;

#endif
