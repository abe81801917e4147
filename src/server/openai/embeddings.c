/* POST /v1/embeddings. */
#include "base/limits.h"
#include "retrieve/json.h"
#include "server/openai/encode.h"
#include "server/openai/messages.h"
#include "server/openai/openai.h"
#include "server/params.h"
#include "server/service.h"

#include <string.h>

typedef struct asked {
    jd_params params;
    const char *model;
    GArray *inputs; /* jd_encode_input */
    gboolean base64;
    int dimensions; /* 0: as the model has it */
    jd_text_role role;
} asked;

static void input_clear(gpointer data)
{
    jd_encode_input *input = data;
    g_clear_pointer(&input->picture, g_bytes_unref);
}

static void asked_clear(asked *at)
{
    jd_params_clear(&at->params);
    g_clear_pointer(&at->inputs, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(asked, asked_clear)

/* ---- what is asked ---- */

static gboolean refuse_input(GError **error)
{
    jd_set_http_error(error, 400, "tokens are not taken: send the text",
                      "input is to be a text that is not empty, or an array of at most %d texts "
                      "and content parts (text, image_url)",
                      JD_SERVER_EMBEDDINGS);
    return FALSE;
}

static gboolean add_input(asked *at, const json_t *value, GError **error)
{
    jd_encode_input input = {.text = json_string_value(value)};
    const char *type = json_string_value(json_object_get(value, "type"));
    if (g_strcmp0(type, "text") == 0 || g_strcmp0(type, "input_text") == 0)
        input.text = json_string_value(json_object_get(value, "text"));
    if (g_strcmp0(type, "image_url") == 0 || g_strcmp0(type, "input_image") == 0) {
        input.picture = jd_openai_picture_read(value, error);
        if (!input.picture)
            return FALSE;
    } else if (!input.text || !*input.text) {
        return refuse_input(error);
    }
    g_array_append_val(at->inputs, input);
    return TRUE;
}

static gboolean read_inputs(asked *at, const json_t *body, GError **error)
{
    const json_t *value = json_object_get(body, "input");
    at->inputs = g_array_new(FALSE, FALSE, sizeof(jd_encode_input));
    g_array_set_clear_func(at->inputs, input_clear);
    if (!json_is_array(value))
        return add_input(at, value, error);
    gsize n = json_array_size(value);
    if (n == 0 || n > JD_SERVER_EMBEDDINGS)
        return refuse_input(error);
    for (gsize i = 0; i < n; i++)
        if (!add_input(at, json_array_get(value, i), error))
            return FALSE;
    return TRUE;
}

static gboolean read_asked(asked *at, jd_call *call, GError **error)
{
    static const char *const formats[] = {"float", "base64", NULL};
    static const char *const roles[] = {"text", "query", "passage", NULL};
    static const jd_text_role role_of[] = {JD_TEXT_PLAIN, JD_TEXT_QUESTION, JD_TEXT_PASSAGE};
    int format = 0, role = 0;
    json_t *body = jd_call_json(call, error);
    if (!body)
        return FALSE;
    if (!json_is_object(body)) {
        jd_set_http_error(error, 400, NULL, "the body is to be a JSON object");
        return FALSE;
    }
    jd_params_init_json(&at->params, body);
    if (!jd_params_text(&at->params, "model", &at->model, error) ||
        !jd_params_choice(&at->params, "encoding_format", formats, &format, error) ||
        !jd_params_choice(&at->params, "input_type", roles, &role, error) ||
        !jd_params_integer(&at->params, "dimensions", (jd_range){1, JD_LIMIT_DIMENSION},
                           &at->dimensions, error) ||
        !read_inputs(at, body, error))
        return FALSE;
    if (!at->model) {
        jd_set_http_error(error, 400, NULL, "model is to be an encoder that GET /v1/models lists");
        return FALSE;
    }
    at->base64 = format == 1;
    at->role = role_of[role];
    return TRUE;
}

/* ---- the answer ---- */

/* Little-endian floats, as OpenAI's clients read them. */
static json_t *vector_base64(const float *vector, gsize n)
{
    g_autofree guint32 *words = g_new(guint32, n);
    memcpy(words, vector, n * sizeof *words);
    for (gsize i = 0; i < n; i++)
        words[i] = GUINT32_TO_LE(words[i]);
    g_autofree char *text = g_base64_encode((const guchar *)words, n * sizeof *words);
    return json_string(text);
}

static json_t *vector_floats(const float *vector, gsize n)
{
    json_t *array = json_array();
    for (gsize i = 0; i < n; i++)
        json_array_append_new(array, json_real((double)vector[i]));
    return array;
}

static json_t *reply_json(const asked *at, const jd_encoded *encoded)
{
    json_t *data = json_array();
    for (gsize i = 0; i < at->inputs->len; i++) {
        const float *vector = encoded->vectors + i * encoded->dimension;
        json_array_append_new(data,
                              json_pack("{s:s, s:I, s:o}", "object", "embedding", "index",
                                        (json_int_t)i, "embedding",
                                        at->base64 ? vector_base64(vector, encoded->dimension)
                                                   : vector_floats(vector, encoded->dimension)));
    }
    return json_pack("{s:s, s:o, s:o, s:{s:I, s:I}}", "object", "list", "data", data, "model",
                     jd_json_string(encoded->model), "usage", "prompt_tokens",
                     (json_int_t)encoded->tokens, "total_tokens", (json_int_t)encoded->tokens);
}

static gboolean embed(jd_call *call, GError **error)
{
    g_auto(asked) at = {0};
    if (!read_asked(&at, call, error))
        return FALSE;
    g_autoptr(GError) problem = NULL;
    g_auto(jd_encoded) encoded = {0};
    jd_encode_request request = {.model = at.model,
                                 .inputs = (const jd_encode_input *)(gconstpointer)at.inputs->data,
                                 .count = at.inputs->len,
                                 .role = at.role,
                                 .dimension = (gsize)at.dimensions,
                                 .cancel = jd_call_cancel(call)};
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    if (!base.kb)
        return FALSE;
    if (!jd_encode(base.kb, &request, &encoded, &problem)) {
        if (g_error_matches(problem, JD_HTTP_ERROR, 404)) {
            jd_openai_reply_no_model(call, at.model);
            return TRUE;
        }
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    jd_call_reply_json(call, 200, reply_json(&at, &encoded));
    return TRUE;
}

static const jd_route routes[] = {
    {"POST", "/v1/embeddings", embed, JD_ROUTE_LONG, JD_SERVER_PICTURE_BODY_BYTES},
    {NULL},
};

const jd_route_table jd_routes_openai_embeddings = {"/v1/", routes, jd_openai_put_error};
