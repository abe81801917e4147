/* Jobs: rows that say what is to be done, and how far it has come. */
#include "base/error.h"
#include "base/limits.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/db.h"

#define COLUMNS "id, kind, state, request, result, created, started, finished"

static gint64 now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

static void job_free(gpointer data)
{
    jd_job_free(data);
}

static jd_job *read_job(sqlite3_stmt *sql)
{
    jd_job *job = g_new0(jd_job, 1);
    int column = 0;
    job->id = sqlite3_column_int64(sql, column++);
    job->kind = jd_sql_text(sql, column++);
    job->state = jd_sql_text(sql, column++);
    job->request = jd_sql_text(sql, column++);
    job->result = jd_sql_text(sql, column++);
    job->created = sqlite3_column_int64(sql, column++);
    job->started = sqlite3_column_int64(sql, column++);
    job->finished = sqlite3_column_int64(sql, column++);
    return job;
}

static gboolean add(jd_sqlite *store, const jd_job *job, GError **error)
{
    return jd_sql_do(store, error,
                     "INSERT INTO job(kind, state, request, result, created, started, finished)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     "ttttiii", job->kind, job->state, job->request, job->result,
                     job->created ? job->created : now(), job->started, job->finished) &&
           jd_sql_do(store, error,
                     "DELETE FROM job WHERE finished > 0 AND id <="
                     " (SELECT max(id) FROM job) - ?1",
                     "i", (gint64)JD_LIMIT_JOBS);
}

gboolean jd_sqlite_add_job(jd_store *base, const jd_job *job, gint64 *id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = add(store, job, error);
    gint64 added = sqlite3_last_insert_rowid(store->db);
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    *id = added;
    return TRUE;
}

static gboolean set_unknown(gint64 id, GError **error)
{
    jd_set_error(error, JD_ERROR_NOT_FOUND, NULL, "there is no job %" G_GINT64_FORMAT, id);
    return FALSE;
}

gboolean jd_sqlite_update_job(jd_store *base, const jd_job *job, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (!jd_write_enter(store, error))
        return FALSE;
    gboolean ok = jd_sql_do(store, error,
                            "UPDATE job SET state = ?2, result = ?3, started = ?4, finished = ?5"
                            " WHERE id = ?1",
                            "ittii", job->id, job->state, job->result, job->started, job->finished);
    gboolean found = ok && sqlite3_changes(store->db) > 0;
    if (!jd_write_leave(store, ok, error))
        return FALSE;
    return found || set_unknown(job->id, error);
}

GPtrArray *jd_sqlite_list_jobs(jd_store *base, const jd_page *page, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql =
        jd_sql_get(store, "SELECT " COLUMNS " FROM job ORDER BY id DESC LIMIT ?1 OFFSET ?2", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "ii", (gint64)(page->limit > 0 ? page->limit : -1), page->offset);
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(job_free);
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW)
        g_ptr_array_add(list, read_job(sql));
    return step == JD_STEP_DONE ? g_steal_pointer(&list) : NULL;
}

jd_job *jd_sqlite_get_job(jd_store *base, gint64 id, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_auto(jd_sql) sql = jd_sql_get(store, "SELECT " COLUMNS " FROM job WHERE id = ?1", error);
    if (!sql)
        return NULL;
    jd_sql_bind(sql, "i", id);
    jd_step step = jd_sql_step(store, sql, error);
    if (step == JD_STEP_ROW)
        return read_job(sql);
    if (step == JD_STEP_DONE)
        set_unknown(id, error);
    return NULL;
}
