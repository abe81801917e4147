/* Embedding spaces as a whole: which items they lack, and dropping one. */
#include "base/error.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/vectors.h"

/* ---- what is missing ---- */

/* Goes over the ids that have a vector, in rising order. */
typedef struct have {
    jd_sqlite *store;
    sqlite3_stmt *blocks;
    const gint64 *ids; /* of the block at hand */
    gsize n, next;
} have;

/* The next block's ids; n stays 0 behind the last. */
static gboolean next_block(have *self, GError **error)
{
    self->n = self->next = 0;
    jd_step step = jd_sql_step(self->store, self->blocks, error);
    if (step != JD_STEP_ROW)
        return step == JD_STEP_DONE;
    self->n = (gsize)sqlite3_column_bytes(self->blocks, 1) / sizeof(gint64);
    self->ids = sqlite3_column_blob(self->blocks, 1);
    if (self->n > 0)
        return TRUE;
    jd_block_set_corrupt(self->store, sqlite3_column_int64(self->blocks, 0), error);
    return FALSE;
}

/* Whether `id`, which rises from call to call, has a vector. */
static gboolean has_vector(have *self, gint64 id, gboolean *has, GError **error)
{
    while (self->ids) {
        while (self->next < self->n && self->ids[self->next] < id)
            self->next++;
        if (self->next < self->n) {
            *has = self->ids[self->next] == id;
            return TRUE;
        }
        if (!next_block(self, error))
            return FALSE;
        if (self->n == 0)
            self->ids = NULL;
    }
    *has = FALSE;
    return TRUE;
}

static gboolean collect_missing(jd_sqlite *store, const jd_missing_query *query, GArray *ids,
                                GError **error)
{
    g_auto(jd_own_sql) blocks = jd_sql_new(
        store, "SELECT id, items FROM vector_block WHERE space = ?1 AND kind = ?2 ORDER BY first",
        error);
    g_auto(jd_own_sql) items =
        jd_sql_new(store,
                   query->kind == JD_ITEM_TEXT ? "SELECT id FROM chunk ORDER BY id"
                   : query->pictures ? "SELECT id FROM image WHERE picture IS NOT NULL ORDER BY id"
                                     : "SELECT id FROM image ORDER BY id",
                   error);
    if (!blocks || !items)
        return FALSE;
    static const gint64 none = 0;
    have self = {.store = store, .blocks = blocks, .ids = &none};
    jd_sql_bind(blocks, "ii", query->space, (gint64)query->kind);
    jd_step step;
    while ((step = jd_sql_step(store, items, error)) == JD_STEP_ROW) {
        gint64 id = sqlite3_column_int64(items, 0);
        gboolean has;
        if (!has_vector(&self, id, &has, error))
            return FALSE;
        if (!has)
            g_array_append_val(ids, id);
    }
    return step == JD_STEP_DONE;
}

GArray *jd_sqlite_missing_vectors(jd_store *base, const jd_missing_query *query, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    gboolean ok = collect_missing(store, query, ids, error);
    jd_read_leave(store, entered);
    return ok ? g_steal_pointer(&ids) : NULL;
}

/* ---- counting and dropping ---- */

gboolean jd_sqlite_count_vectors(jd_store *base, gint64 space, jd_item_kind kind, guint64 *count,
                                 GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 found = 0;
    const char *text = kind == JD_ITEM_TEXT ? "SELECT ifnull(sum(count), 0) FROM vector_block"
                                              " WHERE space = ?1 AND kind = 0"
                                            : "SELECT ifnull(sum(count), 0) FROM vector_block"
                                              " WHERE space = ?1 AND kind = 1";
    G_STATIC_ASSERT(JD_ITEM_TEXT == 0 && JD_ITEM_IMAGE == 1);
    if (!jd_sql_integer(store, text, space, &found, error))
        return FALSE;
    *count = (guint64)found;
    return TRUE;
}

gboolean jd_sqlite_drop_space(jd_store *base, gint64 space, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 found = 0;
    if (!jd_sql_integer(store, "SELECT id FROM space WHERE id = ?1", space, &found, error))
        return FALSE;
    if (found == 0) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                     "%s: there is no embedding space %" G_GINT64_FORMAT, store->path, space);
        return FALSE;
    }
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok =
        jd_sql_do(store, error, "DELETE FROM vector_block WHERE space = ?1", "i", space) &&
        jd_sql_do(store, error, "DELETE FROM space WHERE id = ?1", "i", space);
    return jd_write_leave(store, ok, error);
}
