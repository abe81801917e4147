#include "store/sqlite/vector_set.h"

#include "base/limits.h"
#include "store/sqlite/vector_cache.h"

#include <string.h>

/* ---- the list of blocks ---- */

/* A list with what the database's contents were known by when it was made. A long list takes a
 * tenth of the time of a search, and mostly nothing has changed since the last one. */
typedef struct block_list {
    GArray *blocks;
    unsigned version;
    int changes;
} block_list;

static void block_list_free(gpointer data)
{
    block_list *list = data;
    g_array_unref(list->blocks);
    g_free(list);
}

static GArray *read_blocks(jd_sqlite *store, const jd_vector_place *place, GError **error)
{
    /* From the index alone. */
    g_auto(jd_sql) sql = jd_sql_get(
        store, "SELECT id, first FROM vector_block WHERE space = ?1 AND kind = ?2 ORDER BY first",
        error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "ii", place->space, (gint64)place->kind);
    g_autoptr(GArray) blocks = g_array_new(FALSE, FALSE, sizeof(jd_set_block));
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        jd_set_block block = {
            .id = sqlite3_column_int64(sql, 0), .first = sqlite3_column_int64(sql, 1), .slot = -1};
        g_array_append_val(blocks, block);
    }
    return step == JD_STEP_DONE ? g_steal_pointer(&blocks) : NULL;
}

/* FALSE where what is seen now may yet be undone. */
static gboolean get_state(jd_sqlite *store, block_list *state)
{
    state->changes = sqlite3_total_changes(store->db); /* this connection's */
    return sqlite3_txn_state(store->db, "main") == SQLITE_TXN_READ &&
           sqlite3_file_control(store->db, "main", SQLITE_FCNTL_DATA_VERSION, &state->version) ==
               SQLITE_OK;
}

GArray *jd_vector_blocks(jd_sqlite *store, const jd_vector_place *place, GError **error)
{
    block_list now = {0};
    gint64 key = jd_vector_place_key(place);
    gboolean settled = get_state(store, &now);
    if (!store->lists)
        store->lists = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, block_list_free);
    block_list *known = settled ? g_hash_table_lookup(store->lists, &key) : NULL;
    if (known && known->version == now.version && known->changes == now.changes)
        return g_array_copy(known->blocks);
    now.blocks = read_blocks(store, place, error);
    if (now.blocks && settled) {
        block_list *kept = g_memdup2(&now, sizeof now);
        kept->blocks = g_array_copy(now.blocks);
        g_hash_table_insert(store->lists, g_memdup2(&key, sizeof key), kept);
    }
    return now.blocks;
}

/* ---- opening ---- */

static void find_cached(jd_vector_set *set)
{
    jd_scan_cache *cache = jd_vector_cache_of(set->store, &set->place);
    if (jd_scan_cache_hold(cache))
        set->cache = cache;
    for (guint i = 0; i < set->blocks->len; i++) {
        jd_set_block *block = jd_vector_set_block(set, i);
        block->slot = set->cache ? jd_scan_cache_find(cache, block->id) : -1;
        set->missing += block->slot < 0;
    }
}

gboolean jd_vector_set_open(jd_vector_set *set, jd_sqlite *store, const jd_set_request *request,
                            GError **error)
{
    *set = (jd_vector_set){.store = store};
    if (!jd_vector_place_find(store, request->space, request->kind, &set->place, error) ||
        !jd_id_set_load(&set->filtered, store, request->kind, request->filter, error))
        return FALSE;
    if (set->filtered.ids) {
        set->ids = (jd_scan_ids){(const gint64 *)(const void *)set->filtered.ids->data,
                                 set->filtered.ids->len};
        set->passing = &set->ids;
    }
    set->blocks = jd_vector_blocks(store, &set->place, error);
    if (!set->blocks)
        return FALSE;
    if (set->blocks->len >= JD_SCAN_LEAST_BLOCKS)
        find_cached(set);
    return TRUE;
}

void jd_vector_set_clear(jd_vector_set *set)
{
    if (set->cache)
        jd_scan_cache_release(set->cache);
    if (set->blocks)
        g_array_unref(set->blocks);
    sqlite3_blob_close(set->blob);
    jd_id_set_clear(&set->filtered);
    g_free(set->items);
    g_aligned_free(set->values);
    *set = (jd_vector_set){0};
}

/* ---- reading ---- */

static gboolean open_blob(jd_vector_set *set, gint64 row, GError **error)
{
    int rc = set->blob ? sqlite3_blob_reopen(set->blob, row)
                       : sqlite3_blob_open(set->store->db, "main", "vector_block", "data", row, 0,
                                           &set->blob);
    if (rc != SQLITE_OK)
        jd_sqlite_set_error(set->store, error, "read vectors");
    return rc == SQLITE_OK;
}

static void make_room(jd_vector_set *set)
{
    enum { CACHE_LINE = 64 };
    gsize capacity = jd_block_capacity(set->place.dimension);
    if (set->items)
        return;
    set->items = g_new(gint64, capacity);
    set->values = g_aligned_alloc(capacity * set->place.dimension, sizeof(float), CACHE_LINE);
}

/* The items of a block; their number, 0 on failure. */
static gsize read_items(jd_vector_set *set, gint64 row, GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(set->store, "SELECT count, items FROM vector_block WHERE id = ?1", error);
    if (!sql)
        return 0;
    jd_sql_bind(sql, "i", row);
    jd_step step = jd_sql_step(set->store, sql, error);
    if (step == JD_STEP_FAILED)
        return 0;
    gsize n = step == JD_STEP_ROW ? (gsize)sqlite3_column_int64(sql, 0) : 0;
    if (n == 0 || n > jd_block_capacity(set->place.dimension) ||
        (gsize)sqlite3_column_bytes(sql, 1) != n * sizeof(gint64)) {
        jd_block_set_corrupt(set->store, row, error);
        return 0;
    }
    memcpy(set->items, sqlite3_column_blob(sql, 1), n * sizeof(gint64));
    return n;
}

gboolean jd_vector_set_read(jd_vector_set *set, gsize i, jd_vectors *block, GError **error)
{
    gint64 row = jd_vector_set_block(set, i)->id;
    make_room(set);
    gsize n = read_items(set, row, error);
    gsize size = n * set->place.dimension * sizeof(float);
    if (n == 0 || !open_blob(set, row, error))
        return FALSE;
    if ((gsize)sqlite3_blob_bytes(set->blob) != size) {
        jd_block_set_corrupt(set->store, row, error);
        return FALSE;
    }
    if (sqlite3_blob_read(set->blob, set->values, (int)size, 0) != SQLITE_OK) {
        jd_sqlite_set_error(set->store, error, "read vectors");
        return FALSE;
    }
    *block = (jd_vectors){.space = set->place.space,
                          .kind = set->place.kind,
                          .ids = set->items,
                          .values = set->values,
                          .n = n};
    return TRUE;
}

gboolean jd_vector_set_cached(const jd_vector_set *set, gsize i, jd_vectors *block)
{
    jd_scan_block cached;
    int slot = jd_vector_set_block(set, i)->slot;
    const float *values = slot >= 0 ? jd_scan_cache_vectors(set->cache, slot) : NULL;
    if (!values || !jd_scan_cache_codes(set->cache, slot, &cached))
        return FALSE;
    *block = (jd_vectors){.space = set->place.space,
                          .kind = set->place.kind,
                          .ids = cached.ids,
                          .values = values,
                          .n = cached.rows};
    return TRUE;
}

gboolean jd_vector_set_may_pass(const jd_vector_set *set, gsize i)
{
    if (!set->passing)
        return TRUE;
    gsize at = jd_scan_ids_find(*set->passing, jd_vector_set_block(set, i)->first);
    return at < set->passing->n && (i + 1 == set->blocks->len ||
                                    set->passing->ids[at] < jd_vector_set_block(set, i + 1)->first);
}
