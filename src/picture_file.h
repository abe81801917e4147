/* A picture file becomes the picture fields of an image item, checked by the reader process. */
#ifndef JD_PICTURE_FILE_H
#define JD_PICTURE_FILE_H

#include "read/reader.h"

/**
 * Reads the picture behind `fd`: sets the item's bytes, sha256, media_type, width and height.
 * `name` (may be NULL) is a hint. JD_ERROR_LIMIT above JD_LIMIT_PICTURE_BYTES, JD_ERROR_UNSUPPORTED
 * for what is no picture; messages do not name the file. On failure the item stays as it was.
 */
gboolean jd_picture_file_read(jd_reader_pool *readers, int fd, const char *name, jd_item *item,
                              GError **error);

/** The same for a file that the user named. Messages name it. */
gboolean jd_picture_file_open(jd_reader_pool *readers, const char *path, jd_item *item,
                              GError **error);

/** A picture that comes with a question: a file that the user named, or bytes. */
typedef struct jd_query_picture {
    const char *path; /* or */
    GBytes *bytes;
} jd_query_picture;

/** The same for either of them. */
gboolean jd_query_picture_read(jd_reader_pool *readers, const jd_query_picture *picture,
                               jd_item *item, GError **error);

/** How a message names it: its path, or "that was sent". */
const char *jd_query_picture_name(const jd_query_picture *picture);

/** Gives `to` the picture of `from`, sharing the bytes. */
void jd_picture_file_copy(jd_item *to, const jd_item *from);

#endif
