/*
 * OpenAI-compatible servers: llama-server, vLLM, LM Studio, Ollama's /v1, hosted ones.
 *
 * An answer is complete with "[DONE]" only: servers whose model dies end the stream without it.
 * temperature is 0 and max_tokens the answer's room; where a server turns one of them down (newer
 * hosted models want max_completion_tokens and no temperature) it is asked once more without. The
 * same goes for pictures that it does not take.
 */
#include "answer/backend.h"
#include "answer/probe.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

static gboolean find_base(jd_session *session, GError **error)
{
    const char *server =
        session->options->server ? session->options->server : g_getenv("OPENAI_BASE_URL");
    if (!server || !*server) {
        jd_set_error(error, JD_ERROR_UNAVAILABLE,
                     "set OPENAI_BASE_URL, as in OPENAI_BASE_URL=http://127.0.0.1:8080/v1",
                     "no OpenAI-compatible server is named");
        return FALSE;
    }
    g_free(session->base);
    session->base = jd_url_openai(server, error);
    g_free(session->key);
    session->key = g_strdup(g_getenv("OPENAI_API_KEY"));
    return session->base != NULL;
}

static jd_server_model *find_model(GPtrArray *models, const char *name)
{
    for (guint i = 0; i < models->len; i++) {
        jd_server_model *model = g_ptr_array_index(models, i);
        if (name ? !strcmp(model->name, name) : model->answers)
            return model;
    }
    return NULL;
}

/* The wanted model, known to the server or not: llama-server takes any name. NULL with an error
 * where none is wanted and none is known. */
static jd_server_model *pick_model(const jd_session *session, GPtrArray *models,
                                   gboolean llama_server, GError **error)
{
    const char *name = session->options->model;
    const jd_server_model *found = find_model(models, name);
    if (!found && llama_server)
        found = find_model(models, NULL);
    if (!found && !name) {
        g_autofree char *shown = jd_url_for_display(session->base);
        jd_set_error(error, JD_ERROR_UNAVAILABLE, "name one with --model",
                     "%s does not say which models it has", shown);
        return NULL;
    }
    jd_server_model *model = jd_server_model_new(name ? name : found->name);
    model->answers = TRUE;
    model->vision = !found || found->vision;
    return model;
}

static gboolean openai_choose(jd_session *session, GError **error)
{
    if (!find_base(session, error))
        return FALSE;
    g_auto(jd_probe) probe = {.base = session->base,
                              .key = session->key,
                              .hint = JD_HINT_START_OPENAI,
                              .offline = session->options->offline,
                              .cancel = session->options->cancel};
    gboolean llama_server = FALSE;
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) models = jd_openai_models(&probe, &llama_server, &problem);
    /* A server may refuse to list its models and answer all the same, where one is named. */
    gboolean refused = !models && probe.failure.message && probe.failure.status != 401;
    if (!models && refused && session->options->model)
        models = g_ptr_array_new();
    if (!models) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    g_autoptr(jd_server_model) model = pick_model(session, models, llama_server, error);
    if (!model)
        return FALSE;
    if (llama_server)
        jd_openai_look(&probe, model);
    jd_session_set_model(session, model);
    return TRUE;
}

static gboolean openai_assume(jd_session *session, GError **error)
{
    if (!find_base(session, error))
        return FALSE;
    const char *name = session->options->model;
    g_autoptr(jd_server_model) model = jd_server_model_new(name ? name : "default");
    model->answers = model->vision = TRUE;
    jd_session_set_model(session, model);
    return TRUE;
}

/* ---- the request ---- */

static json_t *text_part(const char *text)
{
    json_t *part = json_object();
    json_object_set_new(part, "type", json_string("text"));
    json_object_set_new(part, "text", json_string(text));
    return part;
}

static json_t *picture_part(const jd_part *from)
{
    gsize size;
    const guchar *data = g_bytes_get_data(from->picture, &size);
    g_autofree char *encoded = g_base64_encode(data, size);
    g_autofree char *url = g_strdup_printf("data:%s;base64,%s", from->media_type, encoded);
    json_t *part = json_object();
    json_t *image = json_object();
    json_object_set_new(image, "url", json_string(url));
    json_object_set_new(part, "type", json_string("image_url"));
    json_object_set_new(part, "image_url", image);
    return part;
}

/* A message of text alone is a plain string: not every server and template takes parts. */
static json_t *content_json(const jd_message *message)
{
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *parts = json_array();
    for (guint i = 0; i < message->parts->len; i++) {
        const jd_part *part = g_ptr_array_index(message->parts, i);
        if (part->text)
            g_string_append(text, part->text);
        if (!part->picture)
            continue;
        if (text->len > 0)
            json_array_append_new(parts, text_part(text->str));
        g_string_truncate(text, 0);
        json_array_append_new(parts, picture_part(part));
    }
    if (json_array_size(parts) == 0) {
        json_decref(parts);
        return json_string(text->str);
    }
    if (text->len > 0)
        json_array_append_new(parts, text_part(text->str));
    return parts;
}

static json_t *request_body(const jd_session *session, const jd_prompt *prompt)
{
    json_t *messages = json_array();
    for (guint i = 0; i < prompt->messages->len; i++) {
        const jd_message *message = g_ptr_array_index(prompt->messages, i);
        json_t *object = json_object();
        json_object_set_new(object, "role", json_string(message->role));
        json_object_set_new(object, "content", content_json(message));
        json_array_append_new(messages, object);
    }
    json_t *body = json_object();
    json_object_set_new(body, "model", json_string(session->model->name));
    json_object_set_new(body, "messages", messages);
    json_object_set_new(body, "stream", json_true());
    json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    json_object_set_new(body, session->new_max_tokens ? "max_completion_tokens" : "max_tokens",
                        json_integer(jd_session_answer_tokens(session)));
    if (!session->no_temperature)
        json_object_set_new(body, "temperature", json_integer(0));
    return body;
}

static json_t *openai_show(const jd_session *session, const jd_prompt *prompt)
{
    g_autofree char *shown = jd_url_for_display(session->base);
    g_autofree char *url = g_strconcat(shown, "/chat/completions", NULL);
    json_t *object = json_object();
    json_object_set_new(object, "method", json_string("POST"));
    json_object_set_new(object, "url", json_string(url));
    json_object_set_new(object, "body", request_body(session, prompt));
    return object;
}

/* ---- the answer ---- */

typedef struct stream {
    jd_session *session;
    jd_sse sse;
    jd_stream_end end;
    gboolean any;
} stream;

static void take_choice(stream *s, const json_t *choice)
{
    const json_t *delta = json_object_get(choice, "delta");
    const json_t *content = json_object_get(delta, "content");
    const char *reason = json_string_value(json_object_get(choice, "finish_reason"));
    if (json_string_length(json_object_get(delta, "reasoning_content")) > 0 ||
        json_string_length(json_object_get(delta, "reasoning")) > 0)
        s->session->talk.begun = TRUE;
    if (g_strcmp0(reason, "length") == 0)
        s->end.length = TRUE;
    s->end.too_long |=
        json_is_string(content) &&
        !jd_talk_add(&s->session->talk, json_string_value(content), json_string_length(content));
}

static gboolean on_event(const char *data, gsize length, void *user)
{
    stream *s = user;
    s->any = TRUE;
    if (!strcmp(data, "[DONE]")) {
        s->end.finished = TRUE;
        return FALSE;
    }
    json_t *object = jd_line_object(data, length);
    s->end.garbage = object == NULL;
    if (!object)
        return FALSE;
    const json_t *problem = json_object_get(object, "error");
    if (problem && !json_is_null(problem))
        jd_failure_from_json(&s->session->failure, problem);
    else
        problem = NULL;
    const json_t *choice = json_array_get(json_object_get(object, "choices"), 0);
    if (choice)
        take_choice(s, choice);
    gboolean on = !problem && !s->end.too_long;
    json_decref(object);
    return on;
}

static gboolean ask_once(jd_session *session, const jd_prompt *prompt, GError **error)
{
    json_t *body = request_body(session, prompt);
    g_autofree char *url = g_strconcat(session->base, "/chat/completions", NULL);
    g_autofree char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    stream s = {.session = session};
    jd_sse_init(&s.sse, JD_LIMIT_SERVER_LINE_BYTES, on_event, &s);
    jd_exchange exchange = {.url = url, .body = text, .on_line = jd_sse_line, .user = &s.sse};
    g_autoptr(GError) problem = NULL;
    if (jd_session_exchange(session, &exchange, &problem))
        jd_sse_end(&s.sse);
    jd_sse_clear(&s.sse);
    s.end.garbage |= !s.any;
    if (jd_session_finish(session, &s.end, &problem))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/* Whether the request can be changed to what the server would take. */
static gboolean adapt(jd_session *session)
{
    const jd_failure *failure = &session->failure;
    if (failure->status != 400 && failure->status != 422)
        return FALSE;
    if (!session->new_max_tokens && strstr(failure->message, "max_completion_tokens"))
        return session->new_max_tokens = TRUE;
    if (!session->no_temperature && g_strcmp0(failure->param, "temperature") == 0)
        return session->no_temperature = TRUE;
    return FALSE;
}

static gboolean openai_chat(jd_session *session, const jd_prompt *prompt, GError **error)
{
    for (;;) {
        g_autoptr(GError) problem = NULL;
        if (ask_once(session, prompt, &problem))
            return TRUE;
        if (problem->code == JD_ERROR_REMOTE && adapt(session))
            continue;
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
}

const jd_backend jd_backend_openai = {.name = "openai",
                                      .choose = openai_choose,
                                      .assume = openai_assume,
                                      .chat = openai_chat,
                                      .show = openai_show,
                                      .needs_prompt = TRUE};
