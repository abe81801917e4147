#include "store/sqlite/pictures.h"

#include "base/error.h"
#include "base/hash.h"
#include "store/sqlite/backend.h"

/* The picture with this hash; *id stays 0 where there is none. */
static gboolean find_picture(jd_sqlite *store, const char *sha256, gint64 *id, GError **error)
{
    g_auto(jd_sql) sql = jd_sql_get(store, "SELECT id FROM picture WHERE sha256 = ?1", error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "t", sha256);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_ROW)
        *id = sqlite3_column_int64(sql, 0);
    return step != JD_STEP_FAILED;
}

gboolean jd_picture_put(jd_sqlite *store, const jd_item *item, gint64 *id, GError **error)
{
    g_autofree char *computed = NULL;
    const char *sha256 = item->sha256;
    if (item->bytes && !sha256) {
        gsize size;
        const void *data = g_bytes_get_data(item->bytes, &size);
        sha256 = computed = jd_sha256(data, size);
    }
    *id = 0;
    if (sha256 && !find_picture(store, sha256, id, error))
        return FALSE;
    if (*id != 0 || !item->bytes)
        return TRUE;
    if (!jd_sql_do(store, error,
                   "INSERT INTO picture(sha256, media_type, bytes) VALUES (?1, ?2, ?3)", "ttb",
                   sha256, item->media_type ? item->media_type : "", item->bytes))
        return FALSE;
    *id = sqlite3_last_insert_rowid(store->db);
    return TRUE;
}

gboolean jd_pictures_drop_orphans(jd_sqlite *store, const GArray *pictures, GError **error)
{
    for (guint i = 0; i < pictures->len; i++)
        if (!jd_sql_do(store, error,
                       "DELETE FROM picture WHERE id = ?1"
                       " AND NOT EXISTS (SELECT 1 FROM image WHERE picture = ?1)"
                       " AND NOT EXISTS (SELECT 1 FROM message WHERE picture = ?1)",
                       "i", g_array_index(pictures, gint64, i)))
            return FALSE;
    return TRUE;
}

GBytes *jd_sqlite_get_picture(jd_store *base, const char *sha256, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql = jd_sql_get(store, "SELECT bytes FROM picture WHERE sha256 = ?1", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "t", sha256);
    switch (jd_sql_step(store, sql, error)) {
    case JD_STEP_ROW: {
        const void *bytes = sqlite3_column_blob(sql, 0);
        return g_bytes_new(bytes, sqlite3_column_bytes(sql, 0));
    }
    case JD_STEP_DONE:
        jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "%s: there is no picture %s", store->path,
                     sha256);
        return NULL;
    default:
        return NULL;
    }
}
