/* Asking a model: what is known while it goes on, and the answer that comes of it. */
#include "answer/backend.h"

static void left_out_free(gpointer data)
{
    jd_left_out_free(data);
}

jd_answer *jd_answer_new(const char *question)
{
    jd_answer *answer = g_new0(jd_answer, 1);
    answer->question = g_strdup(question);
    answer->citations = g_array_new(FALSE, FALSE, sizeof(jd_citation));
    answer->left_out = g_ptr_array_new_with_free_func(left_out_free);
    answer->notes = g_ptr_array_new_with_free_func(g_free);
    answer->first_token_ms = answer->rewrite_ms = NAN;
    return answer;
}

void jd_answer_free(jd_answer *answer)
{
    if (!answer)
        return;
    g_free(answer->question);
    jd_item_free(answer->picture);
    g_free(answer->search_query);
    g_free(answer->text);
    g_free(answer->backend);
    g_free(answer->model);
    g_array_unref(answer->citations);
    jd_results_free(answer->evidence);
    g_ptr_array_unref(answer->left_out);
    g_ptr_array_unref(answer->notes);
    g_free(answer);
}

double jd_session_ms(const jd_session *session)
{
    return (double)(g_get_monotonic_time() - session->started) / 1000;
}

static void on_piece(const char *piece, void *user)
{
    jd_session *session = user;
    if (isnan(session->answer->first_token_ms))
        session->answer->first_token_ms = jd_session_ms(session);
    if (session->options->on_text)
        session->options->on_text(piece, session->options->user);
}

void jd_session_init(jd_session *session, const char *question, const jd_ask_options *options)
{
    *session = (jd_session){.options = options,
                            .scale = 1,
                            .answer = jd_answer_new(question),
                            .started = g_get_monotonic_time()};
    jd_talk_init(&session->talk, on_piece, session);
}

void jd_session_clear(jd_session *session)
{
    g_clear_pointer(&session->answer, jd_answer_free);
    g_clear_pointer(&session->model, jd_server_model_free);
    g_clear_pointer(&session->base, g_free);
    g_clear_pointer(&session->key, g_free);
    jd_talk_clear(&session->talk);
    jd_failure_clear(&session->failure);
}
