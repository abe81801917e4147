/*
 * FTS5's way to base/analyze.h: the tokenizer that the word index is declared with.
 *
 * What is indexed comes as terms (store/terms.h). What the index's content view gives, when an item
 * is taken out or all is checked, begins with its language and JD_SCHEMA_SEPARATOR ("en\x1fThe
 * text"); stopwords are left out. A query's text is taken as it is: terms that were analysed
 * before, the spellings of one term separated by JD_SCHEMA_SEPARATOR.
 */
#ifndef JD_STORE_SQLITE_TOKENIZER_H
#define JD_STORE_SQLITE_TOKENIZER_H

#include <sqlite3.h>

#define JD_TOKENIZER_NAME "jackdaw"

/** FTS5's functions, or NULL where this SQLite is built without. */
fts5_api *jd_fts5_api(sqlite3 *db);

/** Makes the tokenizer known to a connection. An SQLite code. */
int jd_tokenizer_register(sqlite3 *db);

#endif
