/* Going over all vectors: from the scan cache, with several threads, else from the knowledge base.
 */
#include "base/limits.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/vector_cache.h"
#include "store/sqlite/vector_set.h"

typedef struct vector_pass {
    jd_vector_set *set;
    const jd_vector_scan *scan;
    gboolean stopped; /* by its user */
} vector_pass;

/* Hands over the rows that pass; FALSE where the user has enough. */
static gboolean deliver(const vector_pass *pass, const jd_vectors *block, void *user)
{
    const jd_scan_ids rows = {block->ids, block->n};
    jd_scan_run run = {0};
    while (jd_scan_run_next(&run, rows, pass->set->passing)) {
        jd_vectors part = *block;
        part.ids += run.first;
        part.values += run.first * pass->set->place.dimension;
        part.n = run.rows;
        if (!pass->scan->each(&part, user))
            return FALSE;
    }
    return TRUE;
}

/* ---- one thread ---- */

static gboolean go_over(vector_pass *pass, gsize from, gsize to, void *user, GError **error)
{
    for (gsize i = from; i < to && !pass->stopped; i++) {
        jd_vectors block;
        if (!jd_vector_set_may_pass(pass->set, i))
            continue;
        if (!jd_vector_set_cached(pass->set, i, &block) &&
            !jd_vector_set_read(pass->set, i, &block, error))
            return FALSE;
        pass->stopped = !deliver(pass, &block, user);
    }
    return TRUE;
}

/* ---- several ---- */

static gsize end_of(const vector_pass *pass, gsize chunk)
{
    return MIN((chunk + 1) * JD_SCAN_CHUNK_BLOCKS, pass->set->blocks->len);
}

/* FALSE where a block of it cannot be had from the cache. */
static gboolean go_over_cached(const vector_pass *pass, gsize chunk, void *state)
{
    for (gsize i = chunk * JD_SCAN_CHUNK_BLOCKS; i < end_of(pass, chunk); i++)
        if (jd_vector_set_may_pass(pass->set, i))
            jd_scan_cache_expect(pass->set->cache, jd_vector_set_block(pass->set, i)->slot, TRUE);
    for (gsize i = chunk * JD_SCAN_CHUNK_BLOCKS; i < end_of(pass, chunk); i++) {
        jd_vectors block;
        if (!jd_vector_set_may_pass(pass->set, i))
            continue;
        if (!jd_vector_set_cached(pass->set, i, &block))
            return FALSE;
        deliver(pass, &block, state);
    }
    return TRUE;
}

/* Joins chunks in their order; the number of those that were joined, less where one is damaged. */
static gsize share(const vector_pass *pass, gsize chunks)
{
    const jd_vector_scan *scan = pass->scan;
    enum { LEAST_CHUNKS = 8 }; /* that another thread is worth waking up for: half a millisecond */
    const int threads = (int)CLAMP(chunks / LEAST_CHUNKS, 1, (gsize)pass->set->store->threads);
    gsize joined = 0;
#pragma omp parallel for ordered schedule(dynamic, 1) num_threads(threads)
    for (gsize chunk = 0; chunk < chunks; chunk++) {
        void *state = scan->fork(scan->user);
        gboolean whole = go_over_cached(pass, chunk, state);
#pragma omp ordered
        if (whole && joined == chunk) {
            scan->join(scan->user, state);
            joined++;
        }
        scan->drop(state);
    }
    return joined;
}

/* A chunk has a state of its own whoever works on it: so the result is always the same. */
static gboolean go_over_chunks(vector_pass *pass, GError **error)
{
    const jd_vector_scan *scan = pass->scan;
    gsize blocks = pass->set->blocks->len;
    gsize chunks = (blocks + JD_SCAN_CHUNK_BLOCKS - 1) / JD_SCAN_CHUNK_BLOCKS;
    gsize chunk = pass->set->cache && pass->set->missing == 0 ? share(pass, chunks) : 0;
    for (; chunk < chunks; chunk++) {
        void *state = scan->fork(scan->user);
        gboolean ok =
            go_over(pass, chunk * JD_SCAN_CHUNK_BLOCKS, end_of(pass, chunk), state, error);
        if (ok)
            scan->join(scan->user, state);
        scan->drop(state);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}

/* ---- the operation ---- */

/* *lacking gets the place where the cache lacks blocks that were read; its space is 0 else. */
static gboolean scan_vectors(jd_sqlite *store, const jd_vector_scan *scan, jd_vector_place *lacking,
                             GError **error)
{
    g_auto(jd_vector_set) set = {0};
    jd_set_request request = {.space = scan->space, .kind = scan->kind, .filter = scan->filter};
    if (!jd_vector_set_open(&set, store, &request, error))
        return FALSE;
    vector_pass pass = {.set = &set, .scan = scan};
    gboolean ok = scan->fork ? go_over_chunks(&pass, error)
                             : go_over(&pass, 0, set.blocks->len, scan->user, error);
    if (ok && set.missing > 0 && !pass.stopped)
        *lacking = set.place;
    return ok;
}

gboolean jd_sqlite_scan_vectors(jd_store *base, const jd_vector_scan *scan, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return FALSE;
    jd_vector_place lacking = {0};
    gboolean ok = scan_vectors(store, scan, &lacking, error);
    jd_read_leave(store, entered);
    if (entered && lacking.space != 0)
        jd_vector_cache_help(store, &lacking);
    return ok;
}
