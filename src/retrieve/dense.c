#include "retrieve/dense.h"

#include "base/error.h"
#include "base/remedy.h"
#include "retrieve/retrieve.h"
#include "store/dot.h"
#include "store/topk.h"

#include <math.h>

void jd_dense_query_clear(jd_dense_query *query)
{
    g_clear_pointer(&query->vector, g_free);
    g_clear_pointer(&query->space, jd_space_free);
}

/* ---- which space ---- */

static gboolean stop_at_once(const jd_vectors *block, void *user)
{
    *(gboolean *)user = block->n > 0;
    return block->n == 0;
}

static gboolean holds_vectors(jd_store *store, gint64 space, gboolean *holds, GError **error)
{
    *holds = FALSE;
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE && !*holds; kind++) {
        jd_vector_scan scan = {
            .space = space, .kind = (jd_item_kind)kind, .each = stop_at_once, .user = holds};
        if (!jd_store_scan_vectors(store, &scan, error))
            return FALSE;
    }
    return TRUE;
}

/* Drops spaces of other dimensions, other ids, or without vectors. */
static gboolean keep_fitting(jd_store *store, GPtrArray *spaces, const jd_given_vector *given,
                             GError **error)
{
    for (guint i = 0; i < spaces->len;) {
        const jd_space *space = spaces->pdata[i];
        gboolean fits = (gsize)space->dimension == given->size &&
                        (given->space == 0 || given->space == space->id);
        if (fits && !holds_vectors(store, space->id, &fits, error))
            return FALSE;
        if (fits)
            i++;
        else
            g_ptr_array_remove_index(spaces, i);
    }
    return TRUE;
}

/* "article-import (512), other (384)" */
static char *describe_spaces(jd_store *store)
{
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, NULL);
    if (!spaces || spaces->len == 0)
        return g_strdup("the knowledge base holds no vectors");
    GString *text = g_string_new("the knowledge base has ");
    for (guint i = 0; i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        g_string_append_printf(text, "%s%d (%s)", i ? ", " : "", space->dimension, space->model);
    }
    return g_string_free(text, FALSE);
}

static gboolean choose_space(jd_store *store, const jd_given_vector *given, jd_space **chosen,
                             GError **error)
{
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, error);
    if (!spaces || !keep_fitting(store, spaces, given, error))
        return FALSE;
    if (spaces->len == 0 && given->space != 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the embedding space %" G_GINT64_FORMAT
                     " holds no vectors of %zu numbers, as the query vector is",
                     given->space, given->size);
        return FALSE;
    }
    if (spaces->len == 0) {
        g_autofree char *known = describe_spaces(store);
        jd_set_error(error, JD_ERROR_INVALID,
                     "make the query vector with the model that made the stored ones",
                     "the query vector has %zu numbers; %s", given->size, known);
        return FALSE;
    }
    if (spaces->len > 1) {
        jd_set_error(error, JD_ERROR_USAGE,
                     "search for an item's own vector with --like, or keep the models' vectors in "
                     "knowledge bases of their own",
                     "%u models made vectors of %zu numbers (%s, %s); the query vector does not "
                     "tell which one it belongs to",
                     spaces->len, given->size, ((jd_space *)spaces->pdata[0])->model,
                     ((jd_space *)spaces->pdata[1])->model);
        return FALSE;
    }
    *chosen = g_ptr_array_steal_index(spaces, 0);
    return TRUE;
}

gboolean jd_dense_query_from_vector(jd_store *store, const jd_given_vector *given,
                                    jd_dense_query *query, GError **error)
{
    for (gsize i = 0; i < given->size; i++) {
        if (!isfinite(given->values[i])) {
            jd_set_error(error, JD_ERROR_INVALID, NULL,
                         "element %zu (counted from 0) of the query vector is %s", i,
                         isnan(given->values[i]) ? "NaN" : "infinite");
            return FALSE;
        }
    }
    jd_space *space = NULL;
    if (!choose_space(store, given, &space, error))
        return FALSE;
    *query = (jd_dense_query){.vector = g_memdup2(given->values, given->size * sizeof(float)),
                              .space = space};
    return TRUE;
}

/* The space to look into first is moved to the front. */
static void prefer_space(GPtrArray *spaces, gint64 id)
{
    for (guint i = 0; i < spaces->len; i++)
        if (((const jd_space *)spaces->pdata[i])->id == id)
            g_ptr_array_insert(spaces, 0, g_ptr_array_steal_index(spaces, i));
}

gboolean jd_dense_query_from_item(jd_store *store, const jd_item_vector *wanted,
                                  jd_dense_query *query, gboolean *found, GError **error)
{
    char letter;
    gint64 number;
    if (!jd_id_parse(wanted->id, &letter, &number, error))
        return FALSE;
    if (letter == 'd') {
        jd_set_error(error, JD_ERROR_USAGE, "name a text chunk (t12) or an image (i3)",
                     "%s is a document, which has no vector of its own", wanted->id);
        return FALSE;
    }
    jd_item_kind kind = letter == 't' ? JD_ITEM_TEXT : JD_ITEM_IMAGE;
    g_autoptr(GPtrArray) items = jd_store_get_items(store, kind, &number, 1, error);
    g_autoptr(GPtrArray) spaces = items ? jd_store_list_spaces(store, error) : NULL;
    if (!spaces)
        return FALSE;
    prefer_space(spaces, wanted->space);
    for (guint i = 0; i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        g_autoptr(GError) problem = NULL;
        float *vector = jd_store_get_vector(store, space->id, kind, number, &problem);
        if (vector) {
            *query = (jd_dense_query){.vector = vector,
                                      .space = g_ptr_array_steal_index(spaces, i),
                                      .kind = kind,
                                      .item = number};
            if (found)
                *found = TRUE;
            return TRUE;
        }
        if (!g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
    }
    if (found) {
        *found = FALSE;
        return TRUE;
    }
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_EMBED_FIRST, "%s has no vector", wanted->id);
    return FALSE;
}

/* ---- by cosine ---- */

gboolean jd_dense_nearest(jd_store *store, const jd_dense_request *request, GArray **best,
                          GError **error)
{
    const jd_dense_query *query = request->query;
    jd_vector_query wanted = {.space = query->space->id,
                              .kind = request->kind,
                              .filter = request->filter,
                              .values = query->vector,
                              .count = 1,
                              .dimension = (gsize)query->space->dimension,
                              .k = request->k,
                              .except = query->kind == request->kind ? query->item : 0,
                              .also = request->also,
                              .also_scores = request->also_scores,
                              .also_count = request->also_count};
    g_autoptr(GPtrArray) found = jd_store_search_vectors(store, &wanted, error);
    if (!found)
        return FALSE;
    *best = g_array_ref(found->pdata[0]);
    return TRUE;
}

/* ---- by softmax ---- */

/* The sum of exp(logit) so far as exp(max) * sum, and the best. */
typedef struct softmax {
    const jd_wide_query *query;
    double temperature;
    double max, sum;
    jd_topk top;
} softmax;

static void add_sum(softmax *to, double max, double sum)
{
    if (sum == 0)
        return;
    if (max > to->max) {
        to->sum = to->sum * exp(to->max - max) + sum;
        to->max = max;
    } else {
        to->sum += sum * exp(max - to->max);
    }
}

static gboolean add_block(const jd_vectors *block, void *user)
{
    softmax *state = user;
    for (gsize i = 0; i < block->n; i++) {
        double dot = jd_wide_query_dot(state->query, block->values + i * state->query->dimension);
        add_sum(state, dot / state->temperature, 1);
        jd_topk_add(&state->top, block->ids[i], dot);
    }
    return TRUE;
}

static void softmax_init(softmax *state, const softmax *like)
{
    *state = (softmax){.query = like->query, .temperature = like->temperature, .max = -INFINITY};
    jd_topk_init(&state->top, like->top.k);
}

static void *fork_state(const void *user)
{
    softmax *state = g_new(softmax, 1);
    softmax_init(state, user);
    return state;
}

static void join_state(void *user, const void *data)
{
    softmax *all = user;
    const softmax *state = data;
    add_sum(all, state->max, state->sum);
    jd_topk_join(&all->top, &state->top);
}

static void drop_state(void *data)
{
    jd_topk_clear(&((softmax *)data)->top);
    g_free(data);
}

gboolean jd_dense_softmax(jd_store *store, const jd_dense_request *request, double temperature,
                          jd_dense_hits *hits, GError **error)
{
    const jd_dense_query *query = request->query;
    g_auto(jd_wide_query) wide;
    jd_wide_query_init(&wide, query->vector, (gsize)query->space->dimension);
    softmax all;
    softmax_init(&all, &(softmax){.query = &wide, .temperature = temperature, .top.k = request->k});
    jd_vector_scan scan = {.space = query->space->id,
                           .kind = request->kind,
                           .filter = request->filter,
                           .each = add_block,
                           .user = &all,
                           .fork = fork_state,
                           .join = join_state,
                           .drop = drop_state};
    gboolean ok = jd_store_scan_vectors(store, &scan, error);
    if (ok)
        *hits = (jd_dense_hits){.best = jd_topk_take(&all.top), .log_sum = all.max + log(all.sum)};
    jd_topk_clear(&all.top);
    return ok;
}
