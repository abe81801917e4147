/*
 * A question becomes evidence: ranked chunks and images.
 *
 * article (article.c): softmax of (q . x) / temperature over all items of a kind that may be found,
 * threshold, top k, ties by id; q as it is. default (default.c): BM25F over words, calibrated
 * (calibrate.h), fused with the cosines of an encoder where there is one (fuse.h), pictures found
 * by their pixels (pixels.h) and those beside strong passages lifted (candidate.h); with a picture
 * beside the words, both by their ranks (mixed.h); cosines alone where a vector is given.
 */
#ifndef JD_RETRIEVE_RETRIEVE_H
#define JD_RETRIEVE_RETRIEVE_H

#include "retrieve/fuse.h"
#include "store/store.h"

/** The question's vector in the space of an encoder. */
typedef struct jd_query_vector {
    const float *values; /* unit length; NULL: there is none */
    gsize size;
    gint64 space;
    const char *model;     /* for the notes */
    jd_cosine_scale scale; /* of a sentence encoder's */
} jd_query_vector;

/** What is looked for. Text, a vector, or both. */
typedef struct jd_query {
    const char *text;       /* may be NULL */
    const float *embedding; /* may be NULL; used as it is */
    gsize embedding_size;
    gint64 space; /* the space the embedding belongs to, and where `like` looks first; 0: the only
                     one of that dimension, and the first */
    /* Beside the text, in the default profile: */
    jd_query_vector meaning; /* a sentence encoder's, for passages and the words of pictures */
    jd_query_vector pixels;  /* CLIP's or its like's, for pictures */
    jd_query_vector picture; /* a picture that is searched for as well */
    const char *why_words;   /* a note where `meaning` has no vector; NULL: no encoder is there */
} jd_query;

/**
 * Finds the evidence. `options` is complete (not NULL); its `like` is resolved here, its
 * `embedding` used where `query` has none; its `image_path` is the caller's to turn into `picture`
 * or, without a text, into `embedding`. With an `embedding` the text is not searched for, only
 * marked in snippets. An empty query without a vector is JD_ERROR_USAGE, a text over
 * JD_LIMIT_QUERY_BYTES JD_ERROR_LIMIT, a vector that fits no space or has a NaN JD_ERROR_INVALID,
 * one that fits several spaces JD_ERROR_USAGE, the article profile without a vector
 * JD_ERROR_UNAVAILABLE. Nothing found is no error: the lists are empty.
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
