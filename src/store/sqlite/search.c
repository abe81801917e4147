/*
 * Search by words.
 *
 * What a search costs is the number of items that hold any of its words, so words that very many
 * items hold (JD_STORE_COMMON_ITEMS) are left out of the matching where rarer ones are there; they
 * still count in the scores of what the rarer ones find. Where that finds fewer than were asked
 * for, the common words match too.
 */
#include "base/limits.h"
#include "store/sqlite/backend.h"
#include "store/sqlite/filter.h"
#include "store/sqlite/rank.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/words.h"

#include <string.h>

typedef struct search_term {
    const jd_query_term *given;
    gint64 having;
    gboolean common;
} search_term;

typedef struct search {
    jd_sqlite *store;
    const jd_keyword_query *query;
    GArray *terms; /* search_term: those that are in the index */
    jd_id_set passing;
    GArray *best; /* jd_hit, a heap with the worst on top */
} search;

static void search_clear(search *self)
{
    g_clear_pointer(&self->terms, g_array_unref);
    g_clear_pointer(&self->best, g_array_unref);
    jd_id_set_clear(&self->passing);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(search, search_clear)

/* ---- terms ---- */

static void append_phrase(GString *match, const jd_query_term *term)
{
    g_string_append_c(match, '"');
    for (char **form = term->forms; *form; form++) {
        if (form != term->forms)
            g_string_append(match, JD_SCHEMA_SEPARATOR);
        for (const char *p = *form; *p; p++) {
            if (*p == '"')
                g_string_append_c(match, '"');
            g_string_append_c(match, *p);
        }
    }
    g_string_append(match, term->prefix ? "\" *" : "\"");
}

static gboolean count_form(const search *self, const char *form, gboolean prefix, gint64 *having,
                           GError **error)
{
    gboolean text = self->query->kind == JD_ITEM_TEXT;
    const char *exact = text ? "SELECT doc FROM chunk_vocabulary WHERE term = ?1"
                             : "SELECT doc FROM image_vocabulary WHERE term = ?1";
    const char *range =
        text ? "SELECT sum(doc) FROM chunk_vocabulary WHERE term >= ?1 AND term <= ?2"
             : "SELECT sum(doc) FROM image_vocabulary WHERE term >= ?1 AND term <= ?2";
    g_auto(jd_sql) sql = jd_sql_get(self->store, prefix ? range : exact, error);
    if (!sql)
        return FALSE;
    g_autofree char *last = g_strconcat(form, "\xf4\x8f\xbf\xbf", NULL); /* U+10FFFF */
    jd_sql_bind(sql, prefix ? "tt" : "t", form, last);
    jd_step step = jd_sql_step(self->store, sql, error);
    if (step == JD_STEP_ROW)
        *having += sqlite3_column_int64(sql, 0);
    return step != JD_STEP_FAILED;
}

/* An item may hold several of a term's spellings. How many do is counted where that does not take
 * long; for a common term the sum over its spellings is near enough. */
static gboolean count_items(const search *self, const jd_query_term *term, gint64 *having,
                            GError **error)
{
    g_auto(jd_sql) sql =
        jd_sql_get(self->store,
                   self->query->kind == JD_ITEM_TEXT
                       ? "SELECT count(*) FROM chunk_words WHERE chunk_words MATCH ?1"
                       : "SELECT count(*) FROM image_words WHERE image_words MATCH ?1",
                   error);
    if (!sql)
        return FALSE;
    g_autoptr(GString) match = g_string_new(NULL);
    append_phrase(match, term);
    jd_sql_bind(sql, "t", match->str);
    jd_step step = jd_sql_step(self->store, sql, error);
    if (step == JD_STEP_ROW)
        *having = sqlite3_column_int64(sql, 0);
    return step != JD_STEP_FAILED;
}

static gboolean count_term(const search *self, const jd_query_term *term, gint64 *having,
                           GError **error)
{
    guint spellings = 0;
    for (char **form = term->forms; *form; form++) {
        gint64 before = *having;
        if (!count_form(self, *form, term->prefix, having, error))
            return FALSE;
        spellings += *having > before;
    }
    if ((spellings <= 1 && !term->prefix) || *having == 0 || *having > JD_STORE_COMMON_ITEMS)
        return TRUE;
    return count_items(self, term, having, error);
}

static gboolean load_terms(search *self, GError **error)
{
    gsize n = MIN(self->query->term_count, JD_LIMIT_QUERY_TERMS);
    for (gsize i = 0; i < n; i++) {
        search_term term = {.given = &self->query->terms[i]};
        if (!count_term(self, term.given, &term.having, error))
            return FALSE;
        term.common = term.having > JD_STORE_COMMON_ITEMS;
        if (term.having > 0)
            g_array_append_val(self->terms, term);
    }
    return TRUE;
}

/* ---- the match expression ---- */

/* "a OR b" of the terms that are, or are not, common; their numbers as phrases go into `ranked`
 * from `*phrase` on. */
static void append_terms(const search *self, gboolean common, GString *match, GArray *ranked,
                         int *phrase)
{
    const char *between = "(";
    for (guint i = 0; i < self->terms->len; i++) {
        const search_term *term = &g_array_index(self->terms, search_term, i);
        if (term->common != common)
            continue;
        g_string_append(match, between);
        append_phrase(match, term->given);
        between = " OR ";
        jd_ranked_term entry = {.phrase = (*phrase)++, .having = (double)term->having};
        if (ranked)
            g_array_append_val(ranked, entry);
    }
    g_string_append_c(match, ')');
}

static guint count_terms(const search *self, gboolean common)
{
    guint n = 0;
    for (guint i = 0; i < self->terms->len; i++)
        n += g_array_index(self->terms, search_term, i).common == common;
    return n;
}

/* Rare and common terms both: "(rare) OR ((rare) AND (common))" finds what the rare ones find, and
 * FTS5 then looks for the common ones in those items only. */
static char *make_match(const search *self, GArray *ranked)
{
    GString *match = g_string_new(NULL);
    guint rare = count_terms(self, FALSE), common = count_terms(self, TRUE);
    int phrase = 0;
    append_terms(self, rare == 0, match, ranked, &phrase);
    if (rare > 0 && common > 0) {
        g_string_append(match, " OR (");
        append_terms(self, FALSE, match, NULL, &phrase);
        g_string_append(match, " AND ");
        append_terms(self, TRUE, match, ranked, &phrase);
        g_string_append_c(match, ')');
    }
    return g_string_free(match, FALSE);
}

/* ---- the best so far ---- */

static gboolean is_worse(const jd_hit *a, const jd_hit *b)
{
    return a->score != b->score ? a->score < b->score : a->id > b->id;
}

static void sift_up(jd_hit *heap, guint at)
{
    for (; at > 0 && is_worse(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2) {
        jd_hit swap = heap[at];
        heap[at] = heap[(at - 1) / 2];
        heap[(at - 1) / 2] = swap;
    }
}

static void sift_down(jd_hit *heap, guint n)
{
    for (guint at = 0;;) {
        guint child = 2 * at + 1;
        if (child + 1 < n && is_worse(&heap[child + 1], &heap[child]))
            child++;
        if (child >= n || !is_worse(&heap[child], &heap[at]))
            return;
        jd_hit swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
        at = child;
    }
}

static void keep_if_good(search *self, const jd_hit *hit, double *threshold)
{
    jd_hit *heap = (jd_hit *)(void *)self->best->data;
    if (self->best->len < self->query->limit) {
        g_array_append_val(self->best, *hit);
        sift_up((jd_hit *)(void *)self->best->data, self->best->len - 1);
    } else if (is_worse(&heap[0], hit)) {
        heap[0] = *hit;
        sift_down(heap, self->best->len);
    }
    if (self->best->len == self->query->limit)
        *threshold = g_array_index(self->best, jd_hit, 0).score;
}

static int compare_hits(gconstpointer a, gconstpointer b)
{
    return is_worse(a, b) ? 1 : is_worse(b, a) ? -1 : 0;
}

/* ---- running ---- */

/* Amid a batch there are items that may never be committed, and whose ids others may get. */
static jd_known_lengths *known_lengths(const search *self)
{
    jd_known_lengths **known = &self->store->known_lengths[self->query->kind];
    if (!*known && !self->store->in_batch)
        *known = g_new0(jd_known_lengths, JD_STORE_KNOWN_LENGTHS);
    return self->store->in_batch ? NULL : *known;
}

static gboolean run_match(search *self, GError **error)
{
    g_autoptr(GArray) ranked = g_array_new(FALSE, FALSE, sizeof(jd_ranked_term));
    g_autofree char *match = make_match(self, ranked);
    jd_ranking ranking = {.kind = self->query->kind,
                          .terms = (jd_ranked_term *)(void *)ranked->data,
                          .n = ranked->len,
                          .threshold = -1};
    g_auto(jd_own_sql) sql = jd_sql_new(
        self->store,
        self->query->kind == JD_ITEM_TEXT
            ? "SELECT rowid, jd_rank(chunk_words, ?2) FROM chunk_words WHERE chunk_words MATCH ?1"
            : "SELECT rowid, jd_rank(image_words, ?2) FROM image_words WHERE image_words MATCH ?1",
        error);
    g_auto(jd_own_sql) lengths = jd_sql_new(self->store, jd_lengths_sql(self->query->kind), error);
    if (!sql || !lengths)
        return FALSE;
    ranking.lengths = (jd_lengths){.sql = lengths, .known = known_lengths(self)};
    jd_sql_bind(sql, "t", match);
    sqlite3_bind_pointer(sql, 2, &ranking, JD_RANKING_POINTER, NULL);
    g_array_set_size(self->best, 0);
    self->passing.at = 0;
    jd_step step;
    while ((step = jd_sql_step(self->store, sql, error)) == JD_STEP_ROW) {
        if (sqlite3_column_type(sql, 1) == SQLITE_NULL)
            continue;
        jd_hit hit = {.id = sqlite3_column_int64(sql, 0), .score = sqlite3_column_double(sql, 1)};
        if (jd_id_set_contains(&self->passing, hit.id))
            keep_if_good(self, &hit, &ranking.threshold);
    }
    return step == JD_STEP_DONE;
}

static gboolean search_words(search *self, GError **error)
{
    if (!load_terms(self, error))
        return FALSE;
    if (self->terms->len == 0 || self->query->limit == 0)
        return TRUE;
    if (!jd_id_set_load(&self->passing, self->store, self->query->kind, self->query->filter,
                        error) ||
        !run_match(self, error))
        return FALSE;
    if (self->best->len < self->query->limit && count_terms(self, FALSE) > 0 &&
        count_terms(self, TRUE) > 0) {
        for (guint i = 0; i < self->terms->len; i++)
            g_array_index(self->terms, search_term, i).common = FALSE;
        if (!run_match(self, error))
            return FALSE;
    }
    g_array_sort(self->best, compare_hits);
    return TRUE;
}

GArray *jd_sqlite_search_words(jd_store *base, const jd_keyword_query *query, GError **error)
{
    g_auto(search) self = {.store = jd_sqlite_of(base), .query = query};
    self.terms = g_array_new(FALSE, FALSE, sizeof(search_term));
    self.best = g_array_new(FALSE, FALSE, sizeof(jd_hit));
    gboolean entered;
    if (!jd_read_enter(self.store, &entered, error))
        return NULL;
    gboolean ok = search_words(&self, error);
    jd_read_leave(self.store, entered);
    return ok ? g_steal_pointer(&self.best) : NULL;
}

static gboolean weigh_words(const search *self, double *idf, GError **error)
{
    gint64 items = 0;
    if (!jd_sql_integer(self->store,
                        self->query->kind == JD_ITEM_TEXT
                            ? "SELECT ifnull(sum(chunk_count), 0) FROM document"
                            : "SELECT ifnull(sum(image_count), 0) FROM document",
                        0, &items, error))
        return FALSE;
    for (gsize i = 0; i < self->query->term_count; i++) {
        gint64 having = 0;
        if (!count_term(self, &self->query->terms[i], &having, error))
            return FALSE;
        idf[i] = jd_bm25_idf((double)items, (double)having);
    }
    return TRUE;
}

gboolean jd_sqlite_weigh_words(jd_store *base, const jd_keyword_query *query, double *idf,
                               GError **error)
{
    search self = {.store = jd_sqlite_of(base), .query = query};
    gboolean entered;
    if (!jd_read_enter(self.store, &entered, error))
        return FALSE;
    gboolean ok = weigh_words(&self, idf, error);
    jd_read_leave(self.store, entered);
    return ok;
}
