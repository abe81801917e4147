/* The word index as put and remove use it. */
#ifndef JD_STORE_SQLITE_WORDS_H
#define JD_STORE_SQLITE_WORDS_H

#include "store/sqlite/db.h"

/** The name of a kind's FTS5 table. */
const char *jd_store_words_table(jd_item_kind kind);

/** Indexes an item that was stored under `id`. */
gboolean jd_store_words_add(jd_sqlite *store, jd_item_kind kind, gint64 id,
                            const jd_item_terms *terms, GError **error);

/** Takes all items of a document, or one item, out of the index; their rows must still be there. */
gboolean jd_store_words_remove_document(jd_sqlite *store, jd_item_kind kind, gint64 document,
                                        GError **error);
gboolean jd_store_words_remove_item(jd_sqlite *store, jd_item_kind kind, gint64 id, GError **error);

#endif
