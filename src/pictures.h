/*
 * The pictures that documents refer to, as local files or, where allowed, on the web. Each is
 * checked by the reader process, and once for a run however many documents show it, as long as
 * memory allows.
 */
#ifndef JD_PICTURES_H
#define JD_PICTURES_H

#include "base/hash.h"
#include "read/fetch.h"
#include "read/reader.h"
#include "reference.h"

typedef struct jd_pictures jd_pictures;

typedef struct jd_pictures_options {
    const jd_roots *roots;
    jd_reader_pool *readers;
    jd_fetcher *fetcher; /* NULL: there are no URLs to load */
} jd_pictures_options;

/** What the options point at must outlive it. */
jd_pictures *jd_pictures_new(const jd_pictures_options *options);
void jd_pictures_free(jd_pictures *pictures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pictures, jd_pictures_free)

/**
 * Gives an image item without bytes those of the picture that it refers to, with their hash, type
 * and size; a URL needs a fetcher. May be called from several threads. On failure the item stays as
 * it was.
 */
gboolean jd_pictures_load(jd_pictures *pictures, const jd_reference *reference, jd_item *item,
                          GError **error);

/** Tells whether local files that a document refers to have come, gone or changed. Begins as {0}.
 */
typedef struct jd_fingerprint {
    jd_sha256_sum *sum; /* NULL until the first is added */
} jd_fingerprint;

void jd_fingerprint_clear(jd_fingerprint *fingerprint);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_fingerprint, jd_fingerprint_clear)

/** Adds a file with its time and size; NULL: one that is not there. URLs do not count. */
void jd_fingerprint_add(jd_fingerprint *fingerprint, const jd_reference *reference);

/** The fingerprint; NULL where nothing counted. */
char *jd_fingerprint_text(const jd_fingerprint *fingerprint);

#endif
