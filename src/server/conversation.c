#include "server/conversation.h"

#include "answer/json.h"
#include "base/limits.h"
#include "server/hint.h"
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

/* Takes the content. */
static gboolean add(jd_store *store, const exchange *at, jd_message message, json_t *content,
                    GError **error)
{
    message.content = json_dumps(content, JSON_COMPACT);
    json_decref(content);
    gboolean added = jd_store_add_message(store, at->conversation, &message, NULL, error);
    free(message.content); /* jansson's own allocator is malloc() */
    return added;
}

static json_t *question_content(const jd_answer *answer)
{
    const jd_item *picture = answer->picture;
    json_t *content = json_pack("{s:s}", "text", answer->question);
    if (picture)
        json_object_set_new(content, "image",
                            json_pack("{s:s, s:s, s:i, s:i, s:I}", "sha256", picture->sha256,
                                      "media_type", picture->media_type, "width", picture->width,
                                      "height", picture->height, "bytes",
                                      (json_int_t)g_bytes_get_size(picture->bytes)));
    return content;
}

static gboolean add_both(jd_store *store, void *user, GError **error)
{
    const exchange *at = user;
    const jd_answer *answer = at->answer;
    jd_message question = {
        .role = (char *)"user", .text = answer->question, .picture = answer->picture};
    jd_message said = {.role = (char *)"assistant", .text = answer->text};
    return add(store, at, question, question_content(answer), error) &&
           add(store, at, said, jd_notes_for_clients(jd_answer_to_json(answer)), error);
}

void jd_conversation_keep(jd_service *service, gint64 conversation, const jd_answer *answer)
{
    g_autoptr(GError) error = NULL;
    exchange at = {conversation, answer};
    if (!jd_scribe_write(service->scribe, add_both, &at, &error))
        jd_service_log(service, "cannot keep an answer in conversation %" G_GINT64_FORMAT ": %s",
                       conversation, error->message);
}
