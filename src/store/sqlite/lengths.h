/*
 * How long the fields of indexed items are.
 *
 * FTS5 tells it for the row that a match stands at, by looking the row up; that lookup is most of
 * what ranking a common word costs. A match goes through its rows in rising order, so this reads
 * FTS5's table of lengths along with it and only looks up what is far away.
 */
#ifndef JD_STORE_SQLITE_LENGTHS_H
#define JD_STORE_SQLITE_LENGTHS_H

#include "store/bm25.h"

#include <sqlite3.h>

typedef struct jd_lengths {
    sqlite3_stmt *sql; /* id and lengths from an id on; belongs to the caller */
    gint64 at;         /* the row that it stands at; 0: none */
    int rc;            /* how the last step ended */
} jd_lengths;

/** The SQL for a kind. */
const char *jd_lengths_sql(jd_item_kind kind);

/** The first n lengths of an item; to be asked for in rising order of ids. An SQLite code:
 * SQLITE_CORRUPT where the index has no lengths for it. */
int jd_lengths_read(jd_lengths *from, gint64 id, int *lengths, gsize n);

#endif
