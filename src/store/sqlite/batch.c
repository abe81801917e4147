#include "base/error.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/db.h"

gboolean jd_sqlite_begin(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    if (store->in_batch) {
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "%s: a batch has been begun already",
                     store->path);
        return FALSE;
    }
    /* A reader's batch is one snapshot of what it reads. */
    gboolean begun =
        store->lock ? jd_write_enter(store, error) : jd_sql_do(store, error, "BEGIN", "");
    store->in_batch = begun;
    return begun;
}

gboolean jd_sqlite_commit(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    gboolean failed = store->batch_failed;
    if (failed)
        jd_write_enter(store, error);
    store->in_batch = store->batch_failed = FALSE;
    if (failed)
        return FALSE;
    if (!store->lock) {
        jd_read_leave(store, TRUE);
        return TRUE;
    }
    return jd_write_leave(store, TRUE, error);
}

void jd_sqlite_rollback(jd_store *base)
{
    jd_sqlite *store = jd_sqlite_of(base);
    jd_read_leave(store, TRUE);
    store->in_batch = store->batch_failed = FALSE;
}
