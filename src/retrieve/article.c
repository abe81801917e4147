/*
 * The article's method (github.com/ShawhinT/YouTube-Blog, multimodal-ai/3-multimodal-rag,
 * functions.py: similarity_search and context_retrieval):
 *
 *     p(x) = exp(q.x / T) / sum over all items y of exp(q.y / T)
 *
 * q is used as it is, never normalised. Items with p >= threshold are kept, the best k of them,
 * text and images apart, ties by id. The sum goes over all items of the kind that may be found:
 * those of the query's space that pass the filter, so that a filtered search equals the article's
 * program run on the filtered lists. An item's own vector as query finds that item too, as the
 * matrix product does.
 */
#include "retrieve/search.h"
#include "retrieve/words.h"

#include "base/error.h"
#include "base/limits.h"

#include <math.h>

static const struct {
    gsize k;
    double threshold, temperature;
} defaults[] = {[JD_ITEM_TEXT] = {15, 0.01, 0.25}, [JD_ITEM_IMAGE] = {5, 0.25, 0.5}};

static gboolean make_query(jd_search *search, jd_dense_query *query, GError **error)
{
    if (search->options->like) {
        jd_item_vector wanted = {.id = search->options->like, .space = search->space};
        return jd_dense_query_from_item(search->store, &wanted, query, NULL, error);
    }
    if (search->vector.size > 0)
        return jd_dense_query_from_vector(search->store, &search->vector, query, error);
    jd_set_error(error, JD_ERROR_UNAVAILABLE,
                 "give the question's vector with --query-embedding FILE, an item with --like ID, "
                 "or search with --profile default",
                 "the article profile compares vectors, and no text encoder is installed that "
                 "makes one of the question");
    return FALSE;
}

static gboolean search_kind(jd_search *search, const jd_dense_query *query, jd_item_kind kind,
                            GError **error)
{
    const jd_search_options *options = search->options;
    double temperature =
        isnan(options->temperature) ? defaults[kind].temperature : options->temperature;
    double threshold = jd_search_threshold(search, kind, defaults[kind].threshold);
    jd_dense_request request = {.query = query,
                                .kind = kind,
                                .filter = &options->filter,
                                .k = jd_search_k(search, kind, defaults[kind].k)};
    jd_dense_hits hits;
    if (!jd_dense_softmax(search->store, &request, temperature, &hits, error))
        return FALSE;
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < hits.best->len; i++) {
        const jd_hit *hit = &g_array_index(hits.best, jd_hit, i);
        jd_ranked ranked = {.id = hit->id,
                            .score = exp(hit->score / temperature - hits.log_sum),
                            .dense = hit->score,
                            .keyword = NAN};
        if (ranked.score < threshold)
            break;
        ok = jd_search_add(search, kind, &ranked, error);
    }
    g_array_unref(hits.best);
    return ok;
}

gboolean jd_search_article(jd_search *search, GError **error)
{
    double temperature = search->options->temperature;
    if (!isnan(temperature) &&
        (temperature < JD_LIMIT_TEMPERATURE_MIN || temperature > JD_LIMIT_TEMPERATURE_MAX)) {
        jd_set_error(error, JD_ERROR_USAGE, "the article's are 0.25 for text and 0.5 for images",
                     "a temperature of %g; expected a number from %g to %g", temperature,
                     JD_LIMIT_TEMPERATURE_MIN, JD_LIMIT_TEMPERATURE_MAX);
        return FALSE;
    }
    g_auto(jd_dense_query) query = {0};
    if (!make_query(search, &query, error))
        return FALSE;
    if (search->text && !jd_search_set_terms(search, error))
        return FALSE;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++)
        if (jd_search_wants(search, (jd_item_kind)kind) &&
            !search_kind(search, &query, (jd_item_kind)kind, error))
            return FALSE;
    return TRUE;
}
