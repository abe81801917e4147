#include "server/conversation.h"

#include "answer/json.h"
#include "base/limits.h"
#include "server/problem.h"

#include <stdlib.h>

void jd_history_clear(jd_history *history)
{
    g_free(history->turns);
    g_clear_pointer(&history->texts, g_ptr_array_unref);
}

/* From pairs of texts: question, answer, question, answer, ... Takes them. */
static void set_turns(jd_history *history, GPtrArray *texts)
{
    guint pairs = texts->len / 2;
    guint first = pairs > JD_LIMIT_CHAT_TURNS ? pairs - JD_LIMIT_CHAT_TURNS : 0;
    history->texts = texts;
    history->size = pairs - first;
    history->turns = g_new0(jd_turn, history->size);
    for (guint i = 0; i < history->size; i++)
        history->turns[i] = (jd_turn){.question = texts->pdata[2 * (first + i)],
                                      .answer = texts->pdata[2 * (first + i) + 1]};
}

gboolean jd_history_from_json(jd_history *history, const json_t *turns, GError **error)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; i < json_array_size(turns); i++) {
        const json_t *turn = json_array_get(turns, i);
        const char *question = json_string_value(json_object_get(turn, "question"));
        const char *answer = json_string_value(json_object_get(turn, "answer"));
        if (!question || !answer) {
            jd_set_http_error(error, 400, NULL,
                              "history is to be an array of {\"question\",\"answer\"}");
            return FALSE;
        }
        g_ptr_array_add(texts, g_strdup(question));
        g_ptr_array_add(texts, g_strdup(answer));
    }
    set_turns(history, g_steal_pointer(&texts));
    return TRUE;
}

/* Questions that were never answered are left out. */
gboolean jd_history_from_base(jd_history *history, jd_service *service, gint64 conversation,
                              GError **error)
{
    g_auto(jd_borrowed) base = jd_bases_borrow(service->bases, error);
    g_autoptr(GPtrArray) messages =
        base.kb ? jd_store_list_messages(jd_kb_store(base.kb), conversation, error) : NULL;
    if (!messages)
        return FALSE;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    const jd_message *question = NULL;
    for (guint i = 0; i < messages->len; i++) {
        const jd_message *message = messages->pdata[i];
        if (g_str_equal(message->role, "user")) {
            question = message;
        } else if (question) {
            g_ptr_array_add(texts, g_strdup(question->text));
            g_ptr_array_add(texts, g_strdup(message->text));
            question = NULL;
        }
    }
    set_turns(history, g_steal_pointer(&texts));
    return TRUE;
}

typedef struct exchange {
    gint64 conversation;
    const jd_answer *answer;
} exchange;

static gboolean add(jd_store *store, const exchange *at, const char *role, json_t *content,
                    GError **error)
{
    const jd_answer *answer = at->answer;
    char *text = json_dumps(content, JSON_COMPACT);
    json_decref(content);
    jd_message message = {.role = (char *)role,
                          .text = role[0] == 'u' ? answer->question : answer->text,
                          .content = text};
    gboolean added = jd_store_add_message(store, at->conversation, &message, NULL, error);
    free(text); /* jansson's own allocator is malloc() */
    return added;
}

static gboolean add_both(jd_store *store, void *user, GError **error)
{
    const exchange *at = user;
    json_t *question = json_pack("{s:s}", "text", at->answer->question);
    return add(store, at, "user", question, error) &&
           add(store, at, "assistant", jd_answer_to_json(at->answer), error);
}

void jd_conversation_keep(jd_service *service, gint64 conversation, const jd_answer *answer)
{
    g_autoptr(GError) error = NULL;
    exchange at = {conversation, answer};
    if (!jd_scribe_write(service->scribe, add_both, &at, &error))
        jd_service_log(service, "cannot keep an answer in conversation %" G_GINT64_FORMAT ": %s",
                       conversation, error->message);
}
