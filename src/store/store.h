/*
 * The knowledge base: documents, chunks, images, pictures and vectors, and the word index over
 * them.
 *
 * One table of operations, so that another database is one more file: sqlite.c is the default. A
 * store is used from one thread at a time; readers in other threads or processes open their own.
 * One process at a time holds a store for writing (guarded by a lock that dies with it).
 * What a write function has returned TRUE for, outside jd_store_begin(), survives kill -9 and power
 * loss.
 */
#ifndef JD_STORE_STORE_H
#define JD_STORE_STORE_H

#include "store/terms.h"

typedef struct jd_store jd_store;

typedef struct jd_store_options {
    jd_kb_mode mode;
    int busy_timeout_ms; /* 0: JD_STORE_BUSY_TIMEOUT_MS */
    int threads;         /* that going over many vectors may take; 0: one for each core */
} jd_store_options;

/**
 * Opens the store in `where`: a file, or "postgresql://...". Writing makes it and its folder where
 * absent; reading one that is absent is JD_ERROR_NOT_FOUND. Not a knowledge base: JD_ERROR_CORRUPT;
 * newer: JD_ERROR_VERSION; another writer: JD_ERROR_BUSY; in each case nothing is changed.
 */
jd_store *jd_store_open(const char *where, const jd_store_options *options, GError **error);
void jd_store_close(jd_store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_store, jd_store_close)

/* ---- documents ---- */

/**
 * Several writes become one commit. Not nested. A write that is refused (JD_ERROR_INVALID,
 * JD_ERROR_NOT_FOUND) leaves the batch as it was; one that fails for the disk's sake (full, I/O)
 * undoes all of it, and every write until the end and the commit fail too. On a store that is open
 * for reading, what is read until the end is one snapshot.
 */
gboolean jd_store_begin(jd_store *store, GError **error);
gboolean jd_store_commit(jd_store *store, GError **error);
void jd_store_rollback(jd_store *store);

/** The document at `uri` in `collection`; *info is NULL where there is none. */
gboolean jd_store_find_document(jd_store *store, const char *collection, const char *uri,
                                jd_document_info **info, GError **error);

/** A document's settings string: how it was chunked; compared by ingest to see whether it must be
 * read again. */
typedef struct jd_store_document {
    const jd_document_info *info;
    GPtrArray *items;     /* jd_item *, in reading order; images with bytes */
    GPtrArray *terms;     /* jd_item_terms * of each item; NULL: made while storing */
    const char *settings; /* "chunking=default;target=900;overlap=120;..." */
} jd_store_document;

/**
 * Stores a document with its items, replacing the one of the same collection and URI, all or
 * nothing. *id (may be NULL) gets the document's id: a replaced document keeps its own, its items
 * get new ones.
 */
gboolean jd_store_put_document(jd_store *store, const jd_store_document *document, gint64 *id,
                               GError **error);

/** The settings that a document was stored with; NULL with an error where it is not there. */
char *jd_store_document_settings(jd_store *store, gint64 id, GError **error);

/** Erases a document: text, word index, vectors, and pictures that no other document uses. */
gboolean jd_store_remove_document(jd_store *store, gint64 id, GError **error);
/** Erases one item. */
gboolean jd_store_remove_item(jd_store *store, jd_item_kind kind, gint64 id, GError **error);
/**
 * Gives freed space back to the file system, and makes sure that nothing of what was removed or
 * replaced is left in the files. Call it after removing; it takes as long as rewriting the word
 * index.
 */
gboolean jd_store_compact(jd_store *store, GError **error);

/** Documents that pass the filter (a section: those with such an item), ordered by id:
 * jd_document_info *. */
GPtrArray *jd_store_list_documents(jd_store *store, const jd_filter *filter, GError **error);

/** Is called with one item after another; the item is the store's own. Returning FALSE stops, which
 * is no error. It may read from the store but not write to it. */
typedef gboolean (*jd_item_fn)(const jd_item *item, void *user);
typedef struct jd_item_walk {
    jd_item_kind kind;
    const jd_filter *filter; /* may be NULL */
    jd_item_fn each;
    void *user;
} jd_item_walk;

/** Walks over every item of a kind that passes the filter, ordered by id. */
gboolean jd_store_each_item(jd_store *store, const jd_item_walk *walk, GError **error);

/** Items by id in the order asked for (jd_item *); an id that is not there is JD_ERROR_NOT_FOUND.
 */
GPtrArray *jd_store_get_items(jd_store *store, jd_item_kind kind, const gint64 *ids, gsize n,
                              GError **error);

/** Items of one document and kind with first <= ordinal <= last. */
typedef struct jd_item_range {
    gint64 document;
    jd_item_kind kind;
    int first, last;
} jd_item_range;
GPtrArray *jd_store_get_range(jd_store *store, const jd_item_range *range, GError **error);

/** Whether a document of the collection, other than a picture file itself, shows this picture. */
gboolean jd_store_is_shown(jd_store *store, const char *collection, const char *sha256,
                           gboolean *shown, GError **error);

/** The bytes of a picture. */
GBytes *jd_store_get_picture(jd_store *store, const char *sha256, GError **error);

/* ---- words ---- */

/** One analysed query word with the spellings that count as it: stems of the languages in the base.
 */
typedef struct jd_query_term {
    char **forms;    /* NULL-terminated, at least one */
    gboolean prefix; /* matches longer words too */
} jd_query_term;

typedef struct jd_keyword_query {
    jd_item_kind kind;
    const jd_query_term *terms;
    gsize term_count;
    const jd_filter *filter; /* may be NULL */
    gsize limit;
} jd_keyword_query;

typedef struct jd_hit {
    gint64 id;
    double score; /* higher is better */
} jd_hit;

/**
 * BM25F over the items' fields (notes in bm25.h: k1, b and the fields' weights), best first, ties
 * by id; an item that holds any term counts. Words that most items hold are left out of the
 * matching where rarer ones are there. GArray of jd_hit.
 */
GArray *jd_store_search_words(jd_store *store, const jd_keyword_query *query, GError **error);

/**
 * What BM25 lets each of the query's terms weigh (its idf among all items of the kind; filter and
 * limit do not count); a term that no item holds weighs the most. `idf` has term_count places.
 */
gboolean jd_store_weigh_words(jd_store *store, const jd_keyword_query *query, double *idf,
                              GError **error);

/** Languages of the items in the base, commonest first: char *, for analysing a question. */
GPtrArray *jd_store_languages(jd_store *store, GError **error);

/* ---- vectors ---- */

/** An embedding space: what made the vectors. Vectors of different spaces are never compared. */
typedef struct jd_space {
    gint64 id;
    char *model;    /* "openai/clip-vit-base-patch16", "article-import" */
    char *revision; /* hash of the model's files, or "" */
    int dimension;
    gboolean normalised;
} jd_space;

void jd_space_free(jd_space *space);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_space, jd_space_free)

/** The space with these properties, made where it is absent. */
gboolean jd_store_ensure_space(jd_store *store, const jd_space *space, gint64 *id, GError **error);
/** All spaces, ordered by id: jd_space *. */
GPtrArray *jd_store_list_spaces(jd_store *store, GError **error);

typedef struct jd_vectors {
    gint64 space;
    jd_item_kind kind;
    const gint64 *ids;   /* n item ids */
    const float *values; /* n x dimension, rows */
    gsize n;
} jd_vectors;

/** Stores vectors, replacing those of the same items. NaN or infinity is JD_ERROR_INVALID. */
gboolean jd_store_put_vectors(jd_store *store, const jd_vectors *vectors, GError **error);

/** Is called with one block of vectors after another. Returning FALSE stops, which is no error. It
 * may read from the store but not write to it. */
typedef gboolean (*jd_vectors_fn)(const jd_vectors *block, void *user);
typedef struct jd_vector_scan {
    gint64 space;
    jd_item_kind kind;
    const jd_filter *filter; /* may be NULL */
    jd_vectors_fn each;
    void *user;
    /* With these three, several threads may share the work. Each piece of it gets a state that
     * `fork` makes of `user`, and that takes its place as the argument of `each`, which then must
     * not stop; `join` takes the states in, in the order of the ids, so that the result never
     * depends on the number of threads; `drop` frees them. `fork` and `each` must not write to
     * anything but the state, nor read from the store. */
    void *(*fork)(const void *user);
    void (*join)(void *user, const void *state);
    void (*drop)(void *state);
} jd_vector_scan;

/** Goes over all vectors of one space and kind whose items pass the filter, ordered by id (with
 * `fork`: within each state). */
gboolean jd_store_scan_vectors(jd_store *store, const jd_vector_scan *scan, GError **error);

/** Queries for the nearest vectors: several cost little more than one. */
typedef struct jd_vector_query {
    gint64 space;
    jd_item_kind kind;
    const jd_filter *filter; /* may be NULL; applied before the cut to k */
    const float *values;     /* count x dimension */
    gsize count, dimension;
    gsize k;
    gint64 except; /* an item that is left out; 0: none */
    /* Items whose cosine is wanted whether they are among the best or not: rising ids, and where
     * the cosines go (count x also_count), NAN for one that has no vector or does not pass. */
    const gint64 *also;
    gsize also_count;
    double *also_scores;
} jd_vector_query;

/**
 * For each query the k items of one space and kind with the greatest cosines (of a vector of zeros:
 * 0), best first, ties by id: a GArray of jd_hit each. The result is exactly that of comparing
 * with every vector in double precision. A query that is all zeros or not finite, or of another
 * dimension: JD_ERROR_INVALID.
 */
GPtrArray *jd_store_search_vectors(jd_store *store, const jd_vector_query *query, GError **error);

/**
 * Makes caches that searching reads fit what is stored, so that no search has to. Call it when many
 * vectors were written. Cannot fail: where a cache cannot be written, searching is slower.
 */
void jd_store_refresh_caches(jd_store *store);

/** One item's vector (dimension floats, g_free() it); JD_ERROR_NOT_FOUND where it has none in the
 * space. */
float *jd_store_get_vector(jd_store *store, gint64 space, jd_item_kind kind, gint64 id,
                           GError **error);

/** Which items a space has no vectors of. */
typedef struct jd_missing_query {
    gint64 space;
    jd_item_kind kind;
    gboolean pictures; /* of images only those whose picture is stored */
} jd_missing_query;

/** Their ids in rising order: GArray of gint64. */
GArray *jd_store_missing_vectors(jd_store *store, const jd_missing_query *query, GError **error);

/** How many items of a kind have a vector in the space. */
gboolean jd_store_count_vectors(jd_store *store, gint64 space, jd_item_kind kind, guint64 *count,
                                GError **error);

/** Erases a space with all its vectors. JD_ERROR_NOT_FOUND where there is none of this id. */
gboolean jd_store_drop_space(jd_store *store, gint64 space, GError **error);

/* ---- keeping it ---- */

typedef struct jd_store_stats {
    guint64 documents, chunks, images, pictures, vectors;
    guint64 bytes; /* on the disk */
    int schema_version;
} jd_store_stats;

gboolean jd_store_get_stats(jd_store *store, jd_store_stats *stats, GError **error);

/** Checks everything: SQLite's integrity_check, the word index, dangling rows, hashes, vector
 * sizes. Problems are sentences (char *); an empty array means sound. */
GPtrArray *jd_store_verify(jd_store *store, GError **error);

/** Copies a live base to `path`, which must not exist; a half-made copy is removed. */
gboolean jd_store_backup(jd_store *store, const char *path, GError **error);

#endif
