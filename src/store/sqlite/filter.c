#include "store/sqlite/filter.h"

#include "base/fold.h"

#include <string.h>

/* ---- SQL functions ---- */

/* jd_contains(text, part): case and ways of composing characters ignored. `part` is folded once a
 * statement. */
static void sql_contains(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *text = (const char *)sqlite3_value_text(values[0]);
    char *part = sqlite3_get_auxdata(context, 1);
    if (!part) {
        const char *given = (const char *)sqlite3_value_text(values[1]);
        if (!text || !given)
            return;
        part = jd_fold(given, strlen(given), FALSE);
        sqlite3_set_auxdata(context, 1, part, g_free);
        part = sqlite3_get_auxdata(context, 1);
        if (!part) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    g_autofree char *folded = text ? jd_fold(text, strlen(text), FALSE) : NULL;
    sqlite3_result_int(context, folded && strstr(folded, part));
}

/* Short names that are no subtype of themselves ("png" is: image/png). */
static const struct {
    const char *name, *media_type;
} short_names[] = {
    {"markdown", "text/markdown"},
    {"md", "text/markdown"},
    {"text", "text/plain"},
    {"txt", "text/plain"},
    {"htm", "text/html"},
    {"html", "application/xhtml+xml"},
    {"xhtml", "application/xhtml+xml"},
    {"jpg", "image/jpeg"},
    {"image", "image/"},
    {"picture", "image/"},
    {"epub", "application/epub+zip"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
};

static gboolean begins(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static gboolean is_type(const char *media_type, const char *wanted)
{
    if (strchr(wanted, '/'))
        return begins(media_type, wanted);
    for (gsize i = 0; i < G_N_ELEMENTS(short_names); i++)
        if (g_ascii_strcasecmp(wanted, short_names[i].name) == 0 &&
            begins(media_type, short_names[i].media_type))
            return TRUE;
    const char *slash = strchr(media_type, '/');
    return slash && g_ascii_strcasecmp(slash + 1, wanted) == 0;
}

static void sql_is_type(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *media_type = (const char *)sqlite3_value_text(values[0]);
    const char *wanted = (const char *)sqlite3_value_text(values[1]);
    sqlite3_result_int(context, media_type && wanted && is_type(media_type, wanted));
}

int jd_filter_register(sqlite3 *db)
{
    enum { FLAGS = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY };
    int rc = sqlite3_create_function_v2(db, "jd_contains", 2, FLAGS, NULL, sql_contains, NULL, NULL,
                                        NULL);
    return rc != SQLITE_OK ? rc
                           : sqlite3_create_function_v2(db, "jd_is_type", 2, FLAGS, NULL,
                                                        sql_is_type, NULL, NULL, NULL);
}

/* ---- conditions ---- */

gboolean jd_filter_is_empty(const jd_filter *filter)
{
    return !filter || (!filter->collection && !filter->title && !filter->section && !filter->type &&
                       filter->since == 0 && filter->document == 0);
}

void jd_filter_append(const jd_filter *filter, const char *item, GString *sql)
{
    if (!filter)
        return;
    if (filter->collection)
        g_string_append(sql, " AND d.collection = :collection");
    if (filter->title)
        g_string_append(sql, " AND jd_contains(d.title, :title)");
    if (filter->type)
        g_string_append(sql, " AND jd_is_type(d.media_type, :type)");
    if (filter->since != 0)
        g_string_append(sql, " AND d.mtime >= :since");
    if (filter->document != 0)
        g_string_append(sql, " AND d.id = :document");
    if (filter->section && item)
        g_string_append_printf(sql, " AND jd_contains(%s.section, :section)", item);
    else if (filter->section)
        g_string_append(sql, " AND (EXISTS (SELECT 1 FROM chunk c WHERE c.document = d.id"
                             " AND jd_contains(c.section, :section))"
                             " OR EXISTS (SELECT 1 FROM image i WHERE i.document = d.id"
                             " AND jd_contains(i.section, :section)))");
}

static void bind_text(sqlite3_stmt *sql, const char *name, const char *text)
{
    if (text)
        sqlite3_bind_text(sql, sqlite3_bind_parameter_index(sql, name), text, -1, SQLITE_STATIC);
}

void jd_filter_bind(const jd_filter *filter, sqlite3_stmt *sql)
{
    if (!filter)
        return;
    bind_text(sql, ":collection", filter->collection);
    bind_text(sql, ":title", filter->title);
    bind_text(sql, ":section", filter->section);
    bind_text(sql, ":type", filter->type);
    if (filter->since != 0)
        sqlite3_bind_int64(sql, sqlite3_bind_parameter_index(sql, ":since"), filter->since);
    if (filter->document != 0)
        sqlite3_bind_int64(sql, sqlite3_bind_parameter_index(sql, ":document"), filter->document);
}

/* ---- id sets ---- */

gboolean jd_id_set_load(jd_id_set *set, jd_sqlite *store, jd_item_kind kind,
                        const jd_filter *filter, GError **error)
{
    *set = (jd_id_set){0};
    if (jd_filter_is_empty(filter))
        return TRUE;
    g_autoptr(GString) text = g_string_new("SELECT x.id FROM document d JOIN ");
    g_string_append(text, kind == JD_ITEM_TEXT ? "chunk" : "image");
    g_string_append(text, " x ON x.document = d.id WHERE 1");
    jd_filter_append(filter, "x", text);
    g_auto(jd_own_sql) sql = jd_sql_new(store, text->str, error);
    if (!sql)
        return FALSE;
    jd_filter_bind(filter, sql);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    gboolean sorted = TRUE;
    gint64 last = 0;
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        gint64 id = sqlite3_column_int64(sql, 0);
        sorted = sorted && id > last;
        last = id;
        g_array_append_val(ids, id);
    }
    if (step == JD_STEP_FAILED)
        return FALSE;
    if (!sorted)
        g_array_sort(ids, jd_id_compare);
    set->ids = g_steal_pointer(&ids);
    return TRUE;
}

gboolean jd_id_set_contains(jd_id_set *set, gint64 id)
{
    if (!set->ids)
        return TRUE;
    /* Gallop: the next one asked for is mostly near. */
    const gint64 *ids = (const gint64 *)(const void *)set->ids->data;
    guint n = set->ids->len, step = 1, low = set->at;
    while (low + step < n && ids[low + step] < id) {
        low += step;
        step *= 2;
    }
    guint high = MIN(low + step, n);
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    set->at = low;
    return low < n && ids[low] == id;
}

void jd_id_set_clear(jd_id_set *set)
{
    if (set->ids)
        g_array_unref(set->ids);
    *set = (jd_id_set){0};
}
