/*
 * Small pictures of stored ones, made by the reader process and kept in memory: at most
 * JD_SERVER_THUMBNAIL_BYTES, the one that was asked for the longest ago goes first. Nothing of them
 * is left on disk when a document is erased.
 */
#ifndef JD_SERVER_THUMBNAILS_H
#define JD_SERVER_THUMBNAILS_H

#include <jackdaw.h>

typedef struct jd_thumbnails jd_thumbnails;

jd_thumbnails *jd_thumbnails_new(void);
void jd_thumbnails_free(jd_thumbnails *thumbnails);

typedef struct jd_thumbnail {
    GBytes *bytes;
    const char *media_type; /* static */
} jd_thumbnail;

/** What is wanted. */
typedef struct jd_thumbnail_wish {
    const char *sha256; /* of the stored picture */
    int side;           /* of the square that it is to fit, pixels; it is not enlarged */
} jd_thumbnail_wish;

/** The bytes are a reference for the caller. JD_ERROR_NOT_FOUND where the picture is not there. */
gboolean jd_thumbnails_get(jd_thumbnails *thumbnails, jd_kb *kb, const jd_thumbnail_wish *wish,
                           jd_thumbnail *thumbnail, GError **error);

#endif
