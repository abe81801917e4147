#include "store/sqlite/rank.h"

#include "base/limits.h"
#include "store/sqlite/tokenizer.h"

#include <string.h>

/* One row under the match. */
typedef struct match_row {
    const Fts5ExtensionApi *api;
    Fts5Context *fts;
    jd_ranking *ranking;
    const jd_bm25_field *fields;
    gsize n_fields;
    int lengths[JD_BM25_MAX_FIELDS];
    int occurrences[JD_LIMIT_QUERY_TERMS][JD_BM25_MAX_FIELDS];
} match_row;

static int prepare_ranking(const match_row *row)
{
    jd_ranking *ranking = row->ranking;
    sqlite3_int64 items = 0;
    int rc = row->api->xRowCount(row->fts, &items);
    ranking->items = (double)items;
    for (gsize f = 0; rc == SQLITE_OK && f < row->n_fields; f++) {
        sqlite3_int64 total = 0;
        rc = row->api->xColumnTotalSize(row->fts, (int)f, &total);
        /* A field that is empty everywhere has no length to compare with, nor any occurrences. */
        ranking->average[f] = total > 0 ? (double)total / (double)items : 1;
    }
    for (gsize t = 0; t < ranking->n; t++)
        ranking->terms[t].idf = jd_bm25_idf(ranking->items, ranking->terms[t].having);
    ranking->ready = rc == SQLITE_OK;
    return rc;
}

static int count_occurrences(match_row *row)
{
    for (gsize t = 0; t < row->ranking->n; t++) {
        Fts5PhraseIter at;
        int field, offset;
        memset(row->occurrences[t], 0, sizeof row->occurrences[t]);
        int rc =
            row->api->xPhraseFirst(row->fts, row->ranking->terms[t].phrase, &at, &field, &offset);
        if (rc != SQLITE_OK)
            return rc;
        for (; field >= 0; row->api->xPhraseNext(row->fts, &at, &field, &offset))
            if ((gsize)field < row->n_fields)
                row->occurrences[t][field]++;
    }
    return SQLITE_OK;
}

/* The score with the lengths given; NULL: with the shortest fields that could hold what was found,
 * which no true score exceeds. */
static double score_row(const match_row *row, const int *lengths)
{
    double score = 0;
    for (gsize t = 0; t < row->ranking->n; t++) {
        double frequency = 0;
        const int *occurrences = row->occurrences[t];
        for (gsize f = 0; f < row->n_fields; f++)
            if (occurrences[f] > 0)
                frequency += jd_bm25_frequency(&row->fields[f], occurrences[f],
                                               lengths ? lengths[f] : occurrences[f],
                                               row->ranking->average[f]);
        if (frequency > 0)
            score += jd_bm25_score(row->ranking->terms[t].idf, frequency);
    }
    return score;
}

/* Most rows of a common word can be told to be too low without their lengths. */
static int rank_row(match_row *row, sqlite3_context *context)
{
    enum { ROUNDING = 1000000000 };
    int rc = row->ranking->ready ? SQLITE_OK : prepare_ranking(row);
    if (rc == SQLITE_OK)
        rc = count_occurrences(row);
    if (rc != SQLITE_OK)
        return rc;
    double bound = score_row(row, NULL);
    if (bound + bound / ROUNDING <= row->ranking->threshold)
        return SQLITE_OK;
    rc = jd_lengths_read(&row->ranking->lengths, row->api->xRowid(row->fts), row->lengths,
                         row->n_fields);
    if (rc == SQLITE_OK)
        sqlite3_result_double(context, score_row(row, row->lengths));
    return rc;
}

static void sql_rank(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int n,
                     sqlite3_value **values)
{
    match_row row; /* mostly counts of terms that the question has not: not worth clearing */
    row.api = api;
    row.fts = fts;
    row.ranking = n == 1 ? sqlite3_value_pointer(values[0], JD_RANKING_POINTER) : NULL;
    if (!row.ranking || row.ranking->n > JD_LIMIT_QUERY_TERMS) {
        sqlite3_result_error(context, "jd_rank() is for the word index alone", -1);
        return;
    }
    row.fields = jd_bm25_fields(row.ranking->kind, &row.n_fields);
    int rc = rank_row(&row, context);
    if (rc != SQLITE_OK)
        sqlite3_result_error_code(context, rc);
}

int jd_rank_register(sqlite3 *db)
{
    fts5_api *api = jd_fts5_api(db);
    return api ? api->xCreateFunction(api, "jd_rank", NULL, sql_rank, NULL) : SQLITE_ERROR;
}
