#include "answer/failure.h"

#include "base/text.h"

#include <string.h>

enum { MAX_NESTING = 3, MAX_MESSAGE_CHARS = 400 };

void jd_failure_clear(jd_failure *failure)
{
    g_free(failure->message);
    g_free(failure->type);
    g_free(failure->param);
    *failure = (jd_failure){0};
}

/* ASCII letters alone are folded: that is all that the phrases here are made of. */
static gboolean says(const char *text, const char *phrase)
{
    gsize length = strlen(phrase);
    for (; text && *text; text++) {
        if (!g_ascii_strncasecmp(text, phrase, length))
            return TRUE;
    }
    return FALSE;
}

/* The number after `phrase`, or 0. */
static int number_after(const char *text, const char *phrase)
{
    const char *at = strstr(text, phrase);
    return at ? (int)CLAMP(g_ascii_strtoll(at + strlen(phrase), NULL, 10), 0, G_MAXINT) : 0;
}

static int integer(const json_t *object, const char *key)
{
    return (int)CLAMP(json_integer_value(json_object_get(object, key)), 0, G_MAXINT);
}

static void set_message(jd_failure *failure, const char *text)
{
    g_autofree char *line = jd_text_collapse(text, -1);
    g_free(failure->message);
    failure->message = jd_text_shorten(line, MAX_MESSAGE_CHARS);
}

static void from_text(jd_failure *failure, const char *text, int depth);

static void from_value(jd_failure *failure, const json_t *value, int depth)
{
    if (json_is_string(value)) {
        from_text(failure, json_string_value(value), depth);
        return;
    }
    if (json_is_array(value))
        value = json_array_get(value, 0);
    const json_t *inner = json_object_get(value, "error");
    if (!inner)
        inner = json_object_get(value, "detail");
    if (inner && depth < MAX_NESTING) {
        from_value(failure, inner, depth + 1);
        return;
    }
    const char *message = json_string_value(json_object_get(value, "message"));
    if (!message)
        message = json_string_value(json_object_get(value, "msg"));
    const char *code = json_string_value(json_object_get(value, "code"));
    const char *type = json_string_value(json_object_get(value, "type"));
    if (message)
        set_message(failure, message);
    g_free(failure->type);
    failure->type = g_strdup(code ? code : type);
    g_free(failure->param);
    failure->param = g_strdup(json_string_value(json_object_get(value, "param")));
    failure->prompt_tokens = integer(value, "n_prompt_tokens");
    failure->context_tokens = integer(value, "n_ctx");
}

/* A text that may itself be JSON. */
static void from_text(jd_failure *failure, const char *text, int depth)
{
    while (g_ascii_isspace(*text))
        text++;
    json_t *inner = *text == '{' && depth < MAX_NESTING ? json_loads(text, 0, NULL) : NULL;
    if (inner)
        from_value(failure, inner, depth + 1);
    else
        set_message(failure, text);
    json_decref(inner);
}

static void finish(jd_failure *failure)
{
    if (!failure->message || !*failure->message)
        set_message(failure, failure->status ? "no reason given" : "an error without a reason");
    const char *text = failure->message;
    failure->overflow =
        says(failure->type, "exceed_context_size") ||
        says(failure->type, "context_length_exceeded") ||
        says(text, "exceeds the context length") || says(text, "exceeds the available context") ||
        says(text, "maximum context length") || says(text, "longer than the context length");
    if (failure->overflow && !failure->context_tokens)
        failure->context_tokens = number_after(text, "maximum context length is ");
    if (failure->overflow && !failure->prompt_tokens)
        failure->prompt_tokens = number_after(text, "resulted in ");
}

/* What a proxy's page says, without its tags. */
static char *strip_tags(const char *text)
{
    GString *out = g_string_new(NULL);
    gboolean inside = FALSE;
    for (; *text; text++) {
        if (*text == '<' || *text == '>') {
            inside = *text == '<';
            g_string_append_c(out, ' ');
        } else if (!inside) {
            g_string_append_c(out, *text);
        }
    }
    return g_string_free(out, FALSE);
}

void jd_failure_parse(jd_failure *failure, long status, const char *body, gsize length)
{
    jd_failure_clear(failure);
    failure->status = status;
    json_t *value = json_loadb(body, length, JSON_DECODE_ANY, NULL);
    if (value) {
        from_value(failure, value, 0);
    } else {
        g_autofree char *text = g_utf8_make_valid(body, MIN(length, 16384));
        g_autofree char *plain = strip_tags(text);
        set_message(failure, plain);
    }
    json_decref(value);
    finish(failure);
}

void jd_failure_from_json(jd_failure *failure, const json_t *error)
{
    jd_failure_clear(failure);
    from_value(failure, error, 0);
    finish(failure);
}

gboolean jd_failure_is_loading(const jd_failure *failure)
{
    return failure->status == 503 && says(failure->message, "loading model");
}

gboolean jd_failure_is_busy(const jd_failure *failure)
{
    if (failure->status == 429)
        return !says(failure->type, "insufficient_quota");
    return failure->status == 503 && !jd_failure_is_loading(failure);
}

gboolean jd_failure_minds_pictures(const jd_failure *failure)
{
    static const char *const phrases[] = {"image", "multimodal", "multi-modal", "picture"};
    if (failure->overflow)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
        if (says(failure->message, phrases[i]))
            return TRUE;
    }
    return FALSE;
}
