/*
 * The nearest vectors, exactly. Blocks that the scan cache has are looked through by their codes,
 * which leaves a few rows that can be among the best (scan/nearest.h); those are compared as they
 * are, best bounds first, until no bound that is left reaches the k-th best. All other blocks are
 * read and compared.
 */
#include "base/error.h"
#include "store/scan/nearest.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/vector_cache.h"
#include "store/sqlite/vector_set.h"
#include "store/topk.h"

#include <math.h>
#include <string.h>

typedef struct vector_search {
    jd_sqlite *store;
    const jd_vector_query *query;
    jd_vector_set set;
    jd_wide_query *wide; /* query->count */
    jd_topk *tops;       /* query->count */
    float *vector;       /* one, at work */
} vector_search;

static void search_clear(vector_search *self)
{
    for (gsize q = 0; q < self->query->count && self->wide; q++) {
        jd_wide_query_clear(&self->wide[q]);
        jd_topk_clear(&self->tops[q]);
    }
    jd_vector_set_clear(&self->set);
    g_free(self->wide);
    g_free(self->tops);
    g_free(self->vector);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(vector_search, search_clear)

static void search_init(vector_search *self)
{
    const jd_vector_query *query = self->query;
    self->wide = g_new0(jd_wide_query, query->count);
    self->tops = g_new0(jd_topk, query->count);
    self->vector = g_new(float, query->dimension);
    for (gsize q = 0; q < query->count; q++) {
        jd_wide_query_init(&self->wide[q], query->values + q * query->dimension, query->dimension);
        jd_topk_init(&self->tops[q], query->k);
    }
    for (gsize i = 0; i < query->count * query->also_count; i++)
        query->also_scores[i] = NAN;
}

/* ---- comparing vectors as they are ---- */

static void add_scores(vector_search *self, gint64 id, const float *vector)
{
    for (gsize q = 0; q < self->query->count; q++)
        jd_topk_add(&self->tops[q], id, jd_wide_query_cosine(&self->wide[q], vector));
}

/* Item `at` of those whose cosine is wanted in any case. */
static void set_also(vector_search *self, gsize at, const float *vector)
{
    const jd_vector_query *query = self->query;
    for (gsize q = 0; q < query->count; q++)
        query->also_scores[q * query->also_count + at] =
            jd_wide_query_cosine(&self->wide[q], vector);
}

static void compare_rows(vector_search *self, const jd_vectors *block, const jd_scan_run *run)
{
    const jd_scan_ids also = {self->query->also, self->query->also_count};
    gsize at = also.n > 0 ? jd_scan_ids_find(also, block->ids[run->first]) : 0;
    for (gsize row = run->first; row < run->first + run->rows; row++) {
        const gint64 id = block->ids[row];
        const float *vector = block->values + row * self->query->dimension;
        while (at < also.n && also.ids[at] < id)
            at++;
        if (at < also.n && also.ids[at] == id)
            set_also(self, at, vector);
        if (id != self->query->except)
            add_scores(self, id, vector);
    }
}

/* Blocks that the cache does not have, or not whole. */
static gboolean compare_uncached(vector_search *self, GError **error)
{
    for (guint i = 0; i < self->set.blocks->len; i++) {
        jd_vectors block;
        if (jd_vector_set_block(&self->set, i)->slot >= 0 || !jd_vector_set_may_pass(&self->set, i))
            continue;
        if (!jd_vector_set_read(&self->set, i, &block, error))
            return FALSE;
        jd_scan_run run = {0};
        while (jd_scan_run_next(&run, (jd_scan_ids){block.ids, block.n}, self->set.passing))
            compare_rows(self, &block, &run);
    }
    return TRUE;
}

/* ---- by the codes ---- */

static int compare_ints(gconstpointer a, gconstpointer b)
{
    return *(const int *)a - *(const int *)b;
}

/* What could not be read counts as missing. */
static void forget_damaged(vector_search *self, GArray *damaged)
{
    if (damaged->len == 0)
        return;
    g_array_sort(damaged, compare_ints);
    for (guint i = 0; i < self->set.blocks->len; i++) {
        jd_set_block *block = jd_vector_set_block(&self->set, i);
        if (g_array_binary_search(damaged, &block->slot, compare_ints, NULL)) {
            block->slot = -1;
            self->set.missing++;
        }
    }
}

static void look_through_codes(vector_search *self, jd_scan_found *found)
{
    const jd_vector_query *query = self->query;
    g_autoptr(GArray) slots = g_array_new(FALSE, FALSE, sizeof(int));
    for (guint i = 0; i < self->set.blocks->len; i++) {
        int slot = jd_vector_set_block(&self->set, i)->slot;
        if (slot >= 0)
            g_array_append_val(slots, slot);
    }
    const jd_scan_coder coder = jd_scan_cache_coder(self->set.cache);
    g_autofree jd_scan_query *codes = g_new(jd_scan_query, query->count);
    for (gsize q = 0; q < query->count; q++)
        jd_scan_query_init(&codes[q], &coder, &self->wide[q]);
    jd_scan_search search = {.cache = self->set.cache,
                             .slots = (const int *)(const void *)slots->data,
                             .slot_count = slots->len,
                             .queries = codes,
                             .query_count = query->count,
                             .k = query->k,
                             .passing = self->set.passing,
                             .except = query->except,
                             .threads = self->store->threads};
    jd_scan_nearest(&search, found);
    for (gsize q = 0; q < query->count; q++)
        jd_scan_query_clear(&codes[q]);
    forget_damaged(self, found->damaged);
}

/* An item's vector: a row of the cache or, where that is damaged, of the knowledge base. */
static gboolean get_vector(vector_search *self, const jd_scan_candidate *row, GError **error)
{
    gsize size = self->query->dimension * sizeof(float);
    if (jd_scan_cache_vector(self->set.cache, row->slot, row->row, self->vector))
        return TRUE;
    g_autofree float *stored = jd_vector_get(self->store, &self->set.place, row->id, error);
    if (stored)
        memcpy(self->vector, stored, size);
    return stored != NULL;
}

static gboolean compare_candidates(vector_search *self, gsize q, const GArray *candidates,
                                   GError **error)
{
    for (guint i = 0; i < candidates->len; i++) {
        const jd_scan_candidate *candidate = &g_array_index(candidates, jd_scan_candidate, i);
        if (candidate->most < jd_topk_floor(&self->tops[q]))
            return TRUE;
        if (!get_vector(self, candidate, error))
            return FALSE;
        jd_topk_add(&self->tops[q], candidate->id,
                    jd_wide_query_cosine(&self->wide[q], self->vector));
    }
    return TRUE;
}

/* ---- items whose cosine is wanted in any case ---- */

/* The block that has a place for an item; G_MAXSIZE where none has. */
static gsize block_of(const jd_vector_set *set, gint64 id)
{
    gsize low = 0, high = set->blocks->len;
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (jd_vector_set_block(set, middle)->first <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : G_MAXSIZE;
}

/* The vector of an item, which is in the slot if it has one; *found: it has. */
static gboolean get_item(vector_search *self, int slot, gint64 id, gboolean *found, GError **error)
{
    jd_scan_block block = {0};
    jd_scan_candidate place = {.id = id, .slot = slot};
    *found = TRUE;
    if (jd_scan_cache_codes(self->set.cache, slot, &block)) {
        place.row = (guint32)jd_scan_ids_find((jd_scan_ids){block.ids, block.rows}, id);
        *found = place.row < block.rows && block.ids[place.row] == id;
        return !*found || get_vector(self, &place, error);
    }
    g_autoptr(GError) problem = NULL;
    g_autofree float *stored = jd_vector_get(self->store, &self->set.place, id, &problem);
    if (stored)
        memcpy(self->vector, stored, self->query->dimension * sizeof(float));
    *found = stored != NULL;
    if (stored || g_error_matches(problem, JD_ERROR, JD_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

static gboolean compare_also(vector_search *self, GError **error)
{
    const jd_vector_query *query = self->query;
    for (gsize i = 0; i < query->also_count; i++) {
        gint64 id = query->also[i];
        gsize at = block_of(&self->set, id);
        int slot = at == G_MAXSIZE ? -1 : jd_vector_set_block(&self->set, at)->slot;
        if (slot < 0 || (self->set.passing && !jd_scan_ids_contain(*self->set.passing, id)))
            continue;
        gboolean found;
        if (!get_item(self, slot, id, &found, error))
            return FALSE;
        if (found)
            set_also(self, i, self->vector);
    }
    return TRUE;
}

/* ---- the operation ---- */

static gboolean search_cached(vector_search *self, jd_scan_found *found, GError **error)
{
    if (!compare_also(self, error))
        return FALSE;
    for (gsize q = 0; q < found->query_count; q++)
        if (!compare_candidates(self, q, found->candidates[q], error))
            return FALSE;
    return TRUE;
}

static gboolean check_dimension(const vector_search *self, GError **error)
{
    if (self->query->dimension == self->set.place.dimension)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, NULL,
                 "a query vector has %" G_GSIZE_FORMAT " numbers; those of the embedding space "
                 "%" G_GINT64_FORMAT " have %" G_GSIZE_FORMAT,
                 self->query->dimension, self->query->space, self->set.place.dimension);
    return FALSE;
}

/* *lacking gets the place where the cache lacks blocks that were read; its space is 0 else. */
static GPtrArray *search_vectors(jd_sqlite *store, const jd_vector_query *query,
                                 jd_vector_place *lacking, GError **error)
{
    g_auto(vector_search) self = {.store = store, .query = query};
    g_auto(jd_scan_found) found = {0};
    jd_set_request request = {.space = query->space, .kind = query->kind, .filter = query->filter};
    if (!jd_vector_set_open(&self.set, store, &request, error) || !check_dimension(&self, error))
        return NULL;
    search_init(&self);
    if (self.set.cache)
        look_through_codes(&self, &found);
    if (!compare_uncached(&self, error) || (self.set.cache && !search_cached(&self, &found, error)))
        return NULL;
    GPtrArray *best = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    for (gsize q = 0; q < query->count; q++)
        g_ptr_array_add(best, jd_topk_take(&self.tops[q]));
    if (self.set.missing > 0)
        *lacking = self.set.place;
    return best;
}

GPtrArray *jd_sqlite_search_vectors(jd_store *base, const jd_vector_query *query, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    jd_vector_place lacking = {0};
    GPtrArray *best = search_vectors(store, query, &lacking, error);
    jd_read_leave(store, entered);
    if (entered && lacking.space != 0)
        jd_vector_cache_help(store, &lacking);
    return best;
}
