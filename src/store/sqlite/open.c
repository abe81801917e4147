/*
 * Opening and closing.
 *
 * SQLite up to 3.51.2 can lose commits where two connections write or checkpoint a WAL database at
 * once. So only the one connection that holds the writer's lock writes or checkpoints, and a reader
 * never checkpoints, not even on closing.
 */
#include "base/error.h"
#include "base/limits.h"
#include "base/remedy.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/filter.h"
#include "store/sqlite/lock.h"
#include "store/sqlite/rank.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/tokenizer.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void store_free(jd_sqlite *store)
{
    g_clear_pointer(&store->lists, g_hash_table_unref);
    g_clear_pointer(&store->caches, g_hash_table_unref);
    if (store->statements)
        g_hash_table_destroy(store->statements);
    for (gsize i = 0; i < G_N_ELEMENTS(store->known_lengths); i++)
        g_free(store->known_lengths[i]);
    sqlite3_close(store->db);
    jd_lock_release(store->lock); /* last: closing may checkpoint */
    jd_term_maker_free(store->term_maker);
    g_free(store->path);
    g_free(store);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_sqlite, store_free)

void jd_sqlite_close(jd_store *base)
{
    store_free(jd_sqlite_of(base));
}

static void finalize(gpointer sql)
{
    sqlite3_finalize(sql);
}

static void close_database(jd_sqlite *store)
{
    g_clear_pointer(&store->statements, g_hash_table_destroy);
    g_clear_pointer(&store->db, sqlite3_close);
}

/* What holds for every connection: nothing that the file says may run code, and nothing but
 * Jackdaw's own statements may touch inner tables. */
static gboolean configure(jd_sqlite *store)
{
    static const struct {
        int option, value;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_DQS_DML, 0},
                   {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_ENABLE_FKEY, 1}};
    for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
        if (sqlite3_db_config(store->db, options[i].option, options[i].value, NULL) != SQLITE_OK)
            return FALSE;
    return jd_tokenizer_register(store->db) == SQLITE_OK &&
           jd_rank_register(store->db) == SQLITE_OK && jd_filter_register(store->db) == SQLITE_OK;
}

static gboolean open_database(jd_sqlite *store, const char *suffix, int flags, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(store->path, "/", TRUE);
    g_autofree char *uri = g_strconcat("file:", escaped, suffix, NULL);
    store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    flags |= SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(uri, &store->db, flags, NULL) != SQLITE_OK || !configure(store)) {
        jd_sqlite_set_error(store, error, "open the knowledge base");
        return FALSE;
    }
    /* From the first statement on: a writer that opens or closes locks readers out for a moment. */
    sqlite3_busy_timeout(store->db, store->busy_timeout_ms);
    return TRUE;
}

/* ---- reading ---- */

static gboolean check_version(jd_sqlite *store, int version, GError **error)
{
    int known = jd_schema_version();
    if (version > known)
        jd_set_error(error, JD_ERROR_VERSION, "install a newer Jackdaw",
                     "%s: was written by a newer Jackdaw (schema %d; this one knows %d)",
                     store->path, version, known);
    else if (version == 0)
        jd_set_error(error, JD_ERROR_CORRUPT, JD_REMEDY_INGEST_FILLS,
                     "%s: is empty, not a knowledge base", store->path);
    else if (version < known)
        jd_set_error(error, JD_ERROR_VERSION, JD_REMEDY_INGEST_UPDATES,
                     "%s: was written by an older Jackdaw (schema %d; this one reads %d)",
                     store->path, version, known);
    return version == known;
}

/* Whether something waits in a file of SQLite's beside the database. */
static gboolean has_beside(const char *path, const char *ending)
{
    g_autofree char *name = g_strconcat(path, ending, NULL);
    GStatBuf info;
    return g_stat(name, &info) == 0 && info.st_size > 0;
}

static gboolean is_locked_out(const jd_sqlite *store)
{
    int code = store->db ? sqlite3_errcode(store->db) & 0xff : SQLITE_NOMEM;
    return (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && g_access(store->path, R_OK) == 0;
}

static gboolean try_to_read(jd_sqlite *store, const char *suffix, int *version, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (open_database(store, suffix, SQLITE_OPEN_READONLY, &problem)) {
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        if (jd_sql_exec(store,
                        "PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0;"
                        "PRAGMA cache_size = -16384",
                        &problem) &&
            jd_schema_read_version(store, version, &problem))
            return TRUE;
    }
    if (is_locked_out(store) && has_beside(store->path, "-wal"))
        jd_set_error(error, JD_ERROR_READ_ONLY,
                     "open it once as somebody who may write there, or copy it with its -wal file",
                     "%s: was not closed by the last program that wrote to it, and its folder "
                     "cannot be written to",
                     store->path);
    else
        g_propagate_error(error, g_steal_pointer(&problem));
    return FALSE;
}

/*
 * A reader shares a small index file beside the database with the writer. Where the folder cannot
 * be written to and no such file is there, the database can still be read as one that nobody
 * changes, provided that nothing waits in a log beside it.
 */
static gboolean open_for_reading(jd_sqlite *store, int *version, GError **error)
{
    g_autoptr(GError) problem = NULL;
    if (try_to_read(store, "", version, &problem))
        return TRUE;
    if (!is_locked_out(store) || has_beside(store->path, "-wal")) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    close_database(store);
    return try_to_read(store, "?immutable=1", version, error);
}

/* Looks without touching: a file that is not Jackdaw's must stay as it is, and nothing must appear
 * beside it. What a program that died while it made the file left behind only a writer can undo. */
static gboolean look_first(jd_sqlite *store, GError **error)
{
    GStatBuf info;
    int version = 0;
    if (g_stat(store->path, &info) != 0 || info.st_size == 0 || has_beside(store->path, "-journal"))
        return TRUE;
    const char *suffix = has_beside(store->path, "-wal") ? "" : "?immutable=1";
    gboolean ok = try_to_read(store, suffix, &version, error) &&
                  (version <= jd_schema_version() || check_version(store, version, error));
    close_database(store);
    return ok;
}

/* ---- writing ---- */

static gboolean make_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    if (g_mkdir_with_parents(folder, 0777) == 0)
        return TRUE;
    jd_set_error_errno(error, errno, "cannot make the folder %s", folder);
    return FALSE;
}

static gboolean open_for_writing(jd_sqlite *store, GError **error)
{
    /* Before the first table: pages of 16 KiB, which make scanning vectors twice as fast as
     * SQLite's 4 KiB, and that can be given back. Deleted text is overwritten. FULL: an
     * acknowledged commit survives a loss of power. The log goes into the database at 32 MiB. */
    static const char settings[] =
        "PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA secure_delete = ON;"
        "PRAGMA cell_size_check = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 2048;"
        "PRAGMA journal_size_limit = 67108864";
    gsize n;
    const jd_migration *steps = jd_schema_migrations(&n);
    int version = 0;
    if (!open_database(store, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error))
        return FALSE;
    if (!jd_schema_read_version(store, &version, error) || !jd_sql_exec(store, settings, error))
        return FALSE;
    return version == jd_schema_version() || jd_schema_migrate(store, steps, n, error);
}

/* ---- both ---- */

/* The file's own name, so that a link to it leads to the same lock. */
static char *real_path(const char *where)
{
    g_autofree char *absolute = g_canonicalize_filename(where, NULL);
    char *resolved = realpath(absolute, NULL);
    char *path = g_strdup(resolved ? resolved : absolute);
    free(resolved);
    return path;
}

static gboolean check_path(const char *path, jd_kb_mode mode, GError **error)
{
    GStatBuf info;
    if (g_stat(path, &info) != 0) {
        if (errno == ENOENT && mode == JD_KB_WRITE)
            return TRUE;
        if (errno == ENOENT || errno == ENOTDIR)
            jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_INGEST_MAKES,
                         "%s: there is no knowledge base", path);
        else
            jd_set_error_errno(error, errno, "cannot open the knowledge base %s", path);
        return FALSE;
    }
    if (!S_ISREG(info.st_mode)) {
        jd_set_error(error, JD_ERROR_CORRUPT, "choose another file with --kb",
                     "%s: is %s, not a knowledge base", path,
                     S_ISDIR(info.st_mode) ? "a folder" : "no file");
        return FALSE;
    }
    if (info.st_size == 0 && mode == JD_KB_READ) {
        jd_set_error(error, JD_ERROR_CORRUPT, JD_REMEDY_INGEST_FILLS,
                     "%s: is empty, not a knowledge base", path);
        return FALSE;
    }
    return TRUE;
}

jd_store *jd_sqlite_open(const char *where, const jd_store_options *options, GError **error)
{
    g_autoptr(jd_sqlite) store = g_new0(jd_sqlite, 1);
    store->base.ops = &jd_sqlite_ops;
    store->path = real_path(where);
    store->busy_timeout_ms =
        options->busy_timeout_ms > 0 ? options->busy_timeout_ms : JD_STORE_BUSY_TIMEOUT_MS;
    store->threads = options->threads > 0 ? options->threads : (int)g_get_num_processors();
    if (!check_path(store->path, options->mode, error) || !look_first(store, error))
        return NULL;
    if (options->mode == JD_KB_READ) {
        int version = 0;
        if (!open_for_reading(store, &version, error) || !check_version(store, version, error))
            return NULL;
        return &g_steal_pointer(&store)->base;
    }
    if (!make_folder(store->path, error))
        return NULL;
    store->lock = jd_lock_take(store->path, store->busy_timeout_ms, error);
    if (!store->lock || !open_for_writing(store, error))
        return NULL;
    return &g_steal_pointer(&store)->base;
}
