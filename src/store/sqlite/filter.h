/* jd_filter as SQL, and as a set of item ids. */
#ifndef JD_STORE_SQLITE_FILTER_H
#define JD_STORE_SQLITE_FILTER_H

#include "store/sqlite/db.h"

/** SQL functions that the conditions use. An SQLite code. */
int jd_filter_register(sqlite3 *db);

/** TRUE where everything passes. `filter` may be NULL. */
gboolean jd_filter_is_empty(const jd_filter *filter);

/** Appends " AND ..." for every condition: `d` is the document's alias, `item` the item's (NULL:
 * documents are listed, and one passes whose items have such a section). */
void jd_filter_append(const jd_filter *filter, const char *item, GString *sql);
/** Binds what jd_filter_append() left open. The filter must outlive the steps. */
void jd_filter_bind(const jd_filter *filter, sqlite3_stmt *sql);

/** The ids of the items that pass, in rising order, with a place to go on from. */
typedef struct jd_id_set {
    GArray *ids; /* gint64; NULL: all pass */
    guint at;
} jd_id_set;

gboolean jd_id_set_load(jd_id_set *set, jd_sqlite *store, jd_item_kind kind,
                        const jd_filter *filter, GError **error);
/** Must be asked with rising ids. */
gboolean jd_id_set_contains(jd_id_set *set, gint64 id);
void jd_id_set_clear(jd_id_set *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_id_set, jd_id_set_clear)

#endif
