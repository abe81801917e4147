#include "server/openai/asking.h"

#include "answer/json.h"
#include "server/hint.h"

void jd_openai_asking_clear(jd_openai_asking *asking)
{
    jd_openai_model_clear(&asking->model);
    jd_openai_talk_clear(&asking->talk);
    jd_params_clear(&asking->params);
    jd_search_request_clear(&asking->request);
}

/* ---- reading ---- */

static gboolean refuse(GError **error, const char *name, const char *why)
{
    jd_set_http_error(error, 400, NULL, "%s %s", name, why);
    return FALSE;
}

/* Tools may be offered: nothing makes a model call one. */
static gboolean check_tools(const json_t *body, GError **error)
{
    const json_t *choice = json_object_get(body, "tool_choice");
    const char *word = json_string_value(choice);
    if (json_is_object(choice) || g_strcmp0(word, "required") == 0)
        return refuse(error, "tool_choice", "cannot be met: no tool is ever called here");
    return TRUE;
}

static gboolean read_settings(jd_openai_asking *asking, GError **error)
{
    json_t *settings = json_object_get(asking->body, "jackdaw");
    json_auto_t *none = json_object();
    if (settings && !json_is_object(settings))
        return refuse(error, "jackdaw", "is to be an object");
    jd_params_init_json(&asking->params, settings ? settings : none);
    return jd_params_flag(&asking->params, "rewrite", &asking->options.rewrite, error) &&
           jd_search_request_read(&asking->request, &asking->params, NULL, error) &&
           jd_params_end(&asking->params, error);
}

gboolean jd_openai_asking_read(jd_openai_asking *asking, jd_call *call, GError **error)
{
    asking->call = call;
    asking->options = jd_question_options(jd_call_service(call));
    asking->created = g_get_real_time() / G_USEC_PER_SEC;
    asking->body = jd_call_json(call, error);
    if (!asking->body)
        return FALSE;
    if (!json_is_object(asking->body))
        return refuse(error, "the body", "is to be a JSON object");
    asking->model_id = json_string_value(json_object_get(asking->body, "model"));
    if (!asking->model_id)
        return refuse(error, "model", "is to be one of those that GET /v1/models lists");
    const json_t *stream = json_object_get(asking->body, "stream");
    if (stream && !json_is_boolean(stream) && !json_is_null(stream))
        return refuse(error, "stream", "is to be true or false");
    asking->stream = json_is_true(stream);
    return check_tools(asking->body, error) && read_settings(asking, error);
}

gboolean jd_openai_asking_finish(jd_openai_asking *asking, const json_t *messages,
                                 gboolean *replied, GError **error)
{
    if (!jd_openai_model_parse(asking->model_id, &asking->model)) {
        jd_openai_reply_no_model(asking->call, asking->model_id);
        *replied = TRUE;
        return FALSE;
    }
    if (!jd_openai_talk_read(&asking->talk, messages, error))
        return FALSE;
    jd_ask_options *options = &asking->options;
    const jd_openai_model *model = &asking->model;
    if (model->backend) {
        /* Another one than the server was started with is another server, with other models. */
        if (g_strcmp0(options->backend, model->backend) != 0)
            options->server = NULL;
        options->backend = model->backend;
        options->model = model->name;
    }
    options->search = asking->request.search;
    options->image = asking->talk.picture ? asking->talk.picture : asking->request.picture;
    options->history = asking->talk.history.turns;
    options->history_size = asking->talk.history.size;
    options->cancel = jd_call_cancel(asking->call);
    return TRUE;
}

/* ---- asking ---- */

jd_answer *jd_openai_asking_ask(jd_openai_asking *asking, const jd_question_listener *listener,
                                gboolean *replied, GError **error)
{
    g_autoptr(GError) problem = NULL;
    jd_answer *answer = jd_question_ask(jd_call_service(asking->call), asking->talk.question,
                                        &asking->options, listener, &problem);
    if (answer)
        return answer;
    if (asking->model.name && g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND)) {
        jd_openai_reply_no_model(asking->call, asking->model_id);
        *replied = TRUE;
    } else {
        g_propagate_error(error, g_steal_pointer(&problem));
    }
    return NULL;
}

json_t *jd_openai_asking_result(const jd_openai_asking *asking, const jd_answer *answer)
{
    json_t *json = jd_notes_for_clients(jd_answer_to_json(answer));
    if (asking->talk.instructed)
        json_array_append_new(json_object_get(json, "notes"),
                              json_string("system messages are not used: answers are made from the "
                                          "documents by Jackdaw's own instructions"));
    return json;
}
