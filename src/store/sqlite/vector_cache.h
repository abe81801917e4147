/* The scan cache (scan/cache.h) of a knowledge base: where its files are, and who keeps them. */
#ifndef JD_STORE_SQLITE_VECTOR_CACHE_H
#define JD_STORE_SQLITE_VECTOR_CACHE_H

#include "store/scan/cache.h"
#include "store/sqlite/vectors.h"

/**
 * The cache of a place: BASE.scan-1t beside the knowledge base, for texts in space 1; where there
 * is none and the folder cannot be written to, $XDG_CACHE_HOME/jackdaw/scan/HASH-1t, the hash being
 * one of the base's path. Belongs to the store.
 */
jd_scan_cache *jd_vector_cache_of(jd_sqlite *store, const jd_vector_place *place);

/**
 * After a search that read blocks which the cache lacks, and after its read: keeps some of them,
 * JD_SCAN_LAZY_BYTES of vectors, so that the searches after it have less to read. Never waits.
 */
void jd_vector_cache_help(jd_sqlite *store, const jd_vector_place *place);

/** A writer's: erases from all caches what is no longer stored, and keeps all that is; where
 * `make`, caches that are not there too. Places of few vectors have none. */
void jd_vector_caches_update(jd_sqlite *store, gboolean make);

/** Adds a sentence for every cache that holds anything else than what is stored. Inside a read. */
gboolean jd_vector_caches_verify(jd_sqlite *store, GPtrArray *problems, GError **error);

#endif
