/* Documents' rows: what put, remove and items need of them. */
#ifndef JD_STORE_SQLITE_DOCUMENTS_H
#define JD_STORE_SQLITE_DOCUMENTS_H

#include "store/sqlite/db.h"

/** Columns that jd_document_read() takes, `d` being the table's alias. */
#define JD_DOCUMENT_COLUMNS                                                                        \
    "d.id, d.collection, d.uri, d.title, d.media_type, d.sha256, d.language, d.published, "        \
    "d.authors, d.mtime, d.size, d.chunk_count, d.image_count"

jd_document_info *jd_document_read(sqlite3_stmt *sql);

/** The document with an id, kept in `known` (id -> jd_document_info *) for the next time. The
 * reference is the caller's. */
jd_document_info *jd_document_get(jd_sqlite *store, gint64 id, GHashTable *known, GError **error);
GHashTable *jd_document_cache_new(void);

/** "no such document", with its id. */
void jd_document_set_not_found(jd_sqlite *store, gint64 id, GError **error);

#endif
