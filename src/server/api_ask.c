/* /api/v1/ask: an answer, as it is written or at once. */
#include "server/api.h"

#include "answer/json.h"
#include "base/limits.h"
#include "retrieve/json.h"
#include "server/conversation.h"
#include "server/hint.h"
#include "server/ids.h"
#include "server/question.h"
#include "server/search_params.h"

#include <string.h>

/* A question as it was asked. */
typedef struct asked {
    jd_params params;
    jd_search_request request;
    const char *question;
    jd_ask_options options;
    gint64 conversation; /* 0: none */
    jd_history history;
    gboolean stream;
} asked;

static void asked_clear(asked *at)
{
    jd_params_clear(&at->params);
    jd_search_request_clear(&at->request);
    jd_history_clear(&at->history);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(asked, asked_clear)

/* ---- what is asked ---- */

static gboolean read_backend(asked *at, GError **error)
{
    static const char *const backends[] = {"auto", "ollama", "openai", "extract", NULL};
    int backend = -1, context = 0;
    const char *model = NULL;
    if (!jd_params_choice(&at->params, "backend", backends, &backend, error) ||
        !jd_params_text(&at->params, "model", &model, error) ||
        !jd_params_integer(&at->params, "context", (jd_range){512, 1 << 24}, &context, error))
        return FALSE;
    if (backend >= 0) {
        /* Another one than the server was started with is another server, with other models. */
        if (g_strcmp0(at->options.backend, backends[backend]) != 0)
            at->options.model = at->options.server = NULL;
        at->options.backend = backends[backend];
    }
    if (model)
        at->options.model = model;
    if (context > 0)
        at->options.context_tokens = context;
    return TRUE;
}

static gboolean read_history(asked *at, jd_service *service, GError **error)
{
    const char *conversation = NULL;
    json_t *turns = NULL;
    if (!jd_params_text(&at->params, "conversation", &conversation, error) ||
        !jd_params_json(&at->params, "history", JSON_ARRAY, &turns, error) ||
        (conversation && !jd_id_read(conversation, "c", "conversation", &at->conversation, error)))
        return FALSE;
    if (turns)
        return jd_history_from_json(&at->history, turns, error);
    return !conversation || jd_history_from_base(&at->history, service, at->conversation, error);
}

static gboolean check_question(const char *question, GError **error)
{
    g_autofree char *stripped = question ? g_strstrip(g_strdup(question)) : NULL;
    if (stripped && *stripped && strlen(question) <= JD_LIMIT_QUERY_BYTES)
        return TRUE;
    if (stripped && *stripped)
        jd_set_http_error(error, 413, NULL, "a question has at most %lld bytes",
                          JD_LIMIT_QUERY_BYTES);
    else
        jd_set_http_error(error, 400, NULL, "question is to be some words");
    return FALSE;
}

static gboolean wants_stream(const jd_call *call)
{
    const char *accept = jd_call_header(call, "accept");
    return accept && g_str_has_prefix(accept, "text/event-stream");
}

static gboolean read_asked(asked *at, jd_call *call, GError **error)
{
    jd_service *service = jd_call_service(call);
    at->options = jd_question_options(service);
    at->stream = wants_stream(call);
    if (!jd_params_init(&at->params, call, error) ||
        !jd_params_text(&at->params, "question", &at->question, error) ||
        !check_question(at->question, error) ||
        !jd_params_flag(&at->params, "stream", &at->stream, error) ||
        !jd_params_flag(&at->params, "rewrite", &at->options.rewrite, error) ||
        !read_backend(at, error) || !read_history(at, service, error) ||
        !jd_search_request_read(&at->request, &at->params, call, error) ||
        !jd_params_end(&at->params, error))
        return FALSE;
    at->options.search = at->request.search;
    at->options.image = at->request.picture; /* it belongs to the question: the model sees it too */
    at->options.history = at->history.turns;
    at->options.history_size = at->history.size;
    at->options.cancel = jd_call_cancel(call);
    return TRUE;
}

/* ---- streaming ---- */

/* An answer that is told as it comes. */
typedef struct telling {
    const asked *at;
    jd_events *events;
    gboolean reworded; /* it was told that something else is searched for */
} telling;

static void send_stage(const telling *to, const char *name)
{
    jd_events_send(to->events, "stage", json_pack("{s:s}", "stage", name));
}

static void on_note(const char *note, void *user)
{
    const telling *to = user;
    g_autofree char *said = jd_note_for_clients(note);
    jd_events_send(to->events, "note", json_pack("{s:o}", "text", jd_json_string(said)));
}

static void on_query(const char *query, void *user)
{
    telling *to = user;
    gboolean other = !g_str_equal(query, to->at->question);
    if (other || to->reworded)
        jd_events_send(to->events, "query",
                       json_pack("{s:o}", "search_query", jd_json_string(other ? query : NULL)));
    to->reworded = other;
    send_stage(to, "search");
}

static void on_results(const jd_results *results, void *user)
{
    const telling *to = user;
    json_t *evidence = jd_evidence_lists_to_json(results);
    json_object_set_new(
        evidence, "timings_ms",
        json_pack("{s:f, s:f}", "embed", results->embed_ms, "search", results->search_ms));
    jd_events_send(to->events, "evidence", evidence);
    send_stage(to, "answer");
}

static void on_text(const char *piece, void *user)
{
    const telling *to = user;
    jd_events_send(to->events, "token", json_pack("{s:o}", "text", jd_json_string(piece)));
}

static json_t *problem_json(const GError *error)
{
    g_auto(jd_problem) problem;
    jd_problem_init(&problem, error);
    return json_pack("{s:s, s:o, s:o}", "code", problem.code, "message",
                     jd_json_string(problem.message), "hint", jd_json_string(problem.hint));
}

static void stream(jd_call *call, asked *at)
{
    jd_service *service = jd_call_service(call);
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_events) events = jd_call_reply_events(call);
    g_autofree char *id = g_strdup_printf("a%" G_GINT64_FORMAT, jd_call_number(call));
    jd_events_send(events, "start", json_pack("{s:s}", "id", id));
    telling to = {.at = at, .events = events};
    if (at->options.rewrite && at->options.history_size > 0)
        send_stage(&to, "rewrite");
    jd_question_listener listener = {on_note, on_query, on_results, on_text, &to};
    g_autoptr(jd_answer) answer =
        jd_question_ask(service, at->question, &at->options, &listener, &error);
    if (answer && at->conversation)
        jd_conversation_keep(service, at->conversation, answer);
    if (answer) {
        json_auto_t *json = jd_notes_for_clients(jd_answer_to_json(answer));
        jd_events_send(events, "citations", json_incref(json_object_get(json, "citations")));
        jd_events_send(events, "done", json_incref(json));
    } else {
        jd_events_send(events, "error", problem_json(error));
    }
    jd_events_end(events);
}

static gboolean ask(jd_call *call, GError **error)
{
    g_auto(asked) at = {0};
    if (!read_asked(&at, call, error))
        return FALSE;
    if (at.stream) {
        stream(call, &at);
        return TRUE;
    }
    jd_service *service = jd_call_service(call);
    g_autoptr(jd_answer) answer = jd_question_ask(service, at.question, &at.options, NULL, error);
    if (!answer)
        return FALSE;
    if (at.conversation)
        jd_conversation_keep(service, at.conversation, answer);
    jd_call_reply_json(call, 200, jd_notes_for_clients(jd_answer_to_json(answer)));
    return TRUE;
}

/* ---- stopping ---- */

static gboolean stop(jd_call *call, GError **error)
{
    gint64 id;
    if (!jd_path_id(call, 0, 'a', &id, error))
        return FALSE;
    if (!jd_service_stop_call(jd_call_service(call), id, ask)) {
        jd_set_http_error(error, 404, NULL, "there is no answer a%" G_GINT64_FORMAT " under way",
                          id);
        return FALSE;
    }
    jd_call_reply_empty(call, 204);
    return TRUE;
}

static const jd_route routes[] = {
    {"POST", "/api/v1/ask", ask, JD_ROUTE_LONG, JD_SERVER_PICTURE_BODY_BYTES},
    {"DELETE", "/api/v1/ask/{id}", stop},
    {NULL},
};

const jd_route_table jd_routes_ask = {"/api/v1/", routes, jd_put_error};
