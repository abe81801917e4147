/* A base with enough vectors for a scan cache, and what its searches should find. */
#ifndef JD_STORE_TEST_VECTOR_BASE_H
#define JD_STORE_TEST_VECTOR_BASE_H

#include "store/test_util.h"

enum {
    VECTOR_DIMENSION = 2048,
    VECTOR_BLOCK = 32, /* items of a block, by JD_STORE_BLOCK_BYTES */
    VECTOR_ITEMS = 68 * VECTOR_BLOCK,
    VECTOR_DOCUMENT = 68, /* items of a document: documents and blocks do not end together */
};

typedef struct vector_base {
    char *folder;
    jd_store *store;
    gint64 space;
    GArray *vectors; /* VECTOR_DIMENSION floats for each id from 0 on; NAN first: it has none */
    GRand *random;
} vector_base;

/** Items and their vectors, hard ones among them: clusters around a common mean, twins, zeros, huge
 * and tiny numbers. Documents alternate in title (even, odd), collection and time. */
vector_base *vector_base_new(guint32 seed);
void vector_base_free(vector_base *base);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(vector_base, vector_base_free)

/** Opens it anew. */
void vector_base_reopen(vector_base *base, jd_kb_mode mode, int threads);

/** Makes a vector for an item and puts it. */
void vector_base_put(vector_base *base, gint64 id);
/** Notes that an item is gone. */
void vector_base_forget(vector_base *base, gint64 id);

/** A few searches with filters, several queries, left-out items and wanted ones: each must equal
 * comparing everything in double precision. */
void vector_base_check(vector_base *base);

/** The cache's file of the texts. */
char *vector_base_cache(const vector_base *base);
/** How many of the base's blocks the cache's file holds. */
guint vector_base_cached(const vector_base *base);

#endif
