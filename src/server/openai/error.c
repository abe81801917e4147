#include "server/openai/openai.h"

#include "retrieve/json.h"

/* The kinds that OpenAI's clients make exceptions of. */
static const char *type_of(int status)
{
    if (status == 401)
        return "authentication_error";
    if (status == 403)
        return "permission_error";
    if (status == 429)
        return "rate_limit_error";
    return status >= 500 ? "server_error" : "invalid_request_error";
}

static json_t *error_json(const jd_problem *problem)
{
    json_t *json =
        json_pack("{s:{s:o, s:s, s:n, s:s}}", "error", "message", jd_json_string(problem->message),
                  "type", type_of(problem->status), "param", "code",
                  problem->status == 401 ? "invalid_api_key" : problem->code);
    if (problem->hint)
        json_object_set_new(json_object_get(json, "error"), "hint", jd_json_string(problem->hint));
    return json;
}

void jd_openai_put_error(jd_call *call, const jd_problem *problem)
{
    jd_call_reply_json(call, problem->status, error_json(problem));
}

json_t *jd_openai_error_json(const GError *error)
{
    g_auto(jd_problem) problem;
    jd_problem_init(&problem, error);
    return error_json(&problem);
}

void jd_openai_reply_no_model(jd_call *call, const char *model)
{
    g_autofree char *message = g_strdup_printf(
        "The model `%s` does not exist here: GET /v1/models lists those that do", model);
    jd_call_reply_json(call, 404,
                       json_pack("{s:{s:o, s:s, s:s, s:s}}", "error", "message",
                                 jd_json_string(message), "type", "invalid_request_error", "param",
                                 "model", "code", "model_not_found"));
}
