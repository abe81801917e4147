/*
 * BM25F inside FTS5: the SQL function jd_rank(table, ranking), which scores the row that a match
 * stands at.
 */
#ifndef JD_STORE_SQLITE_RANK_H
#define JD_STORE_SQLITE_RANK_H

#include "store/sqlite/lengths.h"

#include <sqlite3.h>

/** The type of the pointer that jd_rank() takes. */
#define JD_RANKING_POINTER "jd_ranking"

/** A term of the question as the match expression has it. */
typedef struct jd_ranked_term {
    int phrase;    /* number of its phrase in the expression */
    double having; /* items that hold it */
    double idf;    /* set by the first row */
} jd_ranked_term;

typedef struct jd_ranking {
    jd_item_kind kind;
    jd_ranked_term *terms;
    gsize n;
    jd_lengths lengths;
    double threshold; /* a row that cannot get above it gets NULL instead of a score */
    gboolean ready;   /* what follows is set, by the first row */
    double items;
    double average[JD_BM25_MAX_FIELDS];
} jd_ranking;

/** Makes jd_rank() known to a connection. An SQLite code. */
int jd_rank_register(sqlite3 *db);

#endif
