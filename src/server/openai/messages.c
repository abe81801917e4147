#include "server/openai/messages.h"

#include "base/limits.h"
#include "server/picture_text.h"
#include "server/problem.h"

#include <string.h>

void jd_openai_talk_clear(jd_openai_talk *talk)
{
    g_free(talk->question);
    g_clear_pointer(&talk->picture, g_bytes_unref);
    jd_history_clear(&talk->history);
}

/* ---- content ---- */

GBytes *jd_openai_picture_read(const json_t *part, GError **error)
{
    const json_t *image = json_object_get(part, "image_url");
    const char *url =
        json_string_value(json_is_object(image) ? json_object_get(image, "url") : image);
    if (!url || !g_str_has_prefix(url, "data:")) {
        jd_set_http_error(error, 400, "send it as data:image/png;base64,...",
                          "a picture is to be a data: URI; nothing is fetched from elsewhere");
        return NULL;
    }
    g_autoptr(GBytes) bytes = jd_picture_from_text(url);
    gsize size = bytes ? g_bytes_get_size(bytes) : 0;
    if (size > 0 && size <= JD_LIMIT_PICTURE_BYTES)
        return g_steal_pointer(&bytes);
    if (size > 0)
        jd_set_http_error(error, 413, NULL, "a picture has at most %lld bytes",
                          JD_LIMIT_PICTURE_BYTES);
    else
        jd_set_http_error(error, 400, NULL, "a picture's data: URI is to hold base64");
    return NULL;
}

/* One message: its text, and its parts that are pictures. */
typedef struct content {
    GString *text;
    GPtrArray *pictures; /* json_t *, borrowed */
} content;

static void content_clear(content *at)
{
    g_string_free(at->text, TRUE);
    g_ptr_array_unref(at->pictures);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(content, content_clear)

static void add_text(content *at, const char *text)
{
    if (at->text->len > 0)
        g_string_append(at->text, "\n\n");
    g_string_append(at->text, text);
}

static gboolean add_part(content *at, json_t *part, GError **error)
{
    const char *type = json_string_value(json_object_get(part, "type"));
    const char *text = json_string_value(json_object_get(part, "text"));
    if (g_strcmp0(type, "image_url") == 0 || g_strcmp0(type, "input_image") == 0) {
        g_ptr_array_add(at->pictures, part);
        return TRUE;
    }
    if (g_strcmp0(type, "refusal") == 0)
        return TRUE;
    if (text && (g_strcmp0(type, "text") == 0 || g_strcmp0(type, "input_text") == 0 ||
                 g_strcmp0(type, "output_text") == 0)) {
        add_text(at, text);
        return TRUE;
    }
    jd_set_http_error(error, 400, "send text, and pictures as data: URIs",
                      "content of the type %s cannot be taken", type ? type : "(none)");
    return FALSE;
}

static gboolean read_content(content *at, const json_t *message, GError **error)
{
    json_t *value = json_object_get(message, "content");
    if (json_is_string(value))
        add_text(at, json_string_value(value));
    else if (value && !json_is_null(value) && !json_is_array(value)) {
        jd_set_http_error(error, 400, NULL, "content is to be a string or an array of parts");
        return FALSE;
    }
    for (gsize i = 0; i < json_array_size(value); i++)
        if (!add_part(at, json_array_get(value, i), error))
            return FALSE;
    return TRUE;
}

/* ---- messages ---- */

static gboolean check_question(const char *question, GError **error)
{
    g_autofree char *stripped = g_strstrip(g_strdup(question));
    if (strlen(question) > JD_LIMIT_QUERY_BYTES)
        jd_set_http_error(error, 413, NULL, "a question has at most %lld bytes",
                          JD_LIMIT_QUERY_BYTES);
    else if (!*stripped)
        jd_set_http_error(error, 400, NULL, "the last message is to hold some words");
    else
        return TRUE;
    return FALSE;
}

static gboolean take_question(jd_openai_talk *talk, const content *at, GError **error)
{
    if (!check_question(at->text->str, error))
        return FALSE;
    if (at->pictures->len > 1) {
        jd_set_http_error(error, 400, "send one", "a question has at most one picture, not %u",
                          at->pictures->len);
        return FALSE;
    }
    if (at->pictures->len == 1) {
        talk->picture = jd_openai_picture_read(at->pictures->pdata[0], error);
        if (!talk->picture)
            return FALSE;
    }
    talk->question = g_strdup(at->text->str);
    return TRUE;
}

/* The turns so far, and what the user has said that has no answer yet. */
typedef struct past {
    json_t *turns; /* [{"question","answer"}] */
    GString *asked;
} past;

static void past_clear(past *at)
{
    json_decref(at->turns);
    g_string_free(at->asked, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(past, past_clear)

static void add_to_past(past *at, const char *role, const char *text)
{
    if (g_str_equal(role, "user")) {
        g_string_append_printf(at->asked, "%s%s", at->asked->len ? "\n\n" : "", text);
    } else if (at->asked->len > 0) {
        json_array_append_new(at->turns,
                              json_pack("{s:s, s:s}", "question", at->asked->str, "answer", text));
        g_string_truncate(at->asked, 0);
    }
}

static gboolean read_message(jd_openai_talk *talk, past *before, const json_t *message,
                             gboolean last, GError **error)
{
    const char *role = json_string_value(json_object_get(message, "role"));
    gboolean user = g_strcmp0(role, "user") == 0, assistant = g_strcmp0(role, "assistant") == 0;
    if (last && !user) {
        jd_set_http_error(error, 400, NULL, "the last message is to be the user's: the question");
        return FALSE;
    }
    if (g_strcmp0(role, "system") == 0 || g_strcmp0(role, "developer") == 0)
        talk->instructed = TRUE;
    if (!user && !assistant)
        return TRUE;
    g_auto(content) said = {g_string_new(NULL), g_ptr_array_new()};
    if (!read_content(&said, message, error))
        return FALSE;
    if (last)
        return take_question(talk, &said, error);
    add_to_past(before, role, said.text->str);
    return TRUE;
}

gboolean jd_openai_talk_read(jd_openai_talk *talk, const json_t *messages, GError **error)
{
    g_auto(past) before = {json_array(), g_string_new(NULL)};
    gsize n = json_array_size(messages);
    if (n == 0) {
        jd_set_http_error(error, 400, NULL, "there is no message: the last one is the question");
        return FALSE;
    }
    for (gsize i = 0; i < n; i++)
        if (!read_message(talk, &before, json_array_get(messages, i), i + 1 == n, error))
            return FALSE;
    return jd_history_from_json(&talk->history, before.turns, error);
}
