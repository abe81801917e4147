#include "retrieve/mixed.h"

#include "store/records.h"

#include <math.h>

enum {
    POOL = 50,     /* of the best by the words, and of those by the picture, that are fused */
    SMOOTHING = 60 /* how little the first ranks differ */
};

static double share(gsize rank)
{
    return (SMOOTHING + 1) / 2.0 / (double)(SMOOTHING + rank);
}

static gsize pool_of(const jd_search *search, const jd_word_search *words, jd_item_kind kind)
{
    return MAX(jd_search_k(search, kind, words->k[kind]), POOL);
}

/* ---- by the words ---- */

/* What the words find at all, more of it than is asked for, in the results' lists. */
static gboolean find_by_words(const jd_search *search, const jd_word_search *words, GError **error)
{
    jd_search_options options = *search->options;
    options.k_text = (int)pool_of(search, words, JD_ITEM_TEXT);
    options.k_images = (int)pool_of(search, words, JD_ITEM_IMAGE);
    options.threshold_text = options.threshold_images = NAN;
    jd_search wide = *search;
    wide.options = &options;
    return jd_search_words(&wide, words, error);
}

/* Takes them out of the results' list again. */
static GPtrArray *take_found(const jd_search *search, jd_item_kind kind)
{
    GPtrArray *found = jd_search_list(search, kind);
    GPtrArray *candidates = jd_candidates_new();
    for (guint i = 0; i < found->len; i++) {
        jd_evidence *evidence = found->pdata[i];
        jd_candidate *candidate = jd_candidates_add(candidates, g_steal_pointer(&evidence->item));
        candidate->keyword = evidence->keyword;
        candidate->relevance = share(i + 1);
    }
    g_ptr_array_set_size(found, 0);
    return candidates;
}

/* ---- by the picture ---- */

/* Their ids, rising. */
static gint64 *ids_of(const GPtrArray *candidates)
{
    gint64 *ids = g_new(gint64, candidates->len + 1);
    for (guint i = 0; i < candidates->len; i++)
        ids[i] = ((const jd_candidate *)candidates->pdata[i])->item->id;
    qsort(ids, candidates->len, sizeof *ids, jd_id_compare);
    return ids;
}

/* What the words found has a cosine with the picture too, near or far. */
static void set_cosines(GPtrArray *candidates, const gint64 *ids, const double *cosines)
{
    const gsize n = candidates->len;
    for (guint i = 0; i < n; i++) {
        jd_candidate *candidate = candidates->pdata[i];
        const gint64 *at = bsearch(&candidate->item->id, ids, n, sizeof *ids, jd_id_compare);
        candidate->dense = cosines[at - ids];
    }
}

static gboolean add_by_picture(const jd_search *search, const jd_dense_request *request,
                               GPtrArray *candidates, GError **error)
{
    g_autofree gint64 *ids = ids_of(candidates);
    g_autofree double *cosines = g_new(double, candidates->len + 1);
    jd_dense_request all = *request;
    all.also = ids;
    all.also_scores = cosines;
    all.also_count = candidates->len;
    g_autoptr(GArray) best = NULL;
    if (!jd_dense_nearest(search->store, &all, &best, error))
        return FALSE;
    set_cosines(candidates, ids, cosines);
    for (guint i = 0; i < best->len; i++) {
        const jd_hit *hit = &g_array_index(best, jd_hit, i);
        jd_candidate_wish wish = {.kind = request->kind, .id = hit->id};
        if (!jd_search_candidate(search, candidates, &wish, error))
            return FALSE;
        if (!wish.candidate)
            continue;
        wish.candidate->dense = hit->score;
        wish.candidate->relevance += share(i + 1);
    }
    return TRUE;
}

/* ---- both ---- */

gboolean jd_search_mixed(jd_search *search, const jd_word_search *words,
                         const jd_dense_query *picture, GError **error)
{
    if (!find_by_words(search, words, error))
        return FALSE;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        if (!jd_search_wants(search, (jd_item_kind)kind))
            continue;
        g_autoptr(GPtrArray) candidates = take_found(search, (jd_item_kind)kind);
        jd_dense_request request = {.query = picture,
                                    .kind = (jd_item_kind)kind,
                                    .filter = &search->options->filter,
                                    .k = pool_of(search, words, (jd_item_kind)kind)};
        if (!add_by_picture(search, &request, candidates, error))
            return FALSE;
        jd_candidates_sort(candidates);
        jd_candidates_drop_duplicates(candidates);
        jd_search_take_best(search, candidates,
                            jd_search_k(search, (jd_item_kind)kind, words->k[kind]),
                            jd_search_threshold(search, (jd_item_kind)kind, 0));
    }
    return TRUE;
}
