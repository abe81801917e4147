#include "store/scan/nearest.h"

#include "store/topk.h"

#include <math.h>

/* ---- what one thread has ---- */

/* One query's part. */
typedef struct best {
    jd_topk least;      /* lower bounds */
    double floor;       /* an upper bound below it means: not among the k best */
    GArray *candidates; /* jd_scan_candidate */
    guint next_prune;   /* candidates from which on dropping the hopeless pays */
} best;

typedef struct worker {
    const jd_scan_search *search;
    jd_scan_dots_fn dots;
    best *bests; /* one a query */
    gint32 *products;
    jd_scan_bound *bounds;
    GArray *damaged;
} worker;

enum {
    FIRST_PRUNE = 4096,
    AT_ONCE = 8,       /* slots that a thread takes: half a megabyte of codes */
    LEAST_PIECES = 32, /* such pieces that another thread is worth waking up for: a millisecond */
};

static void worker_init(worker *self, const jd_scan_search *search)
{
    *self = (worker){.search = search,
                     .dots = jd_scan_kernel_best()->dots,
                     .bests = g_new0(best, search->query_count),
                     .products = g_new(gint32, jd_scan_cache_capacity(search->cache)),
                     .bounds = g_new(jd_scan_bound, jd_scan_cache_capacity(search->cache)),
                     .damaged = g_array_new(FALSE, FALSE, sizeof(int))};
    for (gsize q = 0; q < search->query_count; q++) {
        jd_topk_init(&self->bests[q].least, search->k);
        self->bests[q].floor = -INFINITY;
        self->bests[q].candidates = g_array_new(FALSE, FALSE, sizeof(jd_scan_candidate));
        self->bests[q].next_prune = FIRST_PRUNE;
    }
}

static void worker_clear(worker *self)
{
    for (gsize q = 0; q < self->search->query_count; q++) {
        jd_topk_clear(&self->bests[q].least);
        g_array_unref(self->bests[q].candidates);
    }
    g_array_unref(self->damaged);
    g_free(self->products);
    g_free(self->bounds);
    g_free(self->bests);
}

/* Drops what has become hopeless; in what is left `most` is relative to the query's base. */
static void prune(best *of)
{
    jd_scan_candidate *all = (jd_scan_candidate *)(void *)of->candidates->data;
    guint kept = 0;
    for (guint i = 0; i < of->candidates->len; i++)
        if (all[i].most >= of->floor)
            all[kept++] = all[i];
    g_array_set_size(of->candidates, kept);
    of->next_prune = MAX(2 * kept, FIRST_PRUNE);
}

static void add(best *of, const jd_scan_candidate *candidate, double least, double slack)
{
    g_array_append_val(of->candidates, *candidate);
    jd_topk_add(&of->least, candidate->id, least);
    of->floor = jd_topk_floor(&of->least) - 2 * slack;
    if (of->candidates->len >= of->next_prune)
        prune(of);
}

/* ---- scanning ---- */

static void scan_run(worker *self, const jd_scan_block *block, int slot, const jd_scan_run *run)
{
    const jd_scan_search *search = self->search;
    jd_scan_codes codes = block->codes;
    codes.codes += run->first * codes.stride;
    codes.rows = run->rows;
    const jd_scan_scale *scales = block->scales + run->first;
    /* The codes are in the nearest cache when the second query comes. */
    for (gsize q = 0; q < search->query_count; q++) {
        const jd_scan_query *query = &search->queries[q];
        best *of = &self->bests[q];
        self->dots(&codes, query->codes, self->products);
        for (gsize i = 0; i < run->rows; i++)
            self->bounds[i] = jd_scan_bound_of(query, scales[i], self->products[i]);
        for (gsize i = 0; i < run->rows; i++) {
            const gsize row = run->first + i;
            jd_scan_bound bound = self->bounds[i];
            double most = bound.middle + bound.width;
            if (most < of->floor || block->ids[row] == search->except)
                continue;
            jd_scan_candidate candidate = {
                .most = most, .id = block->ids[row], .slot = slot, .row = (guint32)row};
            add(of, &candidate, bound.middle - bound.width, query->slack);
        }
    }
}

/* Whether an item between two ids passes. */
static gboolean may_pass(const jd_scan_ids *passing, gint64 first, gint64 last)
{
    gsize at = jd_scan_ids_find(*passing, first);
    return at < passing->n && passing->ids[at] <= last;
}

/* FALSE where the filter lets nothing of a slot pass, which is told without reading it. */
static gboolean is_wanted(const jd_scan_search *search, int slot)
{
    jd_scan_block block;
    jd_scan_cache_range(search->cache, slot, &block);
    return !search->passing || may_pass(search->passing, block.first, block.last);
}

static void scan_slot(worker *self, int slot)
{
    jd_scan_block block;
    if (!jd_scan_cache_codes(self->search->cache, slot, &block)) {
        g_array_append_val(self->damaged, slot);
        return;
    }
    jd_scan_run run = {0};
    while (jd_scan_run_next(&run, (jd_scan_ids){block.ids, block.rows}, self->search->passing))
        scan_run(self, &block, slot, &run);
}

/* Slots from a place on, AT_ONCE of them. */
static void scan_slots(worker *self, gsize first)
{
    const jd_scan_search *search = self->search;
    const gsize end = MIN(first + AT_ONCE, search->slot_count);
    for (gsize i = first; i < end; i++)
        if (is_wanted(search, search->slots[i]))
            jd_scan_cache_expect(search->cache, search->slots[i], FALSE);
    for (gsize i = first; i < end; i++)
        if (is_wanted(search, search->slots[i]))
            scan_slot(self, search->slots[i]);
}

/* ---- all threads together ---- */

static void join(worker *all, const worker *one)
{
    for (gsize q = 0; q < all->search->query_count; q++) {
        best *to = &all->bests[q];
        const best *from = &one->bests[q];
        g_array_append_vals(to->candidates, from->candidates->data, from->candidates->len);
        jd_topk_join(&to->least, &from->least);
        to->floor = jd_topk_floor(&to->least) - 2 * all->search->queries[q].slack;
    }
    g_array_append_vals(all->damaged, one->damaged->data, one->damaged->len);
}

static int greatest_first(gconstpointer a, gconstpointer b)
{
    const jd_scan_candidate *x = a, *y = b;
    if (x->most != y->most)
        return x->most > y->most ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* What the threads found becomes the result, `most` the cosine's own. */
static void finish(worker *all, jd_scan_found *found)
{
    found->query_count = all->search->query_count;
    found->candidates = g_new(GArray *, found->query_count);
    for (gsize q = 0; q < found->query_count; q++) {
        const jd_scan_query *query = &all->search->queries[q];
        best *of = &all->bests[q];
        prune(of);
        for (guint i = 0; i < of->candidates->len; i++)
            g_array_index(of->candidates, jd_scan_candidate, i).most += query->base + query->slack;
        g_array_sort(of->candidates, greatest_first);
        found->candidates[q] = g_array_ref(of->candidates);
    }
    found->damaged = g_array_ref(all->damaged);
}

void jd_scan_nearest(const jd_scan_search *search, jd_scan_found *found)
{
    worker all;
    worker_init(&all, search);
    const gsize pieces = (search->slot_count + AT_ONCE - 1) / AT_ONCE;
    const int threads = (int)CLAMP(pieces / LEAST_PIECES, 1, (gsize)search->threads);
#pragma omp parallel num_threads(threads)
    {
        worker own;
        worker_init(&own, search);
#pragma omp for schedule(dynamic)
        for (gsize piece = 0; piece < pieces; piece++)
            scan_slots(&own, piece * AT_ONCE);
#pragma omp critical(jd_scan_join)
        join(&all, &own);
        worker_clear(&own);
    }
    finish(&all, found);
    worker_clear(&all);
}

void jd_scan_found_clear(jd_scan_found *found)
{
    for (gsize q = 0; q < found->query_count; q++)
        g_array_unref(found->candidates[q]);
    g_clear_pointer(&found->candidates, g_free);
    g_clear_pointer(&found->damaged, g_array_unref);
    found->query_count = 0;
}
