/*
 * The pictures that documents refer to, as local files or, where allowed, on the web. Each is
 * checked by the reader process, and once for a run however many documents show it, as long as
 * memory allows.
 */
#ifndef JD_PICTURES_H
#define JD_PICTURES_H

#include "read/fetch.h"
#include "read/reader.h"
#include "reference.h"

typedef struct jd_pictures jd_pictures;

typedef struct jd_pictures_options {
    const jd_roots *roots;
    jd_reader_pool *readers;
    jd_fetcher *fetcher; /* NULL: remote pictures stay out */
} jd_pictures_options;

/** What the options point at must outlive it. */
jd_pictures *jd_pictures_new(const jd_pictures_options *options);
void jd_pictures_free(jd_pictures *pictures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pictures, jd_pictures_free)

/**
 * Gives an image item without bytes those of the file that its source refers to, with their hash,
 * type and size. May be called from several threads. On failure the item stays as it was; a remote
 * picture without a fetcher is JD_ERROR_UNAVAILABLE.
 */
gboolean jd_pictures_load(jd_pictures *pictures, const jd_referrer *from, jd_item *item,
                          GError **error);

/**
 * A fingerprint of the local files that these sources (char *) refer to: it changes when one of
 * them comes, goes or changes. NULL where no source is local. g_free() it.
 */
char *jd_pictures_fingerprint(const jd_roots *roots, const jd_referrer *from,
                              const GPtrArray *sources);

#endif
