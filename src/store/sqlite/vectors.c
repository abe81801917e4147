#include "store/sqlite/vectors.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/items.h"

#include <string.h>

/* ---- spaces ---- */

gboolean jd_sqlite_ensure_space(jd_store *base, const jd_space *space, gint64 *id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 normalised = space->normalised != FALSE;
    gint64 found = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        g_auto(jd_sql) sql = jd_sql_get(store,
                                        "SELECT id FROM space WHERE model = ?1 AND revision = ?2"
                                        " AND dimension = ?3 AND normalised = ?4",
                                        error);
        if (!sql)
            return FALSE;
        jd_sql_bind(sql, "ttii", space->model, space->revision, (gint64)space->dimension,
                    normalised);
        jd_step step = jd_sql_step(store, sql, error);
        if (step == JD_STEP_FAILED)
            return FALSE;
        if (step == JD_STEP_ROW) {
            found = sqlite3_column_int64(sql, 0);
            break;
        }
        if (!jd_write_enter(store, error))
            return FALSE;
        gboolean ok =
            jd_sql_do(store, error,
                      "INSERT INTO space(model, revision, dimension, normalised)"
                      " VALUES (?1, ?2, ?3, ?4)",
                      "ttii", space->model, space->revision, (gint64)space->dimension, normalised);
        if (!jd_write_leave(store, ok, error))
            return FALSE;
    }
    *id = found;
    return TRUE;
}

GPtrArray *jd_sqlite_list_spaces(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql = jd_sql_get(
        store, "SELECT id, model, revision, dimension, normalised FROM space ORDER BY id", error);
    if (!sql)
        return NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)jd_space_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        jd_space *space = g_new0(jd_space, 1);
        space->id = sqlite3_column_int64(sql, 0);
        space->model = jd_sql_text(sql, 1);
        space->revision = jd_sql_text(sql, 2);
        space->dimension = sqlite3_column_int(sql, 3);
        space->normalised = sqlite3_column_int(sql, 4) != 0;
        g_ptr_array_add(list, space);
    }
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}

/* A dimension that no Jackdaw wrote must not decide how much memory is asked for. */
static gboolean check_dimension(jd_sqlite *store, gint64 space, gint64 dimension, GError **error)
{
    if (dimension > 0 && dimension <= JD_LIMIT_DIMENSION)
        return TRUE;
    jd_set_error(error, JD_ERROR_CORRUPT, JD_REMEDY_RESTORE,
                 "%s: embedding space %" G_GINT64_FORMAT " has a dimension of %" G_GINT64_FORMAT
                 ", not 1 to %d",
                 store->path, space, dimension, JD_LIMIT_DIMENSION);
    return FALSE;
}

gboolean jd_vector_place_find(jd_sqlite *store, gint64 space, jd_item_kind kind,
                              jd_vector_place *place, GError **error)
{
    gint64 dimension = 0;
    if (!jd_sql_integer(store, "SELECT dimension FROM space WHERE id = ?1", space, &dimension,
                        error))
        return FALSE;
    if (dimension == 0) {
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                     "%s: there is no embedding space %" G_GINT64_FORMAT, store->path, space);
        return FALSE;
    }
    if (!check_dimension(store, space, dimension, error))
        return FALSE;
    *place = (jd_vector_place){.space = space, .kind = kind, .dimension = (gsize)dimension};
    return TRUE;
}

/* ---- writing ---- */

static gboolean check_items(jd_sqlite *store, const jd_vectors *vectors, GError **error)
{
    const char *text = vectors->kind == JD_ITEM_TEXT ? "SELECT id FROM chunk WHERE id = ?1"
                                                     : "SELECT id FROM image WHERE id = ?1";
    for (gsize i = 0; i < vectors->n; i++) {
        gint64 found = 0;
        if (!jd_sql_integer(store, text, vectors->ids[i], &found, error))
            return FALSE;
        if (found == 0) {
            jd_item_set_not_found(store, vectors->kind, vectors->ids[i], error);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean is_rising(const gint64 *ids, gsize n)
{
    for (gsize i = 1; i < n; i++)
        if (ids[i] <= ids[i - 1])
            return FALSE;
    return TRUE;
}

static int compare_rows(gconstpointer a, gconstpointer b, gpointer user)
{
    const gint64 *ids = user;
    gsize x = *(const gsize *)a, y = *(const gsize *)b;
    int order = jd_id_compare(&ids[x], &ids[y]);
    return order ? order : (x > y) - (x < y);
}

/* The rows in rising order; of several for one item the last given counts. */
static void sort_rows(const jd_vectors *vectors, gsize dimension, jd_block_data *out)
{
    g_autoptr(GArray) order = g_array_sized_new(FALSE, FALSE, sizeof(gsize), (guint)vectors->n);
    for (gsize i = 0; i < vectors->n; i++)
        g_array_append_val(order, i);
    g_array_sort_with_data(order, compare_rows, (gpointer)vectors->ids);
    for (guint i = 0; i < order->len; i++) {
        gsize row = g_array_index(order, gsize, i);
        if (i + 1 < order->len &&
            vectors->ids[g_array_index(order, gsize, i + 1)] == vectors->ids[row])
            continue;
        g_array_append_val(out->ids, vectors->ids[row]);
        g_array_append_vals(out->values, vectors->values + row * dimension, (guint)dimension);
    }
}

static gboolean put_vectors(jd_sqlite *store, const jd_vector_place *place,
                            const jd_vectors *vectors, GError **error)
{
    jd_vector_changes changes = {.ids = vectors->ids, .values = vectors->values, .n = vectors->n};
    g_auto(jd_block_data) sorted;
    jd_block_data_init(&sorted);
    if (!is_rising(vectors->ids, vectors->n)) {
        sort_rows(vectors, place->dimension, &sorted);
        changes = (jd_vector_changes){.ids = (const gint64 *)(void *)sorted.ids->data,
                                      .values = (const float *)(void *)sorted.values->data,
                                      .n = sorted.ids->len};
    }
    return jd_blocks_apply(store, place, &changes, error);
}

gboolean jd_sqlite_put_vectors(jd_store *base, const jd_vectors *vectors, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    jd_vector_place place;
    if (!jd_vector_place_find(store, vectors->space, vectors->kind, &place, error))
        return FALSE;
    for (gsize i = 0; i < vectors->n * place.dimension; i++)
        if (!isfinite(vectors->values[i])) {
            jd_set_error(error, JD_ERROR_INVALID, "make the vector again",
                         "the vector of %c%" G_GINT64_FORMAT
                         " has a value that is not a finite number at place %" G_GSIZE_FORMAT,
                         jd_item_letter(vectors->kind), vectors->ids[i / place.dimension],
                         i % place.dimension);
            return FALSE;
        }
    return check_items(store, vectors, error) && jd_write_enter(store, error) &&
           jd_write_leave(store, put_vectors(store, &place, vectors, error), error);
}

gboolean jd_vectors_remove(jd_sqlite *store, jd_item_kind kind, const gint64 *ids, gsize n,
                           GError **error)
{
    g_autoptr(GPtrArray) spaces = n > 0 ? jd_sqlite_list_spaces(&store->base, error) : NULL;
    if (n > 0 && !spaces)
        return FALSE;
    for (guint i = 0; spaces && i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        jd_vector_place place = {
            .space = space->id, .kind = kind, .dimension = (gsize)space->dimension};
        jd_vector_changes changes = {.ids = ids, .n = n};
        if (!check_dimension(store, space->id, space->dimension, error) ||
            !jd_blocks_apply(store, &place, &changes, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- reading ---- */

/* A copy of the vector of item `id` in the block read into `block`, or NULL. */
static float *copy_vector(const jd_block_data *block, gint64 id, gsize dimension)
{
    guint low = 0, high = block->ids->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(block->ids, gint64, middle) < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == block->ids->len || g_array_index(block->ids, gint64, low) != id)
        return NULL;
    return g_memdup2(&g_array_index(block->values, float, low *dimension),
                     dimension * sizeof(float));
}

float *jd_vector_get(jd_sqlite *store, const jd_vector_place *place, gint64 id, GError **error)
{
    gint64 row = 0;
    g_auto(jd_block_data) block;
    jd_block_data_init(&block);
    if (!jd_block_find(store, place, id, &row, error) ||
        (row != 0 && !jd_block_data_read(&block, store, row, place->dimension, error)))
        return NULL;
    float *vector = copy_vector(&block, id, place->dimension);
    if (!vector)
        jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_EMBED_MISSING,
                     "%s: %c%" G_GINT64_FORMAT
                     " has no vector in the embedding space %" G_GINT64_FORMAT,
                     store->path, jd_item_letter(place->kind), id, place->space);
    return vector;
}

float *jd_sqlite_get_vector(jd_store *base, gint64 space, jd_item_kind kind, gint64 id,
                            GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    jd_vector_place place;
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    float *vector = jd_vector_place_find(store, space, kind, &place, error)
                        ? jd_vector_get(store, &place, id, error)
                        : NULL;
    jd_read_leave(store, entered);
    return vector;
}
