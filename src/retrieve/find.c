#include "retrieve/find.h"

#include "retrieve/calibrate.h"
#include "retrieve/candidate.h"

#include <math.h>
#include <stdlib.h>

enum {
    CANDIDATES_FACTOR = 4, /* candidates for each item asked for ... */
    CANDIDATES_MIN = 50,   /* ... and at least, */
    FUSED_MIN = 100,       /* of each side where two are fused */
};

/* ---- by words ---- */

static GArray *find_words(jd_search *search, const jd_find_request *request, gsize limit,
                          GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(jd_fuse_item));
    if (request->question->count == 0)
        return g_steal_pointer(&found);
    jd_keyword_query query = {.kind = request->kind,
                              .terms = request->question->words,
                              .term_count = request->question->count,
                              .filter = &search->options->filter,
                              .limit = limit};
    g_autoptr(GArray) hits = jd_store_search_words(search->store, &query, error);
    double whole;
    if (!hits ||
        !jd_calibrate_question(search->store, request->question, request->kind, &whole, error))
        return NULL;
    for (guint i = 0; i < hits->len; i++) {
        const jd_hit *hit = &g_array_index(hits, jd_hit, i);
        jd_fuse_item item = {.id = hit->id,
                             .dense = NAN,
                             .keyword = hit->score,
                             .words = jd_calibrate(hit->score, whole)};
        item.relevance = item.words;
        g_array_append_val(found, item);
    }
    return g_steal_pointer(&found);
}

/* ---- by meaning ---- */

static int by_id(gconstpointer a, gconstpointer b)
{
    const jd_fuse_item *x = a;
    const jd_fuse_item *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Adds those that only meaning found; `found` is ordered by id. */
static void add_new(GArray *found, const GArray *best)
{
    guint known = found->len;
    for (guint i = 0; i < best->len; i++) {
        const jd_hit *hit = &g_array_index(best, jd_hit, i);
        jd_fuse_item item = {.id = hit->id, .dense = hit->score, .keyword = NAN};
        if (known == 0 || !bsearch(&item, found->data, known, sizeof item, by_id))
            g_array_append_val(found, item);
    }
}

/* Gives those that words found their cosines, and adds the best of meaning's own. */
static gboolean add_meaning(jd_search *search, jd_item_kind kind, gsize limit, GArray *found,
                            GError **error)
{
    const jd_query_vector *meaning = search->meaning;
    jd_space space = {.id = meaning->space, .dimension = (int)meaning->size};
    jd_dense_query query = {.vector = (float *)meaning->values, .space = &space, .kind = kind};
    g_array_sort(found, by_id);
    g_autofree gint64 *ids = g_new(gint64, found->len + 1);
    g_autofree double *cosines = g_new(double, found->len + 1);
    for (guint i = 0; i < found->len; i++)
        ids[i] = g_array_index(found, jd_fuse_item, i).id;
    jd_dense_request request = {.query = &query,
                                .kind = kind,
                                .filter = &search->options->filter,
                                .k = limit,
                                .also = ids,
                                .also_scores = cosines,
                                .also_count = found->len};
    g_autoptr(GArray) best = NULL;
    if (!jd_dense_nearest(search->store, &request, &best, error))
        return FALSE;
    for (guint i = 0; i < found->len; i++)
        g_array_index(found, jd_fuse_item, i).dense = cosines[i];
    add_new(found, best);
    jd_fuse(found, &meaning->scale);
    return TRUE;
}

/* ---- both ---- */

static GPtrArray *find_once(jd_search *search, const jd_find_request *request, GError **error)
{
    gsize limit =
        MAX(CANDIDATES_FACTOR * request->k, (gsize)(search->meaning ? FUSED_MIN : CANDIDATES_MIN));
    g_autoptr(GArray) found = find_words(search, request, limit, error);
    if (!found || (search->meaning && !add_meaning(search, request->kind, limit, found, error)))
        return NULL;
    g_autofree gint64 *ids = g_new(gint64, found->len + 1);
    for (guint i = 0; i < found->len; i++)
        ids[i] = g_array_index(found, jd_fuse_item, i).id;
    g_autoptr(GPtrArray) items =
        jd_store_get_items(search->store, request->kind, ids, found->len, error);
    if (!items)
        return NULL;
    GPtrArray *candidates = jd_candidates_new();
    g_ptr_array_set_free_func(items, NULL);
    for (guint i = 0; i < items->len; i++) {
        const jd_fuse_item *from = &g_array_index(found, jd_fuse_item, i);
        jd_candidate *candidate = jd_candidates_add(candidates, items->pdata[i]);
        candidate->dense = from->dense;
        candidate->keyword = from->keyword;
        candidate->relevance = from->relevance;
    }
    return candidates;
}

/* Where another process erases an item between finding and fetching it, the search is repeated. */
GPtrArray *jd_find_candidates(jd_search *search, const jd_find_request *request, GError **error)
{
    enum { ATTEMPTS = 5 };
    g_autoptr(GError) problem = NULL;
    for (int i = 0; i < ATTEMPTS; i++) {
        g_clear_error(&problem);
        GPtrArray *found = find_once(search, request, &problem);
        if (found)
            return found;
        if (!g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
            break;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}
