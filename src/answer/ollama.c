/*
 * Ollama, by its own API: only that takes num_ctx. Sent with every question:
 *  - num_ctx: the window that the evidence was budgeted to. Without it the server takes 4096 and
 *    drops the beginning of the prompt without a word;
 *  - truncate and shift false: what does not fit is an error instead;
 *  - num_predict, temperature 0 (the same question gives the same answer), think false for models
 *    that would spend the answer's length on thinking. keep_alive is left to the server.
 * Several pictures in one message stand where the text says "[img]"; a single one goes without.
 */
#include "answer/backend.h"
#include "answer/probe.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"

#include <string.h>

/* A sentence on what could be used instead of a model, or NULL. */
static char *advice(jd_probe *probe)
{
    g_autoptr(GPtrArray) models = jd_ollama_models(probe, NULL);
    const jd_server_model *text_only = NULL;
    const jd_server_model *model = models ? jd_ollama_pick(probe, models, &text_only) : NULL;
    if (model)
        return g_strdup_printf("use --model %s, which is installed and takes pictures",
                               model->name);
    return g_strdup(JD_REMEDY_FETCH_VISION);
}

static gboolean choose_named(jd_session *session, jd_probe *probe, GError **error)
{
    const char *name = session->options->model;
    g_autoptr(jd_server_model) model = jd_server_model_new(name);
    g_autoptr(GError) problem = NULL;
    if (!jd_ollama_look(probe, model, &problem)) {
        g_autofree char *shown = jd_url_for_display(session->base);
        if (g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND)) {
            g_autofree char *hint = g_strdup_printf(JD_REMEDY_FETCH_NAMED, name);
            jd_set_error(error, JD_ERROR_NOT_FOUND, hint, "Ollama at %s has no model \"%s\"", shown,
                         name);
        } else {
            g_propagate_error(error, g_steal_pointer(&problem));
        }
        return FALSE;
    }
    if (model->problem) {
        g_autofree char *hint = advice(probe);
        jd_set_error(error, JD_ERROR_UNSUPPORTED, hint, "%s", model->problem);
        return FALSE;
    }
    if (model->elsewhere && session->options->offline) {
        jd_set_error(error, JD_ERROR_USAGE, "leave --offline away, or use a model on this machine",
                     "%s runs on another machine, which --offline forbids", name);
        return FALSE;
    }
    jd_session_set_model(session, model);
    return TRUE;
}

/* JD_ERROR_NOT_FOUND: the server is there. */
static gboolean fail_without_model(const jd_session *session, const GPtrArray *models,
                                   GError **error)
{
    g_autofree char *shown = jd_url_for_display(session->base);
    const char *what = models->len == 0          ? "has no model yet"
                       : session->take_text_only ? "has no model that can be used here"
                                                 : "has no model that takes pictures";
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_FETCH_ONE, "Ollama at %s %s", shown, what);
    return FALSE;
}

static gboolean choose_itself(jd_session *session, jd_probe *probe, GError **error)
{
    g_autoptr(GPtrArray) models = jd_ollama_models(probe, error);
    if (!models)
        return FALSE;
    const jd_server_model *text_only = NULL;
    const jd_server_model *model = jd_ollama_pick(probe, models, &text_only);
    for (guint i = 0; i < models->len; i++) {
        const jd_server_model *other = g_ptr_array_index(models, i);
        if (other->problem)
            jd_session_note(session, "%s", other->problem);
    }
    if (!model && session->take_text_only)
        model = text_only;
    if (!model)
        return fail_without_model(session, models, error);
    jd_session_set_model(session, model);
    return TRUE;
}

static gboolean ollama_choose(jd_session *session, GError **error)
{
    g_free(session->base);
    session->base = jd_ollama_base(session->options->server, error);
    if (!session->base)
        return FALSE;
    g_auto(jd_probe) probe = {.base = session->base,
                              .hint = JD_HINT_START_OLLAMA,
                              .offline = session->options->offline,
                              .cancel = session->options->cancel};
    return session->options->model ? choose_named(session, &probe, error)
                                   : choose_itself(session, &probe, error);
}

static gboolean ollama_assume(jd_session *session, GError **error)
{
    g_free(session->base);
    session->base = jd_ollama_base(session->options->server, error);
    if (!session->base)
        return FALSE;
    const char *name = session->options->model ? session->options->model : JD_ARTICLE_MODEL;
    g_autoptr(jd_server_model) model = jd_server_model_new(name);
    model->answers = model->vision = TRUE;
    if (g_str_has_prefix(name, JD_ARTICLE_MODEL))
        model->architecture = g_strdup("mllama");
    jd_session_set_model(session, model);
    return TRUE;
}

/* ---- the request ---- */

static guint count_pictures(const jd_message *message)
{
    guint n = 0;
    for (guint i = 0; i < message->parts->len; i++)
        n += ((jd_part *)g_ptr_array_index(message->parts, i))->picture != NULL;
    return n;
}

static json_t *message_json(const jd_message *message)
{
    gboolean placed = count_pictures(message) > 1;
    g_autoptr(GString) content = g_string_new(NULL);
    json_t *images = json_array();
    for (guint i = 0; i < message->parts->len; i++) {
        const jd_part *part = g_ptr_array_index(message->parts, i);
        if (part->text)
            g_string_append(content, part->text);
        if (!part->picture)
            continue;
        if (placed)
            g_string_append(content, "[img]");
        gsize size;
        const guchar *data = g_bytes_get_data(part->picture, &size);
        g_autofree char *encoded = g_base64_encode(data, size);
        json_array_append_new(images, json_string(encoded));
    }
    json_t *object = json_object();
    json_object_set_new(object, "role", json_string(message->role));
    json_object_set_new(object, "content", json_string(content->str));
    if (json_array_size(images) > 0)
        json_object_set(object, "images", images);
    json_decref(images);
    return object;
}

static json_t *request_body(const jd_session *session, const jd_prompt *prompt)
{
    json_t *messages = json_array();
    for (guint i = 0; i < prompt->messages->len; i++)
        json_array_append_new(messages, message_json(g_ptr_array_index(prompt->messages, i)));
    json_t *body = json_pack("{s:s, s:o, s:b, s:b, s:b, s:{s:i, s:i, s:i}}", "model",
                             session->model->name, "messages", messages, "stream", 1, "truncate", 0,
                             "shift", 0, "options", "num_ctx", session->context_tokens,
                             "num_predict", jd_session_answer_tokens(session), "temperature", 0);
    if (session->model->thinks)
        json_object_set_new(body, "think", json_false());
    return body;
}

static json_t *ollama_show(const jd_session *session, const jd_prompt *prompt)
{
    g_autofree char *shown = jd_url_for_display(session->base);
    g_autofree char *url = g_strconcat(shown, "/api/chat", NULL);
    json_t *object = json_object();
    json_object_set_new(object, "method", json_string("POST"));
    json_object_set_new(object, "url", json_string(url));
    json_object_set_new(object, "body", request_body(session, prompt));
    return object;
}

/* ---- the answer ---- */

typedef struct stream {
    jd_session *session;
    jd_stream_end end;
} stream;

static gboolean on_line(const char *line, gsize length, void *user)
{
    stream *s = user;
    if (length == 0)
        return TRUE;
    json_t *object = jd_line_object(line, length);
    s->end.garbage = object == NULL;
    if (!object)
        return FALSE;
    const json_t *problem = json_object_get(object, "error");
    const json_t *message = json_object_get(object, "message");
    const json_t *content = json_object_get(message, "content");
    if (problem)
        jd_failure_from_json(&s->session->failure, problem);
    if (json_string_length(json_object_get(message, "thinking")) > 0)
        s->session->talk.begun = TRUE;
    s->end.too_long =
        json_is_string(content) &&
        !jd_talk_add(&s->session->talk, json_string_value(content), json_string_length(content));
    if (json_is_true(json_object_get(object, "done"))) {
        const char *reason = json_string_value(json_object_get(object, "done_reason"));
        s->end.finished = TRUE;
        s->end.length = g_strcmp0(reason, "length") == 0;
    }
    gboolean on = !problem && !s->end.too_long && !s->end.finished;
    json_decref(object);
    return on;
}

static gboolean ollama_chat(jd_session *session, const jd_prompt *prompt, GError **error)
{
    json_t *body = request_body(session, prompt);
    g_autofree char *url = g_strconcat(session->base, "/api/chat", NULL);
    g_autofree char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    stream s = {.session = session};
    jd_exchange exchange = {.url = url, .body = text, .on_line = on_line, .user = &s};
    g_autoptr(GError) problem = NULL;
    jd_session_exchange(session, &exchange, &problem);
    if (jd_session_finish(session, &s.end, &problem))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

const jd_backend jd_backend_ollama = {.name = "ollama",
                                      .choose = ollama_choose,
                                      .assume = ollama_assume,
                                      .chat = ollama_chat,
                                      .show = ollama_show,
                                      .needs_prompt = TRUE};
