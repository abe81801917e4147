/* POST /v1/responses. Nothing is stored: a client sends what went before as input. */
#include "base/limits.h"
#include "retrieve/json.h"
#include "server/openai/asking.h"

#include <string.h>

/* ---- the forms of an answer ---- */

static const jd_item *cited_item(const jd_answer *answer, const jd_citation *citation)
{
    const GPtrArray *list =
        citation->kind == JD_ITEM_TEXT ? answer->evidence->text : answer->evidence->images;
    for (guint i = 0; i < list->len; i++) {
        const jd_evidence *evidence = list->pdata[i];
        if (evidence->item->id == citation->item)
            return evidence->item;
    }
    return NULL;
}

/* Each source that is cited, once; the sentences are in "jackdaw". */
static json_t *annotations(const jd_answer *answer)
{
    json_t *list = json_array();
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    for (guint i = 0; answer && i < answer->citations->len; i++) {
        const jd_citation *citation = &g_array_index(answer->citations, jd_citation, i);
        const jd_item *item = cited_item(answer, citation);
        if (!item || !item->document || !g_hash_table_add(seen, GINT_TO_POINTER(citation->n)))
            continue;
        g_autofree char *id = g_strdup_printf("d%" G_GINT64_FORMAT, item->document->id);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:o, s:i}", "type", "file_citation", "file_id",
                                        id, "filename", jd_json_string(item->document->title),
                                        "index", citation->n - 1));
    }
    return list;
}

static json_t *part_json(const char *text, const jd_answer *answer)
{
    return json_pack("{s:s, s:o, s:o, s:[]}", "type", "output_text", "text", jd_json_string(text),
                     "annotations", annotations(answer), "logprobs");
}

static char *message_id(const jd_openai_asking *asking)
{
    return g_strdup_printf("msg_a%" G_GINT64_FORMAT, jd_call_number(asking->call));
}

/* "in_progress" without an answer. */
static const char *status_of(const jd_answer *answer)
{
    if (!answer)
        return "in_progress";
    return answer->complete ? "completed" : "incomplete";
}

static json_t *message_json(const jd_openai_asking *asking, const jd_answer *answer)
{
    g_autofree char *id = message_id(asking);
    json_t *content = json_array();
    if (answer)
        json_array_append_new(content, part_json(answer->text, answer));
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "type", "message", "id", id, "status",
                     status_of(answer), "role", "assistant", "content", content);
}

/* `answer` and `error` NULL: it is under way. */
static json_t *response_json(const jd_openai_asking *asking, const jd_answer *answer,
                             const GError *error)
{
    g_autofree char *id = g_strdup_printf("resp_a%" G_GINT64_FORMAT, jd_call_number(asking->call));
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:s, s:o, s:[], s:n, s:n, s:n, s:{}, s:n, s:b, s:n, s:b, s:s, s:[], "
        "s:{s:{s:s}}, s:n, s:n, s:s, s:n}",
        "id", id, "object", "response", "created_at", (json_int_t)asking->created, "status",
        error ? "failed" : status_of(answer), "model", jd_json_string(asking->model_id), "output",
        "error", "incomplete_details", "instructions", "metadata", "previous_response_id",
        "parallel_tool_calls", FALSE, "max_output_tokens", "store", FALSE, "tool_choice", "none",
        "tools", "text", "format", "type", "text", "temperature", "top_p", "truncation", "disabled",
        "usage");
    if (error) {
        g_auto(jd_problem) problem;
        jd_problem_init(&problem, error);
        json_object_set_new(json, "error",
                            json_pack("{s:s, s:o}", "code", "server_error", "message",
                                      jd_json_string(problem.message)));
    }
    if (answer) {
        json_array_append_new(json_object_get(json, "output"), message_json(asking, answer));
        json_object_set_new(json, "jackdaw", jd_openai_asking_result(asking, answer));
    }
    if (answer && !answer->complete)
        json_object_set_new(json, "incomplete_details",
                            json_pack("{s:s}", "reason", "max_output_tokens"));
    return json;
}

/* ---- streaming ---- */

typedef struct stream {
    const jd_openai_asking *asking;
    jd_events *events; /* NULL until there is something to say: until then a failure is a status */
    char *message;     /* its id */
    int number;        /* of the next event */
} stream;

static void stream_clear(stream *at)
{
    jd_events_unref(at->events);
    g_free(at->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(stream, stream_clear)

/* Takes `data`, an object. */
static void emit(stream *at, const char *type, json_t *data)
{
    json_object_set_new(data, "type", json_string(type));
    json_object_set_new(data, "sequence_number", json_integer(at->number++));
    jd_events_send(at->events, type, data);
}

static void send_response(stream *at, const char *type, json_t *response)
{
    emit(at, type, json_pack("{s:o}", "response", response));
}

/* An event about the answer's one part of text. Takes `value`. */
static void send_text(stream *at, const char *type, const char *name, json_t *value)
{
    emit(at, type,
         json_pack("{s:s, s:i, s:i, s:o}", "item_id", at->message, "output_index", 0,
                   "content_index", 0, name, value));
}

static void begin(stream *at)
{
    if (at->events)
        return;
    at->events = jd_call_reply_events(at->asking->call);
    send_response(at, "response.created", response_json(at->asking, NULL, NULL));
    send_response(at, "response.in_progress", response_json(at->asking, NULL, NULL));
    emit(at, "response.output_item.added",
         json_pack("{s:i, s:o}", "output_index", 0, "item", message_json(at->asking, NULL)));
    send_text(at, "response.content_part.added", "part", part_json("", NULL));
}

static void on_text(const char *piece, void *user)
{
    stream *at = user;
    begin(at);
    emit(at, "response.output_text.delta",
         json_pack("{s:s, s:i, s:i, s:o, s:[]}", "item_id", at->message, "output_index", 0,
                   "content_index", 0, "delta", jd_json_string(piece), "logprobs"));
}

static void end(stream *at, const jd_answer *answer)
{
    begin(at);
    json_t *done =
        json_pack("{s:s, s:i, s:i, s:o, s:[]}", "item_id", at->message, "output_index", 0,
                  "content_index", 0, "text", jd_json_string(answer->text), "logprobs");
    emit(at, "response.output_text.done", done);
    send_text(at, "response.content_part.done", "part", part_json(answer->text, answer));
    emit(at, "response.output_item.done",
         json_pack("{s:i, s:o}", "output_index", 0, "item", message_json(at->asking, answer)));
    send_response(at, answer->complete ? "response.completed" : "response.incomplete",
                  response_json(at->asking, answer, NULL));
}

static gboolean run_stream(jd_openai_asking *asking, gboolean *replied, GError **error)
{
    g_auto(stream) at = {.asking = asking, .message = message_id(asking)};
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
        send_response(&at, "response.failed", response_json(asking, NULL, problem));
    jd_events_end(at.events);
    return TRUE;
}

/* ---- the request ---- */

static gboolean is_set(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);
    return value && !json_is_null(value) && !json_is_false(value);
}

static gboolean check_form(const json_t *body, GError **error)
{
    static const char *const stored[] = {"previous_response_id", "conversation", "background"};
    for (gsize i = 0; i < G_N_ELEMENTS(stored); i++)
        if (is_set(body, stored[i])) {
            jd_set_http_error(error, 400, "send what went before as input",
                              "%s is not taken: responses are not stored", stored[i]);
            return FALSE;
        }
    const json_t *form = json_object_get(json_object_get(body, "text"), "format");
    const char *type = json_string_value(json_object_get(form, "type"));
    if (!type || g_str_equal(type, "text"))
        return TRUE;
    jd_set_http_error(error, 400, NULL, "text.format is to be text, not %s", type);
    return FALSE;
}

/* `input` as messages: a text alone is the user's. A new reference. */
static json_t *input_messages(const json_t *body)
{
    json_t *input = json_object_get(body, "input");
    if (!json_is_string(input))
        return json_incref(input);
    return json_pack("[{s:s, s:O}]", "role", "user", "content", input);
}

static gboolean answer_whole(jd_openai_asking *asking, gboolean *replied, GError **error)
{
    g_autoptr(jd_answer) answer = jd_openai_asking_ask(asking, NULL, replied, error);
    if (!answer)
        return FALSE;
    jd_call_reply_json(asking->call, 200, response_json(asking, answer, NULL));
    return TRUE;
}

static gboolean respond(jd_call *call, GError **error)
{
    g_auto(jd_openai_asking) asking = {0};
    gboolean replied = FALSE;
    if (!jd_openai_asking_read(&asking, call, error) || !check_form(asking.body, error))
        return FALSE;
    json_auto_t *messages = input_messages(asking.body);
    asking.talk.instructed = is_set(asking.body, "instructions");
    return (jd_openai_asking_finish(&asking, messages, &replied, error) &&
            (asking.stream ? run_stream(&asking, &replied, error)
                           : answer_whole(&asking, &replied, error))) ||
           replied;
}

static const jd_route routes[] = {
    {"POST", "/v1/responses", respond, JD_ROUTE_LONG, JD_SERVER_PICTURE_BODY_BYTES},
    {NULL},
};

const jd_route_table jd_routes_openai_responses = {"/v1/", routes, jd_openai_put_error};
