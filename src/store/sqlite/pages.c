/* Documents, all or a page at a time, and the collections that they are in. */
#include "store/sqlite/backend.h"
#include "store/sqlite/documents.h"
#include "store/sqlite/filter.h"

static const char *order_by(jd_document_order order)
{
    switch (order) {
    case JD_ORDER_NEWEST:
        return " ORDER BY d.id DESC";
    case JD_ORDER_TITLE:
        return " ORDER BY d.title COLLATE NOCASE, d.id";
    case JD_ORDER_CHANGED:
        return " ORDER BY d.mtime DESC, d.id";
    default:
        return " ORDER BY d.id";
    }
}

static gboolean count_documents(jd_sqlite *store, const jd_filter *filter, guint64 *count,
                                GError **error)
{
    g_autoptr(GString) text = g_string_new("SELECT count(*) FROM document d WHERE 1");
    jd_filter_append(filter, NULL, text);
    g_auto(jd_own_sql) sql = jd_sql_new(store, text->str, error);
    if (!sql)
        return FALSE;
    jd_filter_bind(filter, sql);
    if (jd_sql_step(store, sql, error) != JD_STEP_ROW)
        return FALSE;
    *count = (guint64)sqlite3_column_int64(sql, 0);
    return TRUE;
}

static GPtrArray *read_page(jd_sqlite *store, const jd_document_query *query, GError **error)
{
    g_autoptr(GString) text =
        g_string_new("SELECT " JD_DOCUMENT_COLUMNS " FROM document d WHERE 1");
    jd_filter_append(query->filter, NULL, text);
    g_string_append(text, order_by(query->order));
    g_string_append_printf(text, " LIMIT %d OFFSET %" G_GINT64_FORMAT,
                           query->page.limit > 0 ? query->page.limit : -1, query->page.offset);
    g_auto(jd_own_sql) sql = jd_sql_new(store, text->str, error);
    if (!sql)
        return NULL;
    jd_filter_bind(query->filter, sql);
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)jd_document_info_unref);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        g_ptr_array_add(list, jd_document_read(sql));
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}

GPtrArray *jd_sqlite_list_documents(jd_store *base, const jd_filter *filter, GError **error)
{
    return read_page(jd_sqlite_of(base), &(jd_document_query){.filter = filter}, error);
}

GPtrArray *jd_sqlite_page_documents(jd_store *base, const jd_document_query *query, guint64 *total,
                                    GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gboolean entered;
    guint64 count = 0;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    GPtrArray *list = count_documents(store, query->filter, &count, error)
                          ? read_page(store, query, error)
                          : NULL;
    jd_read_leave(store, entered);
    if (list)
        *total = count;
    return list;
}

static void collection_free(gpointer data)
{
    jd_collection_info *info = data;
    g_free(info->name);
    g_free(info);
}

GPtrArray *jd_sqlite_list_collections(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   "SELECT collection, count(*), sum(chunk_count), sum(image_count), sum(size)"
                   " FROM document GROUP BY collection ORDER BY collection",
                   error);
    if (!sql)
        return NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(collection_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        jd_collection_info *info = g_new0(jd_collection_info, 1);
        info->name = jd_sql_text(sql, 0);
        info->documents = (guint64)sqlite3_column_int64(sql, 1);
        info->chunks = (guint64)sqlite3_column_int64(sql, 2);
        info->images = (guint64)sqlite3_column_int64(sql, 3);
        info->bytes = (guint64)sqlite3_column_int64(sql, 4);
        g_ptr_array_add(list, info);
    }
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}
