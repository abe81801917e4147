#include "store/sqlite/db.h"

#include "base/error.h"
#include "base/remedy.h"

#include <errno.h>
#include <string.h>

/* ---- errors ---- */

typedef struct code_row {
    int sqlite;
    jd_error_code code;
    const char *hint;
} code_row;

static const code_row codes[] = {
    {SQLITE_FULL, JD_ERROR_NO_SPACE, "free some space on the disk and try again"},
    {SQLITE_CORRUPT, JD_ERROR_CORRUPT, JD_REMEDY_RESTORE_OR_INGEST},
    {SQLITE_NOTADB, JD_ERROR_CORRUPT, "choose another file with --kb"},
    {SQLITE_READONLY, JD_ERROR_READ_ONLY, "check the permissions of the file and of its folder"},
    {SQLITE_PERM, JD_ERROR_READ_ONLY, "check the permissions of the file and of its folder"},
    {SQLITE_BUSY, JD_ERROR_BUSY, "try again when the other program has finished"},
    {SQLITE_LOCKED, JD_ERROR_BUSY, "try again when the other program has finished"},
    {SQLITE_CANTOPEN, JD_ERROR_IO, "check the permissions of the file and of its folder"},
    {SQLITE_IOERR, JD_ERROR_IO, "check the disk, and that the file was not moved or deleted"},
    {SQLITE_NOMEM, JD_ERROR_LIMIT, "there is not enough memory"},
    {SQLITE_TOOBIG, JD_ERROR_LIMIT, "a text or picture is larger than the database can hold"},
    {SQLITE_INTERRUPT, JD_ERROR_CANCELLED, NULL},
};

static const code_row *row_of(int sqlite)
{
    for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].sqlite == (sqlite & 0xff))
            return &codes[i];
    return NULL;
}

void jd_sqlite_set_error(jd_sqlite *store, GError **error, const char *what)
{
    int number = sqlite3_extended_errcode(store->db);
    const code_row *row = row_of(number);
    int system = sqlite3_system_errno(store->db);
    if (row && row->sqlite == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
        row = row_of(SQLITE_FULL);
    jd_set_error(error, row ? row->code : JD_ERROR_INTERNAL, row ? row->hint : NULL,
                 "%s: %scannot %s: %s", store->path,
                 (number & 0xff) == SQLITE_CORRUPT ? "is damaged or cut short: " : "", what,
                 sqlite3_errmsg(store->db));
}

/* ---- statements ---- */

static sqlite3_stmt *prepare(jd_sqlite *store, const char *text, unsigned flags, GError **error)
{
    sqlite3_stmt *sql = NULL;
    if (sqlite3_prepare_v3(store->db, text, -1, flags, &sql, NULL) == SQLITE_OK)
        return sql;
    jd_sqlite_set_error(store, error, "use the database");
    return NULL;
}

jd_sql jd_sql_get(jd_sqlite *store, const char *text, GError **error)
{
    sqlite3_stmt *sql = g_hash_table_lookup(store->statements, text);
    if (sql)
        return sql;
    sql = prepare(store, text, SQLITE_PREPARE_PERSISTENT, error);
    if (sql)
        g_hash_table_insert(store->statements, g_strdup(text), sql);
    return sql;
}

jd_own_sql jd_sql_new(jd_sqlite *store, const char *text, GError **error)
{
    return prepare(store, text, 0, error);
}

void jd_sql_release(jd_sql sql)
{
    if (!sql)
        return;
    sqlite3_reset(sql);
    sqlite3_clear_bindings(sql);
}

void jd_own_sql_release(jd_own_sql sql)
{
    sqlite3_finalize(sql);
}

static void bind_bytes(sqlite3_stmt *sql, int at, GBytes *bytes)
{
    gsize size = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &size) : NULL;
    if (data)
        sqlite3_bind_blob64(sql, at, data, size, SQLITE_STATIC);
    else if (bytes)
        sqlite3_bind_zeroblob(sql, at, 0);
    else
        sqlite3_bind_null(sql, at);
}

static void bind_list(sqlite3_stmt *sql, const char *types, va_list args)
{
    for (int at = 1; *types; types++, at++) {
        switch (*types) {
        case 'i':
            sqlite3_bind_int64(sql, at, va_arg(args, gint64));
            break;
        case 'd':
            sqlite3_bind_double(sql, at, va_arg(args, double));
            break;
        case 'b':
            bind_bytes(sql, at, va_arg(args, GBytes *));
            break;
        default:
            sqlite3_bind_text(sql, at, va_arg(args, const char *), -1, SQLITE_STATIC);
        }
    }
}

void jd_sql_bind(sqlite3_stmt *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    bind_list(sql, types, args);
    va_end(args);
}

jd_step jd_sql_step(jd_sqlite *store, sqlite3_stmt *sql, GError **error)
{
    switch (sqlite3_step(sql)) {
    case SQLITE_ROW:
        return JD_STEP_ROW;
    case SQLITE_DONE:
        return JD_STEP_DONE;
    default:
        jd_sqlite_set_error(store, error,
                            sqlite3_stmt_readonly(sql) ? "read the knowledge base"
                                                       : "write to the knowledge base");
        return JD_STEP_FAILED;
    }
}

gboolean jd_sql_run(jd_sqlite *store, sqlite3_stmt *sql, GError **error)
{
    jd_step step;
    do
        step = jd_sql_step(store, sql, error);
    while (step == JD_STEP_ROW);
    return step == JD_STEP_DONE;
}

gboolean jd_sql_do(jd_sqlite *store, GError **error, const char *text, const char *types, ...)
{
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    if (!sql)
        return FALSE;
    va_list args;
    va_start(args, types);
    bind_list(sql, types, args);
    va_end(args);
    return jd_sql_run(store, sql, error);
}

GArray *jd_sql_ids(jd_sqlite *store, GError **error, const char *text, const char *types, ...)
{
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    if (!sql)
        return NULL;
    va_list args;
    va_start(args, types);
    bind_list(sql, types, args);
    va_end(args);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        gint64 id = sqlite3_column_int64(sql, 0);
        g_array_append_val(ids, id);
    }
    return step == JD_STEP_DONE ? g_steal_pointer(&ids) : NULL;
}

gboolean jd_sql_integer(jd_sqlite *store, const char *text, gint64 id, gint64 *value,
                        GError **error)
{
    g_auto(jd_sql) sql = jd_sql_get(store, text, error);
    if (!sql)
        return FALSE;
    if (sqlite3_bind_parameter_count(sql) > 0)
        sqlite3_bind_int64(sql, 1, id);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_ROW)
        *value = sqlite3_column_int64(sql, 0);
    return step != JD_STEP_FAILED;
}

char *jd_sql_text(sqlite3_stmt *sql, int column)
{
    const char *text = (const char *)sqlite3_column_text(sql, column);
    return text ? g_strndup(text, sqlite3_column_bytes(sql, column)) : NULL;
}

gboolean jd_sql_exec(jd_sqlite *store, const char *text, GError **error)
{
    if (sqlite3_exec(store->db, text, NULL, NULL, NULL) == SQLITE_OK)
        return TRUE;
    jd_sqlite_set_error(store, error, "use the database");
    return FALSE;
}

/* ---- transactions ---- */

static gboolean refuse_broken_batch(jd_sqlite *store, GError **error)
{
    if (!store->batch_failed)
        return FALSE;
    jd_set_error(error, JD_ERROR_IO, "run it again from the last commit",
                 "%s: an earlier write of this batch failed, so none of the batch was kept",
                 store->path);
    return TRUE;
}

static void undo(jd_sqlite *store)
{
    /* Some failures (a full disk, for one) have rolled back already. */
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

gboolean jd_write_enter(jd_sqlite *store, GError **error)
{
    if (!store->lock) {
        jd_set_error(error, JD_ERROR_READ_ONLY, NULL, "%s: is open for reading only", store->path);
        return FALSE;
    }
    if (refuse_broken_batch(store, error))
        return FALSE;
    return store->in_batch || jd_sql_do(store, error, "BEGIN IMMEDIATE", "");
}

gboolean jd_write_leave(jd_sqlite *store, gboolean ok, GError **error)
{
    if (ok && !store->in_batch)
        ok = jd_sql_do(store, error, "COMMIT", "");
    if (!ok) {
        undo(store);
        store->batch_failed = store->in_batch;
    }
    return ok;
}

gboolean jd_read_enter(jd_sqlite *store, gboolean *entered, GError **error)
{
    *entered = FALSE;
    if (!sqlite3_get_autocommit(store->db))
        return TRUE;
    return *entered = jd_sql_do(store, error, "BEGIN", "");
}

void jd_read_leave(jd_sqlite *store, gboolean entered)
{
    if (entered)
        undo(store);
}
