#include "answer/probe.h"

#include "answer/http.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"

void jd_probe_clear(jd_probe *probe)
{
    jd_failure_clear(&probe->failure);
}

static json_t *read_answer(jd_probe *probe, const jd_http_reply *reply, GError **error)
{
    g_autofree char *shown = jd_url_for_display(probe->base);
    if (reply->status < 200 || reply->status >= 300) {
        jd_failure_parse(&probe->failure, reply->status, reply->body->str, reply->body->len);
        gboolean key = reply->status == 401 || reply->status == 403;
        jd_set_error(error, reply->status == 404 ? JD_ERROR_NOT_FOUND : JD_ERROR_REMOTE,
                     key ? "set OPENAI_API_KEY to a key that the server accepts" : NULL,
                     "%s refused with status %ld: %s", shown, reply->status,
                     probe->failure.message);
        return NULL;
    }
    json_t *value = json_loadb(reply->body->str, reply->body->len, 0, NULL);
    if (json_is_object(value))
        return value;
    json_decref(value);
    jd_set_error(error, JD_ERROR_REMOTE, probe->hint,
                 "%s answers, but not as a language-model server would", shown);
    return NULL;
}

json_t *jd_probe_ask(jd_probe *probe, const char *path, json_t *body, GError **error)
{
    jd_failure_clear(&probe->failure);
    g_autofree char *url = g_strconcat(probe->base, path, NULL);
    g_autofree char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    gboolean local = jd_url_is_local(url);
    jd_http_request request = {.url = url,
                               .body = text,
                               .key = probe->key,
                               .hint = probe->hint,
                               .offline = probe->offline,
                               .connect_ms =
                                   local ? JD_ASK_PROBE_CONNECT_MS : JD_ASK_PROBE_CONNECT_FAR_MS,
                               .total_ms = JD_ASK_PROBE_MS,
                               .cancel = probe->cancel};
    g_auto(jd_http_reply) reply = {0};
    if (!jd_http_run(&request, &reply, error))
        return NULL;
    return read_answer(probe, &reply, error);
}

gboolean jd_json_has_string(const json_t *array, const char *wanted)
{
    for (gsize i = 0; i < json_array_size(array); i++) {
        if (g_strcmp0(json_string_value(json_array_get(array, i)), wanted) == 0)
            return TRUE;
    }
    return FALSE;
}

json_t *jd_line_object(const char *line, gsize length)
{
    json_t *value = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
    if (value && !json_is_object(value))
        g_clear_pointer(&value, json_decref);
    return value;
}

gboolean jd_version_at_least(const char *version, int major, int minor)
{
    if (!version)
        return FALSE;
    g_auto(GStrv) parts = g_strsplit(version, ".", 3);
    if (g_strv_length(parts) < 2)
        return FALSE;
    gint64 a = g_ascii_strtoll(parts[0], NULL, 10), b = g_ascii_strtoll(parts[1], NULL, 10);
    return a > major || (a == major && b >= minor);
}
