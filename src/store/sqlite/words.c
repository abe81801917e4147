#include "store/sqlite/words.h"

#include "store/sqlite/backend.h"
#include "store/sqlite/schema.h"

const char *jd_store_words_table(jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT ? "chunk_words" : "image_words";
}

/* Must give the terms that the views chunk_content and image_content give. */
gboolean jd_store_words_add(jd_sqlite *store, jd_item_kind kind, gint64 id,
                            const jd_item_terms *terms, GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   kind == JD_ITEM_TEXT
                       ? "INSERT INTO chunk_words(rowid, title, section, text)"
                         " VALUES (?1, ?2, ?3, ?4)"
                       : "INSERT INTO image_words(rowid, title, section, caption, alt, ocr, nearby)"
                         " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   error);
    if (!sql)
        return FALSE;
    sqlite3_bind_int64(sql, 1, id);
    for (int i = 0; i < JD_TERMS_FIELDS && terms->fields[i]; i++)
        sqlite3_bind_text64(sql, i + 2, terms->fields[i], g_ref_string_length(terms->fields[i]),
                            SQLITE_STATIC, SQLITE_UTF8);
    return jd_sql_run(store, sql, error);
}

gboolean jd_store_words_remove_item(jd_sqlite *store, jd_item_kind kind, gint64 id, GError **error)
{
    return jd_sql_do(store, error,
                     "INSERT INTO leftover(word_table) VALUES (?1) ON CONFLICT DO NOTHING", "t",
                     jd_store_words_table(kind)) &&
           jd_sql_do(store, error,
                     kind == JD_ITEM_TEXT ? "DELETE FROM chunk_words WHERE rowid = ?1"
                                          : "DELETE FROM image_words WHERE rowid = ?1",
                     "i", id);
}

gboolean jd_store_words_remove_document(jd_sqlite *store, jd_item_kind kind, gint64 document,
                                        GError **error)
{
    /* Falling ids would make FTS5 write its index out after every one. */
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   kind == JD_ITEM_TEXT ? "SELECT id FROM chunk WHERE document = ?1 ORDER BY id"
                                        : "SELECT id FROM image WHERE document = ?1 ORDER BY id",
                   error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "i", document);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        if (!jd_store_words_remove_item(store, kind, sqlite3_column_int64(sql, 0), error))
            return FALSE;
    return step == JD_STEP_DONE;
}

GPtrArray *jd_sqlite_languages(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT code FROM language ORDER BY items DESC, code", error);
    if (!sql)
        return NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        g_ptr_array_add(list, jd_sql_text(sql, 0));
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}
