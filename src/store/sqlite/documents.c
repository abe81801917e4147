#include "store/sqlite/documents.h"

#include "base/error.h"
#include "base/remedy.h"
#include "store/sqlite/backend.h"

jd_document_info *jd_document_read(sqlite3_stmt *sql)
{
    jd_document_info *info = jd_document_info_new();
    int column = 0;
    info->id = sqlite3_column_int64(sql, column++);
    info->collection = jd_sql_text(sql, column++);
    info->uri = jd_sql_text(sql, column++);
    info->title = jd_sql_text(sql, column++);
    info->media_type = jd_sql_text(sql, column++);
    info->sha256 = jd_sql_text(sql, column++);
    info->language = jd_sql_text(sql, column++);
    info->published = jd_sql_text(sql, column++);
    info->authors = jd_sql_text(sql, column++);
    info->mtime = sqlite3_column_int64(sql, column++);
    info->size = sqlite3_column_int64(sql, column++);
    info->chunk_count = (guint)sqlite3_column_int64(sql, column++);
    info->image_count = (guint)sqlite3_column_int64(sql, column++);
    return info;
}

void jd_document_set_not_found(jd_sqlite *store, gint64 id, GError **error)
{
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_LIST_DOCUMENTS,
                 "%s: there is no document d%" G_GINT64_FORMAT, store->path, id);
}

GHashTable *jd_document_cache_new(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
                                 (GDestroyNotify)jd_document_info_unref);
}

jd_document_info *jd_document_get(jd_sqlite *store, gint64 id, GHashTable *known, GError **error)
{
    enum { CACHE_SIZE = 256 };
    jd_document_info *info = g_hash_table_lookup(known, &id);
    if (info)
        return jd_document_info_ref(info);
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT " JD_DOCUMENT_COLUMNS " FROM document d WHERE d.id = ?1", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "i", id);
    switch (jd_sql_step(store, sql, error)) {
    case JD_STEP_ROW:
        if (g_hash_table_size(known) >= CACHE_SIZE)
            g_hash_table_remove_all(known);
        info = jd_document_read(sql);
        g_hash_table_insert(known, &info->id, jd_document_info_ref(info));
        return info;
    case JD_STEP_DONE:
        jd_document_set_not_found(store, id, error);
        return NULL;
    default:
        return NULL;
    }
}

gboolean jd_sqlite_find_document(jd_store *base, const char *collection, const char *uri,
                                 jd_document_info **info, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql = jd_sql_get(store,
                                    "SELECT " JD_DOCUMENT_COLUMNS
                                    " FROM document d WHERE d.collection = ?1 AND d.uri = ?2",
                                    error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "tt", collection, uri);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_FAILED)
        return FALSE;
    *info = step == JD_STEP_ROW ? jd_document_read(sql) : NULL;
    return TRUE;
}

char *jd_sqlite_document_settings(jd_store *base, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql = jd_sql_get(store, "SELECT settings FROM document WHERE id = ?1", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "i", id);
    switch (jd_sql_step(store, sql, error)) {
    case JD_STEP_ROW:
        return jd_sql_text(sql, 0);
    case JD_STEP_DONE:
        jd_document_set_not_found(store, id, error);
        return NULL;
    default:
        return NULL;
    }
}
