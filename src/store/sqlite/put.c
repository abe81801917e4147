/* Storing a document with its items. */
#include "store/sqlite/backend.h"
#include "store/sqlite/documents.h"
#include "store/sqlite/items.h"
#include "store/sqlite/pictures.h"
#include "store/sqlite/remove.h"
#include "store/sqlite/words.h"

#define PLACE                                                                                      \
    "document, ordinal, page, box_left, box_top, box_right, box_bottom, start_byte, "              \
    "end_byte, language, section, "
#define PLACE_VALUES "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
enum { PLACE_COUNT = 11 };

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* ---- the document's row ---- */

static gboolean find_id(jd_sqlite *store, const jd_document_info *info, gint64 *id, GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT id FROM document WHERE collection = ?1 AND uri = ?2", error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "tt", info->collection, info->uri);
    jd_step step = jd_sql_step(store, sql, error);
    *id = step == JD_STEP_ROW ? sqlite3_column_int64(sql, 0) : 0;
    return step != JD_STEP_FAILED;
}

static gint64 count_kind(const GPtrArray *items, jd_item_kind kind)
{
    gint64 n = 0;
    for (guint i = 0; i < items->len; i++)
        n += ((const jd_item *)items->pdata[i])->kind == kind;
    return n;
}

static gboolean write_row(jd_sqlite *store, const jd_store_document *document, gint64 *id,
                          GError **error)
{
    const jd_document_info *info = document->info;
    const char *text =
        *id == 0
            ? "INSERT INTO document(collection, uri, title, media_type, sha256, language,"
              " published, authors, mtime, size, chunk_count, image_count, settings)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            : "UPDATE document SET collection = ?1, uri = ?2, title = ?3, media_type = ?4,"
              " sha256 = ?5, language = ?6, published = ?7, authors = ?8, mtime = ?9, size = ?10,"
              " chunk_count = ?11, image_count = ?12, settings = ?13 WHERE id = ?14";
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "ttttttttiiiit", info->collection, info->uri, or_empty(info->title),
                or_empty(info->media_type), or_empty(info->sha256), info->language, info->published,
                info->authors, info->mtime, info->size, count_kind(document->items, JD_ITEM_TEXT),
                count_kind(document->items, JD_ITEM_IMAGE), or_empty(document->settings));
    if (*id != 0)
        sqlite3_bind_int64(sql, 14, *id);
    if (!jd_sql_run(store, sql, error))
        return FALSE;
    if (*id == 0)
        *id = sqlite3_last_insert_rowid(store->db);
    return TRUE;
}

/* ---- items ---- */

static void bind_place(sqlite3_stmt *sql, const jd_item *item, gint64 document, const char *section)
{
    jd_sql_bind(sql, "iiiddddiitt", document, (gint64)item->ordinal, (gint64)item->page,
                (double)item->box[0], (double)item->box[1], (double)item->box[2],
                (double)item->box[3], item->start, item->end, item->language, section);
}

static gboolean put_chunk(jd_sqlite *store, const jd_item *item, gint64 document,
                          const char *section, GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(store, "INSERT INTO chunk(" PLACE "text) VALUES (" PLACE_VALUES "?12)", error);
    if (!sql)
        return FALSE;
    bind_place(sql, item, document, section);
    sqlite3_bind_text(sql, PLACE_COUNT + 1, or_empty(item->text), -1, SQLITE_STATIC);
    return jd_sql_run(store, sql, error);
}

static gboolean put_image(jd_sqlite *store, const jd_item *item, gint64 document,
                          const char *section, GError **error)
{
    gint64 picture;
    if (!jd_picture_put(store, item, &picture, error))
        return FALSE;
    g_auto(jd_sql) sql = jd_sql_get(
        store,
        "INSERT INTO image(" PLACE "picture, width, height, source, caption, alt, ocr, nearby)"
        " VALUES (" PLACE_VALUES "nullif(?12, 0), ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
        error);
    if (!sql)
        return FALSE;
    bind_place(sql, item, document, section);
    int column = PLACE_COUNT + 1;
    sqlite3_bind_int64(sql, column++, picture);
    sqlite3_bind_int(sql, column++, item->width);
    sqlite3_bind_int(sql, column++, item->height);
    const char *const texts[] = {item->source, item->caption, item->alt, item->ocr, item->nearby};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        sqlite3_bind_text(sql, column++, texts[i], -1, SQLITE_STATIC);
    return jd_sql_run(store, sql, error);
}

static gboolean put_item(jd_sqlite *store, const jd_item *item, gint64 document,
                         const jd_item_terms *terms, GError **error)
{
    g_autofree char *section = jd_section_join(item->section);
    gboolean stored = item->kind == JD_ITEM_TEXT ? put_chunk(store, item, document, section, error)
                                                 : put_image(store, item, document, section, error);
    return stored && jd_store_words_add(store, item->kind, sqlite3_last_insert_rowid(store->db),
                                        terms, error);
}

static gboolean put_items(jd_sqlite *store, const jd_store_document *document, gint64 id,
                          GError **error)
{
    const GPtrArray *items = document->items;
    g_autoptr(GPtrArray) made = NULL;
    if (!document->terms) {
        if (!store->term_maker)
            store->term_maker = jd_term_maker_new();
        made = jd_terms_make(store->term_maker, document->info->title, items);
    }
    const GPtrArray *terms = made ? made : document->terms;
    for (guint i = 0; i < items->len; i++)
        if (!put_item(store, items->pdata[i], id, terms->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* ---- languages ---- */

static gboolean count_languages(jd_sqlite *store, const GPtrArray *items, GError **error)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < items->len; i++) {
        const jd_item *item = items->pdata[i];
        if (!item->language)
            continue;
        gpointer n = g_hash_table_lookup(counts, item->language);
        g_hash_table_insert(counts, item->language, GINT_TO_POINTER(GPOINTER_TO_INT(n) + 1));
    }
    GHashTableIter iter;
    gpointer code, n;
    for (g_hash_table_iter_init(&iter, counts); g_hash_table_iter_next(&iter, &code, &n);)
        if (!jd_sql_do(store, error,
                       "INSERT INTO language(code, items) VALUES (?1, ?2)"
                       " ON CONFLICT(code) DO UPDATE SET items = items + excluded.items",
                       "ti", (const char *)code, (gint64)GPOINTER_TO_INT(n)))
            return FALSE;
    return TRUE;
}

static gboolean put(jd_sqlite *store, const jd_store_document *document, gint64 *id, GError **error)
{
    if (!find_id(store, document->info, id, error))
        return FALSE;
    if (*id != 0 && !jd_remove_items(store, *id, error))
        return FALSE;
    if (!write_row(store, document, id, error))
        return FALSE;
    return put_items(store, document, *id, error) && count_languages(store, document->items, error);
}

gboolean jd_sqlite_put_document(jd_store *base, const jd_store_document *document, gint64 *id,
                                GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gint64 stored = 0;
    if (!jd_write_enter(store, error) ||
        !jd_write_leave(store, put(store, document, &stored, error), error))
        return FALSE;
    if (id)
        *id = stored;
    return TRUE;
}
