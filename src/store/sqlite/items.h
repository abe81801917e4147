/* Items' rows: what the files here share about chunks and images. */
#ifndef JD_STORE_SQLITE_ITEMS_H
#define JD_STORE_SQLITE_ITEMS_H

#include "store/sqlite/db.h"

/** 't' or 'i', as in "t12". */
char jd_item_letter(jd_item_kind kind);

/** "no such item", with its id. */
void jd_item_set_not_found(jd_sqlite *store, jd_item_kind kind, gint64 id, GError **error);

/** A section path as one text, and back. */
char *jd_section_join(char *const *section);
char **jd_section_split(const char *joined);

#endif
