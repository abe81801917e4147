#include "retrieve/retrieve.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "retrieve/search.h"

#include <string.h>

/* ---- what the profiles share ---- */

GPtrArray *jd_search_list(const jd_search *search, jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT ? search->results->text : search->results->images;
}

gboolean jd_search_wants(const jd_search *search, jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT ? search->options->text : search->options->images;
}

gsize jd_search_k(const jd_search *search, jd_item_kind kind, gsize fallback)
{
    int k = kind == JD_ITEM_TEXT ? search->options->k_text : search->options->k_images;
    return k < 0 ? fallback : (gsize)k;
}

double jd_search_threshold(const jd_search *search, jd_item_kind kind, double fallback)
{
    const jd_search_options *options = search->options;
    double threshold = kind == JD_ITEM_TEXT ? options->threshold_text : options->threshold_images;
    return isnan(threshold) ? fallback : threshold;
}

void jd_search_take(jd_search *search, jd_item *item, const jd_ranked *ranked)
{
    GPtrArray *list = jd_search_list(search, item->kind);
    jd_evidence *evidence = jd_evidence_new(item);
    evidence->rank = (int)list->len + 1;
    evidence->score = ranked->score;
    evidence->dense = ranked->dense;
    evidence->keyword = ranked->keyword;
    g_ptr_array_add(list, evidence);
}

gboolean jd_search_add(jd_search *search, jd_item_kind kind, const jd_ranked *ranked,
                       GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) items = jd_store_get_items(search->store, kind, &ranked->id, 1, &problem);
    if (items) {
        jd_search_take(search, g_ptr_array_steal_index(items, 0), ranked);
        return TRUE;
    }
    if (g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
        return TRUE; /* another process erased it since it was found */
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

void jd_search_take_best(jd_search *search, GPtrArray *candidates, gsize k, double threshold)
{
    for (guint i = 0; i < candidates->len && i < k; i++) {
        jd_candidate *candidate = candidates->pdata[i];
        if (candidate->relevance < threshold)
            break;
        jd_ranked ranked = {.id = candidate->item->id,
                            .score = candidate->relevance,
                            .dense = candidate->dense,
                            .keyword = candidate->keyword};
        jd_search_take(search, g_steal_pointer(&candidate->item), &ranked);
    }
}

gboolean jd_search_candidate(const jd_search *search, GPtrArray *candidates,
                             jd_candidate_wish *wish, GError **error)
{
    for (guint i = 0; i < candidates->len; i++) {
        wish->candidate = candidates->pdata[i];
        if (wish->candidate->item->id == wish->id)
            return TRUE;
    }
    wish->candidate = NULL;
    g_autoptr(GError) problem = NULL;
    g_autoptr(GPtrArray) items =
        jd_store_get_items(search->store, wish->kind, &wish->id, 1, &problem);
    if (items)
        wish->candidate = jd_candidates_add(candidates, g_ptr_array_steal_index(items, 0));
    if (items || g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

void jd_search_note(jd_search *search, const char *note)
{
    g_ptr_array_add(search->results->notes, g_strdup(note));
}

/* ---- checking what was asked ---- */

static gboolean check_k(int k, const char *what, GError **error)
{
    if (k == -1 || (k >= 1 && k <= JD_LIMIT_K))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, NULL, "%d %s asked for; expected 1 to %d", k, what,
                 JD_LIMIT_K);
    return FALSE;
}

static gboolean check_options(const jd_search_options *options, GError **error)
{
    if (!options->text && !options->images) {
        jd_set_error(error, JD_ERROR_USAGE, NULL,
                     "neither text nor images are asked for: nothing can be found");
        return FALSE;
    }
    if (isinf(options->threshold_text) || isinf(options->threshold_images)) {
        jd_set_error(error, JD_ERROR_USAGE, "a score lies between 0 and 1",
                     "the threshold is infinite");
        return FALSE;
    }
    return check_k(options->k_text, "text chunks", error) &&
           check_k(options->k_images, "images", error);
}

static gboolean check_query(const jd_search *search, gsize text_bytes, GError **error)
{
    if (text_bytes > JD_LIMIT_QUERY_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, "ask in fewer words, or ingest the text and use --like",
                     "the query has %zu bytes; at most %lld are searched for", text_bytes,
                     JD_LIMIT_QUERY_BYTES);
        return FALSE;
    }
    if (search->options->like && search->vector.size > 0) {
        jd_set_error(error, JD_ERROR_USAGE, "give one of them",
                     "two query vectors: an item's own and a given one");
        return FALSE;
    }
    if (search->vector.size > JD_LIMIT_DIMENSION) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "the query vector has %zu numbers; at most %d are searched for",
                     search->vector.size, JD_LIMIT_DIMENSION);
        return FALSE;
    }
    if (!search->text && !search->options->like && search->vector.size == 0) {
        jd_set_error(error, JD_ERROR_USAGE, "say what to look for", "the query is empty");
        return FALSE;
    }
    return TRUE;
}

static jd_given_vector given_vector(const jd_query *query, const jd_search_options *options)
{
    if (query->embedding)
        return (jd_given_vector){query->embedding, query->embedding_size, query->space};
    if (options->embedding)
        return (jd_given_vector){options->embedding, options->embedding_size, 0};
    return (jd_given_vector){0};
}

jd_results *jd_retrieve(jd_store *store, const jd_query *query, const jd_search_options *options,
                        GError **error)
{
    gint64 start = g_get_monotonic_time();
    gsize text_bytes = query->text ? strlen(query->text) : 0;
    /* Not worked on where it is too long. */
    g_autofree char *text = query->text && text_bytes <= JD_LIMIT_QUERY_BYTES
                                ? jd_text_collapse(query->text, -1)
                                : NULL;
    g_autoptr(jd_results) results = jd_results_new(query->text, options->profile);
    jd_search search = {.store = store,
                        .text = text && *text ? text : NULL,
                        .vector = given_vector(query, options),
                        .space = query->space,
                        .meaning = query->meaning.values ? &query->meaning : NULL,
                        .pixels = query->pixels.values ? &query->pixels : NULL,
                        .picture = query->picture.values ? &query->picture : NULL,
                        .why_words = query->why_words,
                        .options = options,
                        .results = results};
    if (!check_options(options, error) || !check_query(&search, text_bytes, error))
        return NULL;
    gboolean ok = options->profile == JD_PROFILE_ARTICLE ? jd_search_article(&search, error)
                                                         : jd_search_default(&search, error);
    if (!ok)
        return NULL;
    results->search_ms = (double)(g_get_monotonic_time() - start) / 1000.0;
    results->total_ms = results->search_ms;
    return g_steal_pointer(&results);
}
