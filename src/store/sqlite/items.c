#include "store/sqlite/items.h"

#include "base/error.h"
#include "base/remedy.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/documents.h"
#include "store/sqlite/filter.h"
#include "store/sqlite/schema.h"

#include <string.h>

#define PLACE_COLUMNS                                                                              \
    "x.id, x.document, x.ordinal, x.page, x.box_left, x.box_top, x.box_right, x.box_bottom, "      \
    "x.start_byte, x.end_byte, x.language, x.section, "
#define CHUNK_ROWS "SELECT " PLACE_COLUMNS "x.text FROM chunk x "
#define IMAGE_ROWS                                                                                 \
    "SELECT " PLACE_COLUMNS "x.caption, x.alt, x.ocr, x.nearby, x.source, p.sha256, "              \
    "p.media_type, x.width, x.height FROM image x LEFT JOIN picture p ON p.id = x.picture "

static const char *rows_of(jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT ? CHUNK_ROWS : IMAGE_ROWS;
}

char jd_item_letter(jd_item_kind kind)
{
    return kind == JD_ITEM_TEXT ? 't' : 'i';
}

void jd_item_set_not_found(jd_sqlite *store, jd_item_kind kind, gint64 id, GError **error)
{
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_LIST_ITEMS,
                 "%s: there is no %s %c%" G_GINT64_FORMAT, store->path,
                 kind == JD_ITEM_TEXT ? "text" : "image", jd_item_letter(kind), id);
}

char *jd_section_join(char *const *section)
{
    GString *joined = g_string_new(NULL);
    for (gsize i = 0; section && section[i]; i++) {
        gsize start = joined->len;
        if (i > 0)
            g_string_append(joined, JD_SCHEMA_SEPARATOR);
        g_string_append(joined, section[i]);
        /* A heading that holds the separator would come back as two. */
        for (gsize at = start + (i > 0); at < joined->len; at++)
            if (joined->str[at] == JD_SCHEMA_SEPARATOR[0])
                joined->str[at] = ' ';
    }
    return g_string_free(joined, FALSE);
}

char **jd_section_split(const char *joined)
{
    return g_strsplit(joined ? joined : "", JD_SCHEMA_SEPARATOR, -1);
}

static jd_item *read_item(sqlite3_stmt *sql, jd_item_kind kind)
{
    jd_item *item = jd_item_new(kind);
    int column = 0;
    item->id = sqlite3_column_int64(sql, column++);
    column++; /* the document, which the caller looks up */
    item->ordinal = sqlite3_column_int(sql, column++);
    item->page = sqlite3_column_int(sql, column++);
    for (gsize i = 0; i < G_N_ELEMENTS(item->box); i++)
        item->box[i] = (float)sqlite3_column_double(sql, column++);
    item->start = sqlite3_column_int64(sql, column++);
    item->end = sqlite3_column_int64(sql, column++);
    item->language = jd_sql_text(sql, column++);
    g_strfreev(item->section);
    item->section = jd_section_split((const char *)sqlite3_column_text(sql, column++));
    if (kind == JD_ITEM_TEXT) {
        item->text = jd_sql_text(sql, column++);
        return item;
    }
    item->caption = jd_sql_text(sql, column++);
    item->alt = jd_sql_text(sql, column++);
    item->ocr = jd_sql_text(sql, column++);
    item->nearby = jd_sql_text(sql, column++);
    item->source = jd_sql_text(sql, column++);
    item->sha256 = jd_sql_text(sql, column++);
    item->media_type = jd_sql_text(sql, column++);
    item->width = sqlite3_column_int(sql, column++);
    item->height = sqlite3_column_int(sql, column++);
    return item;
}

typedef struct reader {
    jd_sqlite *store;
    sqlite3_stmt *sql;
    jd_item_kind kind;
    GHashTable *documents;
} reader;

/* The next row as an item, or NULL: at the end with *failed as it was, else with *failed TRUE. */
static jd_item *read_next(const reader *from, gboolean *failed, GError **error)
{
    switch (jd_sql_step(from->store, from->sql, error)) {
    case JD_STEP_DONE:
        return NULL;
    case JD_STEP_FAILED:
        *failed = TRUE;
        return NULL;
    default:
        break;
    }
    g_autoptr(jd_item) item = read_item(from->sql, from->kind);
    item->document =
        jd_document_get(from->store, sqlite3_column_int64(from->sql, 1), from->documents, error);
    *failed = item->document == NULL;
    return *failed ? NULL : g_steal_pointer(&item);
}

/* ---- operations ---- */

static gboolean walk_items(jd_sqlite *store, const jd_item_walk *walk, GError **error)
{
    g_autoptr(GString) text = g_string_new(rows_of(walk->kind));
    g_string_append(text, "JOIN document d ON d.id = x.document WHERE 1");
    jd_filter_append(walk->filter, "x", text);
    g_string_append(text, " ORDER BY x.id");
    g_auto(jd_own_sql) sql = jd_sql_new(store, text->str, error);
    if (!sql)
        return FALSE;
    jd_filter_bind(walk->filter, sql);
    g_autoptr(GHashTable) documents = jd_document_cache_new();
    reader from = {.store = store, .sql = sql, .kind = walk->kind, .documents = documents};
    gboolean failed = FALSE, go_on = TRUE;
    while (go_on) {
        g_autoptr(jd_item) item = read_next(&from, &failed, error);
        go_on = item && walk->each(item, walk->user);
    }
    return !failed;
}

gboolean jd_sqlite_each_item(jd_store *base, const jd_item_walk *walk, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return FALSE;
    gboolean ok = walk_items(store, walk, error);
    jd_read_leave(store, entered);
    return ok;
}

static gboolean append_item(GPtrArray *items, const reader *from, gint64 id, GError **error)
{
    gboolean failed = FALSE;
    sqlite3_bind_int64(from->sql, 1, id);
    jd_item *item = read_next(from, &failed, error);
    sqlite3_reset(from->sql);
    if (item)
        g_ptr_array_add(items, item);
    else if (!failed)
        jd_item_set_not_found(from->store, from->kind, id, error);
    return item != NULL;
}

static GPtrArray *get_items(const reader *from, const gint64 *ids, gsize n, GError **error)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    for (gsize i = 0; i < n; i++)
        if (!append_item(items, from, ids[i], error))
            return NULL;
    return g_steal_pointer(&items);
}

GPtrArray *jd_sqlite_get_items(jd_store *base, jd_item_kind kind, const gint64 *ids, gsize n,
                               GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    const char *text =
        kind == JD_ITEM_TEXT ? CHUNK_ROWS "WHERE x.id = ?1" : IMAGE_ROWS "WHERE x.id = ?1";
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    g_autoptr(GHashTable) documents = jd_document_cache_new();
    reader from = {.store = store, .sql = sql, .kind = kind, .documents = documents};
    GPtrArray *items = sql ? get_items(&from, ids, n, error) : NULL;
    jd_read_leave(store, entered);
    return items;
}

static GPtrArray *get_range(const reader *from, GError **error)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    gboolean failed = FALSE;
    jd_item *item;
    while ((item = read_next(from, &failed, error)))
        g_ptr_array_add(items, item);
    return failed ? NULL : g_steal_pointer(&items);
}

GPtrArray *jd_sqlite_get_range(jd_store *base, const jd_item_range *range, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
#define IN_RANGE "WHERE x.document = ?1 AND x.ordinal BETWEEN ?2 AND ?3 ORDER BY x.ordinal, x.id"
    const char *text = range->kind == JD_ITEM_TEXT ? CHUNK_ROWS IN_RANGE : IMAGE_ROWS IN_RANGE;
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    g_autoptr(GHashTable) documents = jd_document_cache_new();
    reader from = {.store = store, .sql = sql, .kind = range->kind, .documents = documents};
    if (sql)
        jd_sql_bind(sql, "iii", range->document, (gint64)range->first, (gint64)range->last);
    GPtrArray *items = sql ? get_range(&from, error) : NULL;
    jd_read_leave(store, entered);
    return items;
}

gboolean jd_sqlite_is_shown(jd_store *base, const char *collection, const char *sha256,
                            gboolean *shown, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store,
                   "SELECT 1 FROM picture p JOIN image i ON i.picture = p.id"
                   " JOIN document d ON d.id = i.document"
                   " WHERE p.sha256 = ?1 AND d.collection = ?2 AND d.media_type NOT LIKE 'image/%'"
                   " LIMIT 1",
                   error);
    if (!sql)
        return FALSE;
    jd_sql_bind(sql, "tt", sha256, collection);
    jd_step step = jd_sql_step(store, sql, error);
    if (step != JD_STEP_FAILED)
        *shown = step == JD_STEP_ROW;
    return step != JD_STEP_FAILED;
}
