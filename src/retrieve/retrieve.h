/*
 * A question becomes evidence: ranked chunks and images.
 *
 * article: softmax over all items of a kind of (q . x) / temperature, threshold, top k, ties by id;
 * q as it is. default: BM25F over words, merged with dense scores where an encoder is installed
 * (retrieval recipe in default.c).
 */
#ifndef JD_RETRIEVE_RETRIEVE_H
#define JD_RETRIEVE_RETRIEVE_H

#include "store/store.h"

/** What is looked for. Text, a vector, or both. */
typedef struct jd_query {
    const char *text;       /* may be NULL */
    const float *embedding; /* may be NULL; used as it is */
    gsize embedding_size;
    gint64 space; /* the space the embedding belongs to; 0: the only one of that dimension */
} jd_query;

/**
 * Finds the evidence. `options` is complete (not NULL); its `like` is resolved here; its
 * `image_path` is the caller's to turn into an embedding. An empty query without a vector is
 * JD_ERROR_USAGE. Nothing found is no error: the lists are empty.
 */
jd_results *jd_retrieve(jd_store *store, const jd_query *query, const jd_search_options *options,
                        GError **error);

/** A snippet of an item's text around the words of the query, at most `max_chars`, and where the
 * words are in it. */
typedef struct jd_snippet {
    char *text;
    GArray *marks; /* pairs of gsize: start and end of each match, in bytes of `text` */
} jd_snippet;

jd_snippet *jd_snippet_new(const jd_item *item, const jd_results *results, gsize max_chars);
void jd_snippet_free(jd_snippet *snippet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_snippet, jd_snippet_free)

/** Parses "t12" or "i3" or "d1" (kind 't', 'i' or 'd'). FALSE with JD_ERROR_USAGE, saying what was
 * expected. */
gboolean jd_id_parse(const char *id, char *kind, gint64 *number, GError **error);

#endif
