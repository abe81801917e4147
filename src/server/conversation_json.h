/* Conversations as JSON and as Markdown. Every function returns what the caller frees. */
#ifndef JD_SERVER_CONVERSATION_JSON_H
#define JD_SERVER_CONVERSATION_JSON_H

#include "store/records.h"

#include <jansson.h>

/** id ("c4"), title, created, updated, messages (how many). */
json_t *jd_conversation_to_json(const jd_conversation *conversation);
/** The same with the messages themselves. */
json_t *jd_conversation_to_json_full(const jd_conversation *conversation,
                                     const GPtrArray *messages);
/** id ("m9"), role, text, content, created. */
json_t *jd_message_to_json(const jd_message *message);

/** A title, then each message under its role, an answer with its numbered sources. */
char *jd_conversation_to_markdown(const jd_conversation *conversation, const GPtrArray *messages);

#endif
