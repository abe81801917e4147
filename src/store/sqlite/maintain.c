#include "store/sqlite/backend.h"
#include "store/sqlite/db.h"
#include "store/sqlite/vector_cache.h"

#include <glib/gstdio.h>

static gboolean drop_leftovers(jd_sqlite *store, GError **error)
{
    static const struct {
        const char *table, *merge;
    } indexes[] = {
        {"chunk_words", "INSERT INTO chunk_words(chunk_words) VALUES ('optimize')"},
        {"image_words", "INSERT INTO image_words(image_words) VALUES ('optimize')"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(indexes); i++) {
        if (!jd_sql_do(store, error, "DELETE FROM leftover WHERE word_table = ?1", "t",
                       indexes[i].table))
            return FALSE;
        if (sqlite3_changes(store->db) > 0 && !jd_sql_do(store, error, indexes[i].merge, ""))
            return FALSE;
    }
    return TRUE;
}

gboolean jd_sqlite_compact(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error) ||
        !jd_write_leave(store, drop_leftovers(store, error), error))
        return FALSE;
    jd_vector_caches_update(store, FALSE);
    if (!jd_sql_exec(store, "PRAGMA incremental_vacuum", error))
        return FALSE;
    /* The log still holds pages as they were. Where somebody reads them, the next time will do. */
    int rc = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY)
        return TRUE;
    jd_sqlite_set_error(store, error, "give space back");
    return FALSE;
}

/* With what waits in the log beside it. */
static guint64 size_on_disk(const jd_sqlite *store)
{
    g_autofree char *wal = g_strconcat(store->path, "-wal", NULL);
    GStatBuf info;
    guint64 size = g_stat(store->path, &info) == 0 ? (guint64)info.st_size : 0;
    return size + (g_stat(wal, &info) == 0 ? (guint64)info.st_size : 0);
}

gboolean jd_sqlite_get_stats(jd_store *base, jd_store_stats *stats, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 counts[6] = {0};
    static const char *const queries[G_N_ELEMENTS(counts)] = {
        "SELECT count(*) FROM document",
        "SELECT ifnull(sum(chunk_count), 0) FROM document",
        "SELECT ifnull(sum(image_count), 0) FROM document",
        "SELECT count(*) FROM picture",
        "SELECT ifnull(sum(count), 0) FROM vector_block",
        "PRAGMA user_version",
    };
    gboolean entered, ok = TRUE;
    if (!jd_read_enter(store, &entered, error))
        return FALSE;
    for (gsize i = 0; ok && i < G_N_ELEMENTS(counts); i++)
        ok = jd_sql_integer(store, queries[i], 0, &counts[i], error);
    jd_read_leave(store, entered);
    if (ok)
        *stats = (jd_store_stats){.documents = (guint64)counts[0],
                                  .chunks = (guint64)counts[1],
                                  .images = (guint64)counts[2],
                                  .pictures = (guint64)counts[3],
                                  .vectors = (guint64)counts[4],
                                  .schema_version = (int)counts[5],
                                  .bytes = size_on_disk(store)};
    return ok;
}
