#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/vectors.h"

#include <string.h>

G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN); /* BLOBs are read as they are stored */

gsize jd_block_capacity(gsize dimension)
{
    return CLAMP(JD_STORE_BLOCK_BYTES / (dimension * sizeof(float)), 1, JD_STORE_BLOCK_VECTORS);
}

void jd_block_data_init(jd_block_data *block)
{
    block->ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    block->values = g_array_new(FALSE, FALSE, sizeof(float));
}

void jd_block_data_clear(jd_block_data *block)
{
    g_clear_pointer(&block->ids, g_array_unref);
    g_clear_pointer(&block->values, g_array_unref);
}

void jd_block_set_corrupt(jd_sqlite *store, gint64 row, GError **error)
{
    jd_set_error(error, JD_ERROR_CORRUPT, JD_REMEDY_RESTORE,
                 "%s: vector block %" G_GINT64_FORMAT " has sizes that do not fit each other",
                 store->path, row);
}

gboolean jd_block_data_read(jd_block_data *block, jd_sqlite *store, gint64 row, gsize dimension,
                            GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT count, items, data FROM vector_block WHERE id = ?1", error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "i", row);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_FAILED)
        return FALSE;
    gsize n = step == JD_STEP_ROW ? (gsize)sqlite3_column_int64(sql, 0) : 0;
    if (n == 0 || n > jd_block_capacity(dimension) ||
        (gsize)sqlite3_column_bytes(sql, 1) != n * sizeof(gint64) ||
        (gsize)sqlite3_column_bytes(sql, 2) != n * dimension * sizeof(float)) {
        jd_block_set_corrupt(store, row, error);
        return FALSE;
    }
    g_array_set_size(block->ids, (guint)n);
    g_array_set_size(block->values, (guint)(n * dimension));
    memcpy(block->ids->data, sqlite3_column_blob(sql, 1), n * sizeof(gint64));
    memcpy(block->values->data, sqlite3_column_blob(sql, 2), n * dimension * sizeof(float));
    return TRUE;
}

/* ---- finding blocks ---- */

typedef struct block_row {
    gint64 id, first; /* both 0: there is none */
} block_row;

/* The blocks of one space and kind. */
typedef struct block_set {
    jd_sqlite *store;
    const jd_vector_place *place;
} block_set;

/* `text` selects id and first by space, kind and an item's id. */
static gboolean find_block(const block_set *set, const char *text, gint64 item, block_row *row,
                           GError **error)
{
    g_auto(jd_sql) sql = jd_sql_get(set->store, text, error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "iii", set->place->space, (gint64)set->place->kind, item);
    jd_step step = jd_sql_step(set->store, sql, error);
    *row = (block_row){0};
    if (step == JD_STEP_ROW)
        *row = (block_row){sqlite3_column_int64(sql, 0), sqlite3_column_int64(sql, 1)};
    return step != JD_STEP_FAILED;
}

#define BLOCKS "SELECT id, first FROM vector_block WHERE space = ?1 AND kind = ?2 AND first "
#define BLOCK_UP_TO BLOCKS "<= ?3 ORDER BY first DESC LIMIT 1"
#define BLOCK_AFTER BLOCKS "> ?3 ORDER BY first LIMIT 1"

gboolean jd_block_find(jd_sqlite *store, const jd_vector_place *place, gint64 item, gint64 *row,
                       GError **error)
{
    block_set set = {.store = store, .place = place};
    block_row found;
    if (!find_block(&set, BLOCK_UP_TO, item, &found, error))
        return FALSE;
    *row = found.id;
    return TRUE;
}

/* The block that an item is in or belongs into, and the one after it. */
static gboolean find_home(const block_set *set, gint64 item, block_row home[2], GError **error)
{
    home[1] = (block_row){0};
    if (!find_block(set, BLOCK_UP_TO, item, &home[0], error))
        return FALSE;
    if (home[0].id == 0 && !find_block(set, BLOCK_AFTER, item, &home[0], error))
        return FALSE;
    return home[0].id == 0 || find_block(set, BLOCK_AFTER, home[0].first, &home[1], error);
}

/* ---- changing blocks ---- */

static void append(jd_block_data *to, gint64 id, const float *vector, gsize dimension)
{
    g_array_append_val(to->ids, id);
    g_array_append_vals(to->values, vector, (guint)dimension);
}

static const float *row_at(const jd_block_data *block, guint i, gsize dimension)
{
    return (const float *)(const void *)block->values->data + i * dimension;
}

static void merge(const jd_block_data *old, const jd_vector_changes *changes, gsize dimension,
                  jd_block_data *out)
{
    guint at = 0;
    for (gsize i = 0; i < changes->n; i++) {
        gint64 id = changes->ids[i];
        for (; at < old->ids->len && g_array_index(old->ids, gint64, at) < id; at++)
            append(out, g_array_index(old->ids, gint64, at), row_at(old, at, dimension), dimension);
        if (at < old->ids->len && g_array_index(old->ids, gint64, at) == id)
            at++;
        if (changes->values)
            append(out, id, changes->values + i * dimension, dimension);
    }
    for (; at < old->ids->len; at++)
        append(out, g_array_index(old->ids, gint64, at), row_at(old, at, dimension), dimension);
}

static gboolean insert_block(const block_set *set, const jd_vector_changes *rows, GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(set->store,
                   "INSERT INTO vector_block(id, space, kind, first, count,"
                   " items, data) VALUES (" JD_SCHEMA_RANDOM_ID ", ?1, ?2, ?3, ?4, ?5, ?6)",
                   error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "iiii", set->place->space, (gint64)set->place->kind, rows->ids[0],
                (gint64)rows->n);
    sqlite3_bind_blob64(sql, 5, rows->ids, rows->n * sizeof(gint64), SQLITE_STATIC);
    sqlite3_bind_blob64(sql, 6, rows->values, rows->n * set->place->dimension * sizeof(float),
                        SQLITE_STATIC);
    return jd_sql_run(set->store, sql, error);
}

/* Full blocks where more is to follow at the end; halves where a block in the middle ran over, as
 * the next insertion may fall into either. */
static gboolean write_blocks(const block_set *set, const jd_block_data *data, gboolean last,
                             GError **error)
{
    gsize n = data->ids->len, capacity = jd_block_capacity(set->place->dimension);
    gsize pieces = (n + capacity - 1) / capacity;
    gsize size = last || pieces == 0 ? capacity : (n + pieces - 1) / pieces;
    for (gsize at = 0; at < n; at += size) {
        jd_vector_changes rows = {.ids = &g_array_index(data->ids, gint64, at),
                                  .values = row_at(data, (guint)at, set->place->dimension),
                                  .n = MIN(size, n - at)};
        if (!insert_block(set, &rows, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean delete_block(jd_sqlite *store, gint64 row, GError **error)
{
    return jd_sql_do(store, error, "DELETE FROM vector_block WHERE id = ?1", "i", row);
}

/* A block that has become small takes its neighbour in, so that removing does not leave many. */
static gboolean absorb_next(const block_set *set, block_row *next, jd_block_data *data,
                            GError **error)
{
    gsize capacity = jd_block_capacity(set->place->dimension);
    g_auto(jd_block_data) other;
    jd_block_data_init(&other);
    if (next->id == 0 || data->ids->len > capacity / 4)
        return TRUE;
    if (!jd_block_data_read(&other, set->store, next->id, set->place->dimension, error))
        return FALSE;
    if (data->ids->len + other.ids->len > capacity)
        return TRUE;
    g_array_append_vals(data->ids, other.ids->data, other.ids->len);
    g_array_append_vals(data->values, other.values->data, other.values->len);
    return delete_block(set->store, next->id, error);
}

/* Applies the first changes, those of one block; *done gets their number. */
static gboolean apply_some(const block_set *set, const jd_vector_changes *changes, gsize *done,
                           GError **error)
{
    block_row home[2];
    g_auto(jd_block_data) old, merged;
    jd_block_data_init(&old);
    jd_block_data_init(&merged);
    if (!find_home(set, changes->ids[0], home, error))
        return FALSE;
    jd_vector_changes now = *changes;
    for (now.n = 1; now.n < MIN(changes->n, jd_block_capacity(set->place->dimension)); now.n++)
        if (home[1].id != 0 && changes->ids[now.n] >= home[1].first)
            break;
    *done = now.n;
    if (home[0].id != 0 &&
        !jd_block_data_read(&old, set->store, home[0].id, set->place->dimension, error))
        return FALSE;
    merge(&old, &now, set->place->dimension, &merged);
    if (!now.values && merged.ids->len == old.ids->len) /* none of them is there */
        return TRUE;
    return (home[0].id == 0 || delete_block(set->store, home[0].id, error)) &&
           absorb_next(set, &home[1], &merged, error) &&
           write_blocks(set, &merged, home[1].id == 0, error);
}

gboolean jd_blocks_apply(jd_sqlite *store, const jd_vector_place *place,
                         const jd_vector_changes *changes, GError **error)
{
    block_set set = {.store = store, .place = place};
    jd_vector_changes left = *changes;
    while (left.n > 0) {
        gsize done;
        if (!apply_some(&set, &left, &done, error))
            return FALSE;
        left.ids += done;
        left.values = left.values ? left.values + done * place->dimension : NULL;
        left.n -= done;
    }
    return TRUE;
}
