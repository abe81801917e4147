#include "store/sqlite/remove.h"

#include "store/sqlite/backend.h"
#include "store/sqlite/documents.h"
#include "store/sqlite/items.h"
#include "store/sqlite/pictures.h"
#include "store/sqlite/vectors.h"
#include "store/sqlite/words.h"

/* ---- what hangs on a document's items ---- */

static gboolean uncount_languages(jd_sqlite *store, gint64 document, GError **error)
{
    return jd_sql_do(store, error,
                     "UPDATE language SET items = items"
                     " - (SELECT count(*) FROM chunk WHERE document = ?1 AND language = code)"
                     " - (SELECT count(*) FROM image WHERE document = ?1 AND language = code)",
                     "i", document) &&
           jd_sql_do(store, error, "DELETE FROM language WHERE items <= 0", "");
}

static gboolean remove_vectors(jd_sqlite *store, jd_item_kind kind, gint64 document, GError **error)
{
    g_autoptr(GArray) ids =
        jd_sql_ids(store, error,
                   kind == JD_ITEM_TEXT ? "SELECT id FROM chunk WHERE document = ?1 ORDER BY id"
                                        : "SELECT id FROM image WHERE document = ?1 ORDER BY id",
                   "i", document);
    return ids &&
           jd_vectors_remove(store, kind, (const gint64 *)(void *)ids->data, ids->len, error);
}

gboolean jd_remove_items(jd_sqlite *store, gint64 document, GError **error)
{
    g_autoptr(GArray) pictures =
        jd_sql_ids(store, error,
                   "SELECT DISTINCT picture FROM image WHERE document = ?1 AND picture IS NOT NULL",
                   "i", document);
    return pictures && uncount_languages(store, document, error) &&
           jd_store_words_remove_document(store, JD_ITEM_TEXT, document, error) &&
           jd_store_words_remove_document(store, JD_ITEM_IMAGE, document, error) &&
           remove_vectors(store, JD_ITEM_TEXT, document, error) &&
           remove_vectors(store, JD_ITEM_IMAGE, document, error) &&
           jd_sql_do(store, error, "DELETE FROM chunk WHERE document = ?1", "i", document) &&
           jd_sql_do(store, error, "DELETE FROM image WHERE document = ?1", "i", document) &&
           jd_pictures_drop_orphans(store, pictures, error);
}

/* ---- operations ---- */

gboolean jd_sqlite_remove_document(jd_store *base, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 found = 0;
    if (!jd_sql_integer(store, "SELECT id FROM document WHERE id = ?1", id, &found, error))
        return FALSE;
    if (found == 0) {
        jd_document_set_not_found(store, id, error);
        return FALSE;
    }
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = jd_remove_items(store, id, error) &&
                  jd_sql_do(store, error, "DELETE FROM document WHERE id = ?1", "i", id);
    return jd_write_leave(store, ok, error);
}

typedef struct item_row {
    gint64 document, picture;
    char *language;
} item_row;

/* *row stays as it is where there is no such item. */
static gboolean find_item(jd_sqlite *store, jd_item_kind kind, gint64 id, item_row *row,
                          GError **error)
{
    g_auto(jd_sql) sql = jd_sql_get(
        store,
        kind == JD_ITEM_TEXT ? "SELECT document, 0, language FROM chunk WHERE id = ?1"
                             : "SELECT document, picture, language FROM image WHERE id = ?1",
        error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "i", id);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_ROW)
        *row = (item_row){.document = sqlite3_column_int64(sql, 0),
                          .picture = sqlite3_column_int64(sql, 1),
                          .language = jd_sql_text(sql, 2)};
    return step != JD_STEP_FAILED;
}

static gboolean remove_item(jd_sqlite *store, jd_item_kind kind, gint64 id, const item_row *row,
                            GError **error)
{
    gboolean text = kind == JD_ITEM_TEXT;
    g_autoptr(GArray) pictures = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_array_append_val(pictures, row->picture);
    return jd_store_words_remove_item(store, kind, id, error) &&
           jd_vectors_remove(store, kind, &id, 1, error) &&
           jd_sql_do(store, error,
                     text ? "DELETE FROM chunk WHERE id = ?1" : "DELETE FROM image WHERE id = ?1",
                     "i", id) &&
           jd_sql_do(store, error,
                     text ? "UPDATE document SET chunk_count = chunk_count - 1 WHERE id = ?1"
                          : "UPDATE document SET image_count = image_count - 1 WHERE id = ?1",
                     "i", row->document) &&
           jd_sql_do(store, error, "UPDATE language SET items = items - 1 WHERE code = ?1", "t",
                     row->language) &&
           jd_sql_do(store, error, "DELETE FROM language WHERE items <= 0", "") &&
           jd_pictures_drop_orphans(store, pictures, error);
}

gboolean jd_sqlite_remove_item(jd_store *base, jd_item_kind kind, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    item_row row = {0};
    if (!find_item(store, kind, id, &row, error))
        return FALSE;
    if (row.document == 0) {
        jd_item_set_not_found(store, kind, id, error);
        return FALSE;
    }
    gboolean ok = jd_write_enter(store, error) &&
                  jd_write_leave(store, remove_item(store, kind, id, &row, error), error);
    g_free(row.language);
    return ok;
}
