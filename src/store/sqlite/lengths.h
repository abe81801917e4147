/*
 * How long the fields of indexed items are.
 *
 * FTS5 tells it for the row that a match stands at, by looking the row up; that lookup is most of
 * what ranking a common word costs. A match goes through its rows in rising order, so this reads
 * FTS5's table of lengths along with it and only looks up what is far away. A connection remembers
 * what it has read: over 100,000 passages reading lengths was a third of a search.
 */
#ifndef JD_STORE_SQLITE_LENGTHS_H
#define JD_STORE_SQLITE_LENGTHS_H

#include "store/bm25.h"

#include <sqlite3.h>

/** Lengths that were read, of an item that will never have others: an id means the same item for
 * ever, and items do not change. Where there is no room for an item it takes another's. */
typedef struct jd_known_lengths {
    gint64 id; /* 0: none */
    guint16 lengths[JD_BM25_MAX_FIELDS];
} jd_known_lengths;

typedef struct jd_lengths {
    sqlite3_stmt *sql;       /* id and lengths from an id on; belongs to the caller */
    jd_known_lengths *known; /* JD_STORE_KNOWN_LENGTHS of them, of committed items; NULL: none */
    gint64 at;               /* the row that it stands at; 0: none */
    int rc;                  /* how the last step ended */
} jd_lengths;

/** The SQL for a kind. */
const char *jd_lengths_sql(jd_item_kind kind);

/** The first n lengths of an item; to be asked for in rising order of ids. An SQLite code:
 * SQLITE_CORRUPT where the index has no lengths for it. */
int jd_lengths_read(jd_lengths *from, gint64 id, int *lengths, gsize n);

#endif
