/*
 * The SQLite backend's own: a connection with its cached statements, and the few helpers through
 * which every file here talks to SQLite.
 */
#ifndef JD_STORE_SQLITE_DB_H
#define JD_STORE_SQLITE_DB_H

#include "store/ops.h"
#include "store/sqlite/lengths.h"

#include <sqlite3.h>

typedef struct jd_lock jd_lock;

typedef struct jd_sqlite {
    jd_store base;
    sqlite3 *db;
    char *path;
    jd_lock *lock;          /* held by a writer; NULL for a reader */
    GHashTable *statements; /* SQL text -> sqlite3_stmt *, prepared once */
    gboolean in_batch;      /* between jd_store_begin() and commit or rollback */
    gboolean batch_failed;  /* a write of this batch failed: all of it was rolled back */
    int busy_timeout_ms;
    jd_term_maker *term_maker; /* for documents that come without their terms; NULL until then */
    int threads;               /* at least 1 */
    jd_known_lengths *known_lengths[JD_ITEM_IMAGE + 1]; /* by kind; NULL until one is needed */
    GHashTable *lists;  /* of vector blocks, vector_set.c's; NULL until one is needed */
    GHashTable *caches; /* vector_cache.c's; NULL until one is needed */
} jd_sqlite;

static inline jd_sqlite *jd_sqlite_of(jd_store *store)
{
    return (jd_sqlite *)store;
}

/* ---- errors ---- */

/** Sets `error` from SQLite's last error on the connection: "FILE: cannot <what>: ...". */
void jd_sqlite_set_error(jd_sqlite *store, GError **error, const char *what);

/* ---- statements ---- */

/** A statement of the connection's cache; leaving the scope resets it. Its user must not call
 * anything that uses the same SQL meanwhile: see jd_own_sql. */
typedef sqlite3_stmt *jd_sql;
/** A statement of one's own, finalised at the end of the scope. */
typedef sqlite3_stmt *jd_own_sql;

jd_sql jd_sql_get(jd_sqlite *store, const char *text, GError **error);
jd_own_sql jd_sql_new(jd_sqlite *store, const char *text, GError **error);
void jd_sql_release(jd_sql sql);
void jd_own_sql_release(jd_own_sql sql);
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(jd_sql, jd_sql_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(jd_own_sql, jd_own_sql_release, NULL)

/**
 * Binds parameters from 1 on, one letter of `types` each: i gint64, t text or NULL, d double,
 * b GBytes * or NULL. They must outlive the step. Failing is seen at the step.
 */
void jd_sql_bind(sqlite3_stmt *sql, const char *types, ...);

typedef enum jd_step { JD_STEP_FAILED = -1, JD_STEP_DONE, JD_STEP_ROW } jd_step;
jd_step jd_sql_step(jd_sqlite *store, sqlite3_stmt *sql, GError **error);
/** Steps to the end, ignoring rows. */
gboolean jd_sql_run(jd_sqlite *store, sqlite3_stmt *sql, GError **error);
/** Gets, binds (types as above) and runs a statement. */
gboolean jd_sql_do(jd_sqlite *store, GError **error, const char *text, const char *types, ...);
/** The same, and returns the first column of all rows: gint64. */
GArray *jd_sql_ids(jd_sqlite *store, GError **error, const char *text, const char *types, ...);
/** The first column of the first row as an integer; `*value` stays as it is where there is no row.
 * `id` is parameter 1 where the SQL has one. */
gboolean jd_sql_integer(jd_sqlite *store, const char *text, gint64 id, gint64 *value,
                        GError **error);

/** A copy of a text column, NULL where it is NULL. */
char *jd_sql_text(sqlite3_stmt *sql, int column);
/** Runs statements that need no parameters. */
gboolean jd_sql_exec(jd_sqlite *store, const char *text, GError **error);

/* ---- transactions ---- */

/** Every writing function: enter, write, leave. Inside a batch these only keep track of failure. */
gboolean jd_write_enter(jd_sqlite *store, GError **error);
/** Commits where `ok`, else rolls back (inside a batch: all of the batch). Returns what was kept.
 */
gboolean jd_write_leave(jd_sqlite *store, gboolean ok, GError **error);

/** A reading function of several statements: one snapshot for all of them. Never fails to leave. */
gboolean jd_read_enter(jd_sqlite *store, gboolean *entered, GError **error);
void jd_read_leave(jd_sqlite *store, gboolean entered);

#endif
