/* The way from evidence to an answer, whatever answers. */
#include "answer/answer.h"

#include "answer/backend.h"
#include "answer/cite.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

static void session_init(jd_session *session, const jd_answer_request *request)
{
    jd_session_init(session, request->question, request->options);
    session->request = request;
    for (guint i = 0; i < request->results->notes->len; i++)
        jd_session_note(session, "%s", (char *)g_ptr_array_index(request->results->notes, i));
}

static jd_prompt *make_prompt(const jd_session *session, jd_selection *selection, GError **error)
{
    jd_window window = {.model = session->model,
                        .context_tokens = session->context_tokens,
                        .answer_tokens = jd_session_answer_tokens(session),
                        .scale = session->scale};
    return jd_prompt_new(session->request, selection, &window, error);
}

/* The server counts more tokens than were estimated: learns from what it says. One that says
 * nothing gets half of what it refused. */
static void learn_from_overflow(jd_session *session, const jd_prompt *prompt)
{
    const double margin = 1.1, blind = 2;
    const jd_failure *failure = &session->failure;
    int before = session->context_tokens;
    double room = before - jd_session_answer_tokens(session);
    double tokens = (double)MAX(prompt->tokens, 1);
    if (failure->context_tokens > 0)
        session->context_tokens = MIN(before, failure->context_tokens);
    if (failure->context_tokens > 0 && failure->prompt_tokens > 0)
        session->scale = margin * failure->prompt_tokens / tokens;
    else if (session->context_tokens == before)
        session->scale = blind * room / tokens;
    jd_session_note(session,
                    "the prompt did not fit into the context that %s gives it: asking again "
                    "with less evidence",
                    session->backend->name);
}

/* Whether a refusal can be met by asking differently. */
static gboolean can_ask_again(jd_session *session, const jd_prompt *prompt, int tries)
{
    if (session->failure.overflow && tries < JD_ASK_OVERFLOW_RETRIES) {
        learn_from_overflow(session, prompt);
        return TRUE;
    }
    if (session->failure.status && prompt->pictures > 0 &&
        jd_failure_minds_pictures(&session->failure)) {
        session->model->vision = FALSE;
        jd_session_note(session, "%s refused the pictures (%s): asking again without them",
                        session->model->name, session->failure.message);
        return TRUE;
    }
    return FALSE;
}

/* Takes over what the model was shown. */
static void take_selection(jd_answer *answer, jd_selection *selection)
{
    answer->evidence = jd_selection_results(selection);
    g_ptr_array_unref(answer->left_out);
    answer->left_out = g_ptr_array_ref(selection->left_out);
}

static gboolean ask_model(jd_session *session, GError **error)
{
    for (int tries = 0;; tries++) {
        g_autoptr(jd_selection) selection = jd_selection_new(session->request->results);
        g_autoptr(jd_prompt) prompt = NULL;
        g_autoptr(GError) problem = NULL;
        if (session->backend->needs_prompt) {
            prompt = make_prompt(session, selection, error);
            if (!prompt)
                return FALSE;
            for (guint i = 0; i < prompt->notes->len; i++)
                jd_session_note(session, "%s", (char *)g_ptr_array_index(prompt->notes, i));
        }
        if (session->backend->chat(session, prompt, &problem)) {
            take_selection(session->answer, selection);
            return TRUE;
        }
        if (prompt && can_ask_again(session, prompt, tries))
            continue;
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
}

/* A server that was chosen without being asked for may fail: passages are still an answer. */
static gboolean ask(jd_session *session, GError **error)
{
    if (session->request->choice)
        jd_session_adopt(session, session->request->choice);
    else if (!jd_session_choose(session, error))
        return FALSE;
    const jd_ask_options *options = session->options;
    gboolean chosen = (!options->backend || !strcmp(options->backend, "auto")) && !options->model &&
                      !options->server && session->backend->needs_prompt;
    g_autoptr(GError) problem = NULL;
    if (ask_model(session, &problem))
        return TRUE;
    if (!chosen || problem->code == JD_ERROR_CANCELLED) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    jd_session_use_extract(session, problem->message);
    return ask_model(session, error);
}

static gboolean is_empty(const jd_results *results)
{
    return results->text->len == 0 && results->images->len == 0;
}

/* Nothing was found: no model is asked, since it would answer from what it has read elsewhere. */
static void answer_nothing(jd_session *session)
{
    const char *backend = session->options->backend;
    gboolean named = backend && strcmp(backend, "auto") != 0;
    jd_answer *answer = session->answer;
    g_autoptr(jd_selection) none = jd_selection_new(session->request->results);
    take_selection(answer, none);
    answer->backend = g_strdup(named ? backend : jd_backend_extract.name);
    jd_talk_add(&session->talk, JD_PROMPT_NO_ANSWER, strlen(JD_PROMPT_NO_ANSWER));
    jd_talk_end(&session->talk);
    answer->complete = TRUE;
}

static jd_answer *finish(jd_session *session)
{
    jd_answer *answer = session->answer;
    answer->text = g_strdup(session->talk.text->str);
    answer->answered = !is_empty(answer->evidence) && !jd_prompt_is_no_answer(answer->text);
    if (session->backend) {
        answer->backend = g_strdup(session->backend->name);
        answer->model = session->model ? g_strdup(session->model->name) : NULL;
    }
    if (session->backend && session->backend->needs_prompt && answer->answered)
        jd_answer_cite(answer);
    answer->search_ms = answer->evidence->total_ms;
    answer->total_ms = answer->search_ms + jd_session_ms(session);
    return g_steal_pointer(&session->answer);
}

jd_answer *jd_answer_question(const jd_answer_request *request, GError **error)
{
    g_auto(jd_session) session;
    session_init(&session, request);
    if (is_empty(request->results))
        answer_nothing(&session);
    else if (!ask(&session, error))
        return NULL;
    return finish(&session);
}

char *jd_answer_show_prompt(const jd_answer_request *request, GError **error)
{
    g_auto(jd_session) session;
    session_init(&session, request);
    if (is_empty(request->results))
        jd_session_use_extract(&session, "nothing was found");
    else if (!jd_session_assume(&session, error))
        return NULL;
    g_autoptr(jd_selection) selection = jd_selection_new(request->results);
    g_autoptr(jd_prompt) prompt = NULL;
    if (session.backend->needs_prompt && !(prompt = make_prompt(&session, selection, error)))
        return NULL;
    json_t *object = json_object();
    json_object_set_new(object, "backend", json_string(session.backend->name));
    if (session.model)
        json_object_set_new(object, "model", json_string(session.model->name));
    json_t *shown = session.backend->show(&session, prompt);
    json_object_update(object, shown);
    json_decref(shown);
    char *text = json_dumps(object, JSON_INDENT(2));
    json_decref(object);
    return text;
}
