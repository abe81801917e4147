/* /api/v1/search: the evidence for a question. */
#include "server/api.h"

#include "base/limits.h"
#include "retrieve/json.h"
#include "retrieve/retrieve.h"
#include "server/hint.h"
#include "server/search_params.h"
#include "server/service.h"

#include <string.h>

static gboolean check(const char *query, const jd_search_request *request, GError **error)
{
    const jd_search_options *search = &request->search;
    if ((search->like != NULL) + (search->embedding != NULL) + (search->image != NULL) > 1) {
        jd_set_http_error(error, 400, "give one of them",
                          "like, embedding and image each name the query's vector");
        return FALSE;
    }
    if (*query || search->like || search->embedding || search->image)
        return TRUE;
    jd_set_http_error(error, 400, "give query, like, image or embedding",
                      "there is nothing to search for");
    return FALSE;
}

/* The snippet of an item as pieces, those that the question's words make marked. */
static json_t *snippet_json(const jd_item *item, const jd_results *results, gsize chars)
{
    g_autoptr(jd_snippet) snippet = jd_snippet_new(item, results, chars);
    json_t *pieces = json_array();
    gsize at = 0, end = strlen(snippet->text);
    for (guint i = 0; i <= snippet->marks->len / 2; i++) {
        gboolean last = 2 * i == snippet->marks->len;
        gsize start = last ? end : g_array_index(snippet->marks, gsize, 2 * i);
        gsize stop = last ? end : g_array_index(snippet->marks, gsize, 2 * i + 1);
        const gsize bounds[] = {at, start, stop};
        for (int part = 0; part < 2; part++) {
            g_autofree char *text =
                g_strndup(snippet->text + bounds[part], bounds[part + 1] - bounds[part]);
            if (*text)
                json_array_append_new(pieces, json_pack("{s:o, s:b}", "text", jd_json_string(text),
                                                        "match", part == 1));
        }
        at = stop;
    }
    return pieces;
}

static void add_snippets(json_t *list, const GPtrArray *evidence, const jd_results *results,
                         gsize chars)
{
    for (guint i = 0; i < evidence->len; i++) {
        const jd_evidence *one = evidence->pdata[i];
        json_object_set_new(json_array_get(list, i), "snippet",
                            snippet_json(one->item, results, chars));
    }
}

static gboolean search(jd_call *call, GError **error)
{
    g_auto(jd_params) params = {0};
    g_auto(jd_search_request) request = {0};
    const char *query = "";
    int snippet = 0;
    if (!jd_params_init(&params, call, error) || !jd_params_text(&params, "query", &query, error) ||
        !jd_params_integer(&params, "snippet", (jd_range){0, JD_SERVER_SNIPPET_CHARS}, &snippet,
                           error) ||
        !jd_search_request_read(&request, &params, call, error) || !jd_params_end(&params, error))
        return FALSE;
    request.search.image = request.picture;
    if (!check(query, &request, error))
        return FALSE;
    g_auto(jd_borrowed) base = jd_bases_borrow(jd_call_service(call)->bases, error);
    g_autoptr(jd_results) results =
        base.kb ? jd_kb_search(base.kb, *query ? query : NULL, &request.search, error) : NULL;
    if (!results)
        return FALSE;
    json_t *json = jd_notes_for_clients(jd_results_to_json(results));
    if (snippet > 0) {
        add_snippets(json_object_get(json, "text"), results->text, results, (gsize)snippet);
        add_snippets(json_object_get(json, "images"), results->images, results, (gsize)snippet);
    }
    jd_call_reply_json(call, 200, json);
    return TRUE;
}

static const jd_route routes[] = {
    {"GET", "/api/v1/search", search},
    {"POST", "/api/v1/search", search, .max_body = JD_SERVER_PICTURE_BODY_BYTES},
    {NULL},
};

const jd_route_table jd_routes_search = {"/api/v1/", routes, jd_put_error};
