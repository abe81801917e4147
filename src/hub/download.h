/*
 * One file from a hub into a partial file, and from there, once it is verified, to its place.
 *
 * A partial file is named by what it is part of: the file's hash, or, where the hub gives none, its
 * ETag. So it is continued only where it belongs, by whichever process and from whichever source;
 * and what a wrong continuation would give is found by the hash, or prevented by If-Range.
 */
#ifndef JD_HUB_DOWNLOAD_H
#define JD_HUB_DOWNLOAD_H

#include "hub/listing.h"

typedef struct jd_download {
    const char *url, *repository;
    const char *parts;   /* folder of partial files */
    const char *to;      /* the file's place; its folder exists */
    jd_model_file *file; /* what is expected; its SHA-256 is filled in */
} jd_download;

/**
 * Fetches and verifies it. JD_ERROR_INVALID: not what was promised; JD_ERROR_NO_SPACE, JD_ERROR_IO:
 * it cannot be written; JD_ERROR_REMOTE, JD_ERROR_UNAVAILABLE: it broke off again and again, what
 * has come is kept; JD_ERROR_CANCELLED, the same. The hub's watch gets the bytes of the file once,
 * those that were there already included.
 */
gboolean jd_hub_download(jd_hub *hub, const jd_download *download, GError **error);

#endif
