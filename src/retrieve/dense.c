#include "retrieve/dense.h"

#include "base/error.h"
#include "retrieve/dot.h"
#include "retrieve/retrieve.h"

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
    jd_set_error(error, JD_ERROR_NOT_FOUND, "embed the items first: jackdaw embed",
                 "%s has no vector", wanted->id);
    return FALSE;
}

/* ---- the scan ---- */

typedef struct scan_state {
    const jd_dense_request *request;
    const double *query;
    gsize dimension;
    double query_norm;
    jd_dot_fn dot;
    jd_topk top;
    gsize next_also; /* ids rise in the scan too */
    double max, sum; /* of the softmax so far: the sum of exp(logit - max) */
} scan_state;

/* One pass: where a larger logit comes, what was summed so far is scaled down to it. */
static void add_to_softmax(scan_state *state, double logit)
{
    if (logit <= state->max) {
        state->sum += exp(logit - state->max);
        return;
    }
    state->sum = state->sum * exp(state->max - logit) + 1.0;
    state->max = logit;
}

static void add_cosine(scan_state *state, gint64 id, double cosine)
{
    const jd_dense_request *request = state->request;
    jd_topk_add(&state->top, id, cosine);
    while (state->next_also < request->also_count && request->also[state->next_also] < id)
        state->next_also++;
    if (state->next_also < request->also_count && request->also[state->next_also] == id)
        request->also_scores[state->next_also] = cosine;
}

static gboolean scan_block(const jd_vectors *block, void *user)
{
    scan_state *state = user;
    const jd_dense_request *request = state->request;
    for (gsize i = 0; i < block->n; i++) {
        const float *vector = block->values + i * state->dimension;
        double dot = state->dot(state->query, vector, state->dimension);
        if (request->temperature > 0) {
            add_to_softmax(state, dot / request->temperature);
            jd_topk_add(&state->top, block->ids[i], dot);
            continue;
        }
        if (request->query->item == block->ids[i] && request->query->kind == request->kind)
            continue;
        double norm = sqrt(jd_square_sum(vector, state->dimension));
        add_cosine(state, block->ids[i], norm > 0 ? dot / (norm * state->query_norm) : 0);
    }
    return TRUE;
}

gboolean jd_dense_search(jd_store *store, const jd_dense_request *request, jd_dense_hits *hits,
                         GError **error)
{
    const jd_dense_query *query = request->query;
    gsize dimension = (gsize)query->space->dimension;
    double norm = sqrt(jd_square_sum(query->vector, dimension));
    if (request->temperature == 0 && norm == 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the query vector is all zeros: nothing can be compared with it");
        return FALSE;
    }
    g_autofree double *wide = g_new(double, dimension);
    for (gsize i = 0; i < dimension; i++)
        wide[i] = query->vector[i];
    scan_state state = {.request = request,
                        .query = wide,
                        .dimension = dimension,
                        .query_norm = norm,
                        .dot = jd_dot_best(),
                        .max = -INFINITY};
    for (gsize i = 0; i < request->also_count; i++)
        request->also_scores[i] = NAN;
    jd_topk_init(&state.top, request->k);
    jd_vector_scan scan = {.space = query->space->id,
                           .kind = request->kind,
                           .filter = request->filter,
                           .each = scan_block,
                           .user = &state};
    gboolean ok = jd_store_scan_vectors(store, &scan, error);
    if (ok)
        *hits = (jd_dense_hits){.best = jd_topk_take(&state.top),
                                .log_sum = state.max + log(state.sum)};
    jd_topk_clear(&state.top);
    return ok;
}
