/* POST /v1/chat/completions. */
#include "base/limits.h"
#include "retrieve/json.h"
#include "server/openai/asking.h"

/* ---- the forms of an answer ---- */

/* "stop" where it is whole, "length" where it was cut short. */
static json_t *reason_json(const jd_answer *answer)
{
    return answer ? json_string(answer->complete ? "stop" : "length") : json_null();
}

/* What completions and their pieces have in common; takes `choices`. */
static json_t *envelope(const jd_openai_asking *asking, const char *object, json_t *choices)
{
    g_autofree char *id =
        g_strdup_printf("chatcmpl-a%" G_GINT64_FORMAT, jd_call_number(asking->call));
    return json_pack("{s:s, s:s, s:I, s:o, s:n, s:n, s:o}", "id", id, "object", object, "created",
                     (json_int_t)asking->created, "model", jd_json_string(asking->model_id),
                     "system_fingerprint", "usage", "choices", choices);
}

static json_t *completion_json(const jd_openai_asking *asking, const jd_answer *answer)
{
    json_t *message = json_pack("{s:s, s:o, s:n}", "role", "assistant", "content",
                                jd_json_string(answer->text), "refusal");
    json_t *choices = json_pack("[{s:i, s:o, s:n, s:o}]", "index", 0, "message", message,
                                "logprobs", "finish_reason", reason_json(answer));
    json_t *json = envelope(asking, "chat.completion", choices);
    json_object_set_new(json, "jackdaw", jd_openai_asking_result(asking, answer));
    return json;
}

/* A piece; takes `delta`. `answer`: it is the last. */
static json_t *chunk_json(const jd_openai_asking *asking, json_t *delta, const jd_answer *answer)
{
    json_t *choices = json_pack("[{s:i, s:o, s:n, s:o}]", "index", 0, "delta", delta, "logprobs",
                                "finish_reason", reason_json(answer));
    return envelope(asking, "chat.completion.chunk", choices);
}

/* ---- streaming ---- */

typedef struct stream {
    const jd_openai_asking *asking;
    jd_events *events; /* NULL until there is something to say: until then a failure is a status */
} stream;

static void begin(stream *at)
{
    if (at->events)
        return;
    at->events = jd_call_reply_events(at->asking->call);
    json_t *delta = json_pack("{s:s, s:s}", "role", "assistant", "content", "");
    jd_events_send(at->events, NULL, chunk_json(at->asking, delta, NULL));
}

static void on_text(const char *piece, void *user)
{
    stream *at = user;
    begin(at);
    json_t *delta = json_pack("{s:o}", "content", jd_json_string(piece));
    jd_events_send(at->events, NULL, chunk_json(at->asking, delta, NULL));
}

static void end(stream *at, const jd_answer *answer)
{
    begin(at);
    json_t *last = chunk_json(at->asking, json_object(), answer);
    json_object_set_new(last, "jackdaw", jd_openai_asking_result(at->asking, answer));
    jd_events_send(at->events, NULL, last);
    jd_events_send_text(at->events, NULL, "[DONE]");
}

static gboolean run_stream(jd_openai_asking *asking, gboolean *replied, GError **error)
{
    stream at = {.asking = asking};
    jd_question_listener listener = {.on_text = on_text, .user = &at};
    g_autoptr(GError) problem = NULL;
    g_autoptr(jd_answer) answer = jd_openai_asking_ask(asking, &listener, replied, &problem);
    if (!answer && !at.events) {
        if (problem)
            g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    if (answer)
        end(&at, answer);
    else
        jd_events_send(at.events, NULL, jd_openai_error_json(problem));
    jd_events_end(at.events);
    jd_events_unref(at.events);
    return TRUE;
}

/* ---- the request ---- */

static gboolean check_form(const json_t *body, GError **error)
{
    const json_t *n = json_object_get(body, "n");
    const char *form =
        json_string_value(json_object_get(json_object_get(body, "response_format"), "type"));
    if (n && !json_is_null(n) && json_integer_value(n) != 1)
        jd_set_http_error(error, 400, NULL, "n is to be 1: there is one answer to a question");
    else if (form && !g_str_equal(form, "text"))
        jd_set_http_error(error, 400, NULL, "response_format is to be text, not %s", form);
    else
        return TRUE;
    return FALSE;
}

static gboolean answer_whole(jd_openai_asking *asking, gboolean *replied, GError **error)
{
    g_autoptr(jd_answer) answer = jd_openai_asking_ask(asking, NULL, replied, error);
    if (!answer)
        return FALSE;
    jd_call_reply_json(asking->call, 200, completion_json(asking, answer));
    return TRUE;
}

static gboolean complete(jd_call *call, GError **error)
{
    g_auto(jd_openai_asking) asking = {0};
    gboolean replied = FALSE;
    return (jd_openai_asking_read(&asking, call, error) && check_form(asking.body, error) &&
            jd_openai_asking_finish(&asking, json_object_get(asking.body, "messages"), &replied,
                                    error) &&
            (asking.stream ? run_stream(&asking, &replied, error)
                           : answer_whole(&asking, &replied, error))) ||
           replied;
}

static const jd_route routes[] = {
    {"POST", "/v1/chat/completions", complete, JD_ROUTE_LONG, JD_SERVER_PICTURE_BODY_BYTES},
    {NULL},
};

const jd_route_table jd_routes_openai_chat = {"/v1/", routes, jd_openai_put_error};
