/*
 * What a document means by a picture's address: which local file, or which URL.
 */
#ifndef JD_REFERENCE_H
#define JD_REFERENCE_H

#include "roots.h"

/** Where a document stands, for what it refers to. */
typedef struct jd_referrer {
    const char *document; /* its absolute path, or the URL that it was fetched from */
    const char *base;     /* its base href, or NULL */
} jd_referrer;

/** One of them is set. */
typedef struct jd_reference {
    char *path; /* of a local file, absolute, without symbolic links, inside the roots */
    char *url;  /* http or https */
} jd_reference;

void jd_reference_clear(jd_reference *reference);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_reference, jd_reference_clear)

/**
 * Finds what `source` (as written in the document) refers to. A local one is tried as written
 * first, since names may hold "%", "?" and "#"; then percent-decoded; then without query and
 * fragment; then with "/" for "\". One that begins with "/" is also looked for below each root, as
 * a web site's own root. JD_ERROR_NOT_FOUND: there is no such file; JD_ERROR_USAGE: it lies outside
 * the roots; JD_ERROR_UNSUPPORTED: a scheme that is not read, or a local file from a remote page.
 */
gboolean jd_reference_find(const jd_roots *roots, const jd_referrer *from, const char *source,
                           jd_reference *reference, GError **error);

#endif
