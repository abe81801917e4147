/* Talking to a language-model server: what Ollama and OpenAI-compatible ones have in common. */
#include "answer/backend.h"
#include "answer/http.h"
#include "answer/url.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/progress.h"

typedef struct post {
    jd_lines lines;
    jd_session *session;
} post;

static gboolean on_post_data(const char *data, gsize length, void *user)
{
    return jd_lines_feed(&((post *)user)->lines, data, length) == JD_LINES_ON;
}

static void on_wait(void *user)
{
    jd_session *session = ((post *)user)->session;
    jd_session_note(session, "waiting for %s to load %s", session->backend->name,
                    session->model->name);
}

/* Milliseconds until the session's deadline, at least one; 0: it has none. */
static gint64 time_left(const jd_session *session)
{
    return session->deadline ? MAX(1, (session->deadline - g_get_monotonic_time()) / 1000) : 0;
}

static gboolean is_late(const jd_session *session)
{
    return session->deadline && g_get_monotonic_time() >= session->deadline;
}

/* One try. FALSE with an error where the transfer failed; a refusal is in session->failure. */
static gboolean post_once(jd_session *session, const jd_exchange *exchange, GError **error)
{
    post p = {.session = session};
    jd_lines_init(&p.lines, JD_LIMIT_SERVER_LINE_BYTES, exchange->on_line, exchange->user);
    jd_http_request request = {.url = exchange->url,
                               .body = exchange->body,
                               .key = session->key,
                               .offline = session->options->offline,
                               .total_ms = time_left(session),
                               .on_data = on_post_data,
                               .on_wait = on_wait,
                               .user = &p,
                               .cancel = session->options->cancel};
    g_auto(jd_http_reply) reply = {0};
    gboolean good = jd_http_run(&request, &reply, error);
    if (good && reply.status >= 200 && reply.status < 300)
        jd_lines_end(&p.lines);
    else if (good)
        jd_failure_parse(&session->failure, reply.status, reply.body->str, reply.body->len);
    if (good && p.lines.state == JD_LINES_OVERLONG) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "%s sent a line of more than %d MB",
                     session->backend->name, (int)(JD_LIMIT_SERVER_LINE_BYTES / JD_MIB));
        good = FALSE;
    }
    jd_lines_clear(&p.lines);
    return good;
}

/* FALSE with an error where it is to stop. */
static gboolean pause_for(jd_session *session, gint64 ms, GError **error)
{
    enum { STEP_MS = 50 };
    gint64 until = g_get_monotonic_time() + ms * 1000;
    while (g_get_monotonic_time() < until) {
        if (jd_cancelled(session->options->cancel, error))
            return FALSE;
        g_usleep(STEP_MS * 1000);
    }
    return TRUE;
}

static gboolean refuse(jd_session *session, const char *url, GError **error)
{
    const jd_failure *failure = &session->failure;
    g_autofree char *shown = jd_url_for_display(url);
    jd_error_code code = failure->overflow        ? JD_ERROR_LIMIT
                         : failure->status == 404 ? JD_ERROR_NOT_FOUND
                         : failure->status == 503 ? JD_ERROR_BUSY
                         : failure->status == 429 ? JD_ERROR_BUSY
                                                  : JD_ERROR_REMOTE;
    const char *hint = NULL;
    if (failure->status == 401 || failure->status == 403)
        hint = "set OPENAI_API_KEY to a key that the server accepts";
    else if (code == JD_ERROR_BUSY)
        hint = "try again later, or let the server take more at once (OLLAMA_MAX_QUEUE, "
               "OLLAMA_NUM_PARALLEL)";
    jd_set_error(error, code, hint, "%s refused with status %ld: %s", shown, failure->status,
                 failure->message);
    return FALSE;
}

/* Whether a refusal is worth another try, after waiting for it. FALSE with *error set: stopped. */
static gboolean try_again(jd_session *session, int *busy, gint64 started, GError **error)
{
    enum { LOADING_WAIT_MS = 500 };
    gint64 limit_us = (gint64)JD_LIMIT_SERVER_FIRST_BYTE_SECONDS * G_USEC_PER_SEC;
    if (is_late(session))
        return FALSE;
    if (jd_failure_is_loading(&session->failure)) {
        if (*busy >= 0)
            jd_session_note(session, "waiting for %s to load its model", session->backend->name);
        *busy = -1;
        return g_get_monotonic_time() - started < limit_us &&
               pause_for(session, LOADING_WAIT_MS, error);
    }
    if (!jd_failure_is_busy(&session->failure) || *busy >= JD_ASK_BUSY_RETRIES)
        return FALSE;
    *busy = MAX(*busy, 0);
    if (*busy == 0)
        jd_session_note(session, "%s is busy: trying again", session->backend->name);
    return pause_for(session, (gint64)JD_ASK_BUSY_WAIT_MS << (*busy)++, error);
}

gboolean jd_session_exchange(jd_session *session, const jd_exchange *exchange, GError **error)
{
    gint64 started = g_get_monotonic_time();
    int busy = 0; /* tries so far; -1 while the server loads */
    for (;;) {
        jd_failure_clear(&session->failure);
        if (!post_once(session, exchange, error))
            return FALSE;
        if (!session->failure.message)
            return TRUE;
        g_autoptr(GError) stop = NULL;
        if (!try_again(session, &busy, started, &stop)) {
            if (!stop)
                return refuse(session, exchange->url, error);
            g_propagate_error(error, g_steal_pointer(&stop));
            return FALSE;
        }
    }
}

/* Why an answer that has begun is not complete. */
static void note_incomplete(jd_session *session, const jd_stream_end *end, const GError *error)
{
    const char *name = session->backend->name;
    if (end->length)
        jd_session_note(session, "the answer was cut off at its greatest length of %d tokens",
                        jd_session_answer_tokens(session));
    else if (end->too_long)
        jd_session_note(session, "the answer was cut off at %d MB",
                        (int)(JD_LIMIT_SERVER_ANSWER_BYTES / JD_MIB));
    else if (g_error_matches(error, JD_ERROR, JD_ERROR_CANCELLED))
        jd_session_note(session, "the answer was stopped on request and is not complete");
    else if (session->failure.message)
        jd_session_note(session, "%s broke off, the answer is not complete: %s", name,
                        session->failure.message);
    else if (error)
        jd_session_note(session, "the answer is not complete: %s", error->message);
    else
        jd_session_note(session, "%s broke off, the answer is not complete", name);
}

static gboolean fail_empty(jd_session *session, const jd_stream_end *end, GError **error)
{
    const char *name = session->backend->name;
    if (*error)
        return FALSE;
    if (session->failure.message)
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s failed: %s", name, session->failure.message);
    else if (end->garbage)
        jd_set_error(error, JD_ERROR_REMOTE, "is it the address of a language-model server?",
                     "%s answered with something that is not its protocol", name);
    else if (session->talk.begun)
        jd_set_error(error, JD_ERROR_REMOTE, "use a model that does not think first",
                     "%s spent its whole answer on thinking", session->model->name);
    else if (end->finished)
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s answered nothing", session->model->name);
    else
        jd_set_error(error, JD_ERROR_REMOTE, NULL, "%s broke off before the first word", name);
    return FALSE;
}

gboolean jd_session_finish(jd_session *session, const jd_stream_end *end, GError **error)
{
    g_return_val_if_fail(error, FALSE);
    jd_talk_end(&session->talk);
    if (session->talk.text->len == 0)
        return fail_empty(session, end, error);
    session->answer->complete = end->finished && !end->length && !end->too_long && !*error;
    if (!session->answer->complete)
        note_incomplete(session, end, *error);
    g_clear_error(error);
    return TRUE;
}
