/* What was said before, for a question that follows up, and keeping what is said now. */
#ifndef JD_SERVER_CONVERSATION_H
#define JD_SERVER_CONVERSATION_H

#include "server/service.h"

/** Earlier turns, with the memory behind them. Starts as {0}. */
typedef struct jd_history {
    jd_turn *turns;
    gsize size;
    GPtrArray *texts; /* char * */
} jd_history;

void jd_history_clear(jd_history *history);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_history, jd_history_clear)

/** From [{"question","answer"}]; of more than JD_LIMIT_CHAT_TURNS the latest are taken. */
gboolean jd_history_from_json(jd_history *history, const json_t *turns, GError **error);

/** From a conversation that is kept. */
gboolean jd_history_from_base(jd_history *history, jd_service *service, gint64 conversation,
                              GError **error);

/** Adds a question and its answer to a conversation. Failing is a line in the log: the answer is
 * there all the same. */
void jd_conversation_keep(jd_service *service, gint64 conversation, const jd_answer *answer);

#endif
