/* Whether the word index holds exactly the words of the stored texts. */
#ifndef JD_STORE_SQLITE_VERIFY_WORDS_H
#define JD_STORE_SQLITE_VERIFY_WORDS_H

#include "store/sqlite/db.h"

/**
 * Adds a sentence to `problems` for each index that does not. FTS5 has a check of its own, but that
 * is a write, which a reader cannot do: here both sides are read, every occurrence of a word
 * becomes a number, and the sums must be equal.
 */
gboolean jd_verify_words(jd_sqlite *store, GPtrArray *problems, GError **error);

#endif
