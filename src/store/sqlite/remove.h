/* Erasing. Inside a write. */
#ifndef JD_STORE_SQLITE_REMOVE_H
#define JD_STORE_SQLITE_REMOVE_H

#include "store/sqlite/db.h"

/** Erases a document's items with all that hangs on them; its own row stays. */
gboolean jd_remove_items(jd_sqlite *store, gint64 document, GError **error);

#endif
