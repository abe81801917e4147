/* What the profiles share: one search under way, and putting what was found into its results. */
#ifndef JD_RETRIEVE_SEARCH_H
#define JD_RETRIEVE_SEARCH_H

#include "retrieve/candidate.h"
#include "retrieve/dense.h"
#include "retrieve/retrieve.h"

typedef struct jd_search {
    jd_store *store;
    const char *text;                        /* the question; NULL where there is none */
    jd_given_vector vector;                  /* size 0 where there is none */
    gint64 space;                            /* where `like` looks first; 0: anywhere */
    const jd_query_vector *meaning, *pixels; /* NULL where there are none */
    const jd_query_vector *picture;          /* the same: beside the text */
    const char *why_words;
    const jd_search_options *options;
    jd_results *results;
} jd_search;

/** An item that was found; scores that were not computed are NAN. */
typedef struct jd_ranked {
    gint64 id;
    double score, dense, keyword;
} jd_ranked;

/** The results' list of a kind, and whether it is asked for. */
GPtrArray *jd_search_list(const jd_search *search, jd_item_kind kind);
gboolean jd_search_wants(const jd_search *search, jd_item_kind kind);

/** k and threshold of a kind; `fallback` where the options leave them to the profile. */
gsize jd_search_k(const jd_search *search, jd_item_kind kind, gsize fallback);
double jd_search_threshold(const jd_search *search, jd_item_kind kind, double fallback);

/** Adds an item to the end of its list; one that was erased meanwhile is left out. */
gboolean jd_search_add(jd_search *search, jd_item_kind kind, const jd_ranked *ranked,
                       GError **error);
/** The same with an item that is at hand; takes it. */
void jd_search_take(jd_search *search, jd_item *item, const jd_ranked *ranked);

/** Adds the first `k` candidates that reach the threshold, in their order; takes their items. */
void jd_search_take_best(jd_search *search, GPtrArray *candidates, gsize k, double threshold);

/** An item among candidates. */
typedef struct jd_candidate_wish {
    jd_item_kind kind;
    gint64 id;
    jd_candidate *candidate; /* filled in; NULL: another process erased it since it was found */
} jd_candidate_wish;

/** Finds it, or reads it from the store and adds it to the list. */
gboolean jd_search_candidate(const jd_search *search, GPtrArray *candidates,
                             jd_candidate_wish *wish, GError **error);

void jd_search_note(jd_search *search, const char *note);

/* The profiles. */
gboolean jd_search_article(jd_search *search, GError **error);
gboolean jd_search_default(jd_search *search, GError **error);

#endif
