/* Checking everything. Each check adds what it finds wrong; a part that cannot be read for damage
 * is one more finding and does not keep the others from running. */
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/vector_cache.h"
#include "store/sqlite/vectors.h"
#include "store/sqlite/verify_words.h"

#include <string.h>

typedef gboolean (*check_fn)(jd_sqlite *store, GPtrArray *problems, GError **error);

/* Enough to see what is wrong; a damaged file can have millions of everything. */
enum { MOST_OF_A_KIND = 20 };

/* Every row of `text` is a finding: a sentence. */
static gboolean find_rows(jd_sqlite *store, const char *text, GPtrArray *problems, GError **error)
{
    g_auto(jd_own_sql) sql = jd_sql_new(store, text, error);
    if (!sql)
        return FALSE;
    jd_step step = JD_STEP_DONE;
    for (int n = 0; n < MOST_OF_A_KIND; n++) {
        step = jd_sql_step(store, sql, error);
        if (step != JD_STEP_ROW)
            break;
        char *sentence = jd_sql_text(sql, 0);
        g_ptr_array_add(problems, sentence ? sentence : g_strdup("unnamed damage"));
    }
    return step != JD_STEP_FAILED;
}

static gboolean check_database(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    return find_rows(store,
                     "SELECT 'database: ' || integrity_check FROM pragma_integrity_check"
                     " WHERE integrity_check <> 'ok'",
                     problems, error);
}

static gboolean check_rows(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    static const char *const checks[] = {
        "SELECT \"table\" || ' ' || rowid || ' refers to a ' || parent || ' that is not there'"
        " FROM pragma_foreign_key_check",
        "SELECT 'document d' || id || ' has not the number of texts that it says'"
        " FROM document d WHERE chunk_count <> (SELECT count(*) FROM chunk WHERE document = d.id)",
        "SELECT 'document d' || id || ' has not the number of images that it says'"
        " FROM document d WHERE image_count <> (SELECT count(*) FROM image WHERE document = d.id)",
        "SELECT 'picture ' || id || ' belongs to no image and no message' FROM picture"
        " WHERE id NOT IN (SELECT picture FROM image WHERE picture IS NOT NULL)"
        " AND id NOT IN (SELECT picture FROM message WHERE picture IS NOT NULL)",
        "SELECT 'the number of items in language \"' || code || '\" is wrong' FROM language"
        " WHERE items <> (SELECT count(*) FROM chunk WHERE language = code) +"
        " (SELECT count(*) FROM image WHERE language = code)",
        "SELECT DISTINCT 'language \"' || language || '\" is not counted' FROM"
        " (SELECT language FROM chunk UNION ALL SELECT language FROM image)"
        " WHERE language IS NOT NULL AND language NOT IN (SELECT code FROM language)",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++)
        if (!find_rows(store, checks[i], problems, error))
            return FALSE;
    return TRUE;
}

static gboolean check_pictures(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    g_auto(jd_own_sql) sql =
        jd_sql_new(store, "SELECT id, sha256, bytes FROM picture ORDER BY id", error);
    if (!sql)
        return FALSE;
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        const void *bytes = sqlite3_column_blob(sql, 2);
        g_autofree char *sha256 = jd_sha256(bytes ? bytes : "", sqlite3_column_bytes(sql, 2));
        const char *is = (const char *)sqlite3_column_text(sql, 1);
        if (g_strcmp0(is, sha256) != 0)
            g_ptr_array_add(problems, g_strdup_printf("picture %" G_GINT64_FORMAT
                                                      " is damaged: its SHA-256 is %s, not %s",
                                                      (gint64)sqlite3_column_int64(sql, 0), sha256,
                                                      is ? is : "(none)"));
    }
    return step == JD_STEP_DONE;
}

/* ---- vectors ---- */

static void report_block(GPtrArray *problems, gint64 row, const char *what)
{
    g_ptr_array_add(problems, g_strdup_printf("vector block %" G_GINT64_FORMAT " %s", row, what));
}

/* Looks at one block's contents; `last` is the highest id of the blocks before it. */
static gboolean check_block(jd_sqlite *store, sqlite3_stmt *row, gint64 *last, GPtrArray *problems,
                            GError **error)
{
    gint64 id = sqlite3_column_int64(row, 0), first = sqlite3_column_int64(row, 3);
    gsize dimension = (gsize)sqlite3_column_int64(row, 4);
    const char *item = sqlite3_column_int(row, 2) == JD_ITEM_TEXT
                           ? "SELECT id FROM chunk WHERE id = ?1"
                           : "SELECT id FROM image WHERE id = ?1";
    g_autoptr(GError) problem = NULL;
    g_auto(jd_block_data) block;
    jd_block_data_init(&block);
    if (!jd_block_data_read(&block, store, id, dimension, &problem)) {
        g_ptr_array_add(problems, g_strdup(problem->message));
        return TRUE;
    }
    if (g_array_index(block.ids, gint64, 0) != first)
        report_block(problems, id, "does not begin with the item that it says");
    for (guint i = 0; i < block.ids->len; i++) {
        gint64 found = 0, of = g_array_index(block.ids, gint64, i);
        if (!jd_sql_integer(store, item, of, &found, error))
            return FALSE;
        if (found == 0 || of <= *last) {
            report_block(problems, id,
                         found == 0 ? "has a vector of an item that is not there"
                                    : "is not in order");
            break;
        }
        *last = of;
    }
    for (guint i = 0; i < block.values->len; i++)
        if (!isfinite(g_array_index(block.values, float, i))) {
            report_block(problems, id, "has a value that is not a finite number");
            break;
        }
    return TRUE;
}

static gboolean check_vectors(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    if (!find_rows(store,
                   "SELECT 'embedding space ' || id || ' has an impossible dimension' FROM space"
                   " WHERE dimension NOT BETWEEN 1 AND " G_STRINGIFY(JD_LIMIT_DIMENSION),
                   problems, error))
        return FALSE;
    g_auto(jd_own_sql) sql =
        jd_sql_new(store,
                   "SELECT b.id, b.space, b.kind, b.first, s.dimension FROM vector_block b"
                   " JOIN space s ON s.id = b.space WHERE s.dimension BETWEEN 1 AND " G_STRINGIFY(
                       JD_LIMIT_DIMENSION) " ORDER BY b.space, b.kind, b.first",
                   error);
    if (!sql)
        return FALSE;
    gint64 space = 0, kind = 0, last = 0;
    jd_step step;
    while ((step = jd_sql_step(store, sql, error)) == JD_STEP_ROW) {
        if (space != sqlite3_column_int64(sql, 1) || kind != sqlite3_column_int64(sql, 2))
            last = 0;
        space = sqlite3_column_int64(sql, 1);
        kind = sqlite3_column_int64(sql, 2);
        if (!check_block(store, sql, &last, problems, error))
            return FALSE;
    }
    return step == JD_STEP_DONE;
}

/* ---- all ---- */

static gboolean run_checks(jd_sqlite *store, GPtrArray *problems, GError **error)
{
    static const check_fn checks[] = {jd_schema_compare,      check_database, check_rows,
                                      check_pictures,         check_vectors,  jd_verify_words,
                                      jd_vector_caches_verify};
    for (gsize i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autoptr(GError) problem = NULL;
        if (checks[i](store, problems, &problem))
            continue;
        if (!g_error_matches(problem, JD_ERROR, JD_ERROR_CORRUPT) &&
            !g_error_matches(problem, JD_ERROR, JD_ERROR_INTERNAL)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return FALSE;
        }
        g_ptr_array_add(problems, g_strdup(problem->message));
    }
    return TRUE;
}

GPtrArray *jd_sqlite_verify(jd_store *base, GError **error)
{
    jd_sqlite *store = jd_sqlite_of(base);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    gboolean entered;
    if (!jd_read_enter(store, &entered, error))
        return NULL;
    gboolean ok = run_checks(store, problems, error);
    jd_read_leave(store, entered);
    return ok ? g_steal_pointer(&problems) : NULL;
}
