/* The tools that look for something: search, ask. */
#include "server/mcp/tools.h"

#include "answer/json.h"
#include "base/limits.h"
#include "retrieve/json.h"
#include "server/conversation.h"
#include "server/search_params.h"

#include <string.h>

static gboolean check_words(const char *text, const char *name, GError **error)
{
    g_autofree char *stripped = text ? g_strstrip(g_strdup(text)) : NULL;
    if (stripped && *stripped && strlen(text) <= JD_LIMIT_QUERY_BYTES)
        return TRUE;
    jd_set_http_error(error, 400, NULL, "%s is to be some words, at most %lld bytes of them", name,
                      JD_LIMIT_QUERY_BYTES);
    return FALSE;
}

/* ---- search ---- */

static void add_evidence(GString *text, const GPtrArray *list, int *number)
{
    for (guint i = 0; i < list->len; i++)
        jd_tool_describe(text, ((const jd_evidence *)list->pdata[i])->item, (*number)++);
}

static void say_results(jd_tool_call *call, const jd_results *results)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int number = 1;
    add_evidence(text, results->text, &number);
    add_evidence(text, results->images, &number);
    for (guint i = 0; i < results->notes->len; i++)
        g_string_append_printf(text, "Note: %s\n", (const char *)results->notes->pdata[i]);
    if (number == 1)
        g_string_append(text, "Nothing relevant was found.\n");
    jd_tool_say(call, text->str);
}

json_t *jd_tool_search(jd_tool_call *call, GError **error)
{
    g_auto(jd_search_request) request = {0};
    const char *query = NULL;
    jd_params *params = &call->params;
    if (!jd_params_text(params, "query", &query, error) ||
        !jd_search_request_read(&request, params, NULL, error) || !jd_params_end(params, error))
        return NULL;
    gboolean other = request.search.like || request.search.embedding || request.picture;
    if ((query || !other) && !check_words(query, "query", error))
        return NULL;
    request.search.image = request.picture;
    g_autoptr(jd_results) results = jd_kb_search(call->kb, query, &request.search, error);
    if (!results)
        return NULL;
    say_results(call, results);
    return jd_results_to_json(results);
}

/* ---- ask ---- */

typedef struct progress {
    const jd_mcp_call *call;
    int step;
} progress;

static void tell(progress *at, const char *what)
{
    jd_mcp_tell_progress(at->call, ++at->step, what);
}

static void on_note(const char *note, void *user)
{
    tell(user, note);
}

static void on_results(const jd_results *results, void *user)
{
    g_autofree char *what = g_strdup_printf("passages found: %u, pictures: %u; answering",
                                            results->text->len, results->images->len);
    tell(user, what);
}

static void say_answer(jd_tool_call *call, const jd_answer *answer)
{
    g_autoptr(GString) text = g_string_new(answer->text);
    int number = 1;
    g_string_append(text, "\n\nSources:\n\n");
    add_evidence(text, answer->evidence->text, &number);
    add_evidence(text, answer->evidence->images, &number);
    if (number == 1)
        g_string_append(text, "none\n");
    for (guint i = 0; i < answer->notes->len; i++)
        g_string_append_printf(text, "Note: %s\n", (const char *)answer->notes->pdata[i]);
    jd_tool_say(call, text->str);
}

static gboolean read_history(jd_history *history, jd_params *params, GError **error)
{
    json_t *turns = NULL;
    return jd_params_json(params, "history", JSON_ARRAY, &turns, error) &&
           (!turns || jd_history_from_json(history, turns, error));
}

json_t *jd_tool_ask(jd_tool_call *call, GError **error)
{
    g_auto(jd_search_request) request = {0};
    g_auto(jd_history) history = {0};
    const char *question = NULL;
    jd_params *params = &call->params;
    if (!jd_params_text(params, "question", &question, error) ||
        !check_words(question, "question", error) || !read_history(&history, params, error) ||
        !jd_search_request_read(&request, params, NULL, error) || !jd_params_end(params, error))
        return NULL;
    progress at = {.call = call->mcp};
    jd_ask_options options = *call->mcp->host->ask;
    options.search = request.search;
    options.image = request.picture;
    options.history = history.turns;
    options.history_size = history.size;
    options.on_note = on_note;
    options.on_results = on_results;
    options.user = &at;
    options.cancel = call->mcp->cancel;
    g_autoptr(jd_answer) answer = jd_kb_ask(call->kb, question, &options, error);
    if (!answer)
        return NULL;
    say_answer(call, answer);
    return jd_answer_to_json(answer);
}
