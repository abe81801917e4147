/*
 * The body of a request as it comes in, piece by piece, on the event loop's thread.
 *
 * JSON and other types are collected as they are. The files of a multipart body are collected in
 * memory or, for routes with JD_ROUTE_FILES, written into a new folder; nothing here looks into
 * them.
 */
#ifndef JD_SERVER_BODY_H
#define JD_SERVER_BODY_H

#include "server/call.h"

#include <microhttpd.h>

typedef struct jd_body {
    char *media_type; /* without parameters, in lower case; never NULL */
    GBytes *bytes;    /* the whole; never NULL once it is finished */
    GPtrArray *uploads;
    GHashTable *fields;
    char *folder; /* of the files on disk; erased with the body, unless it is to be kept */
    gboolean keep_folder;

    GByteArray *collected;          /* of the body, or of the part at hand */
    struct MHD_PostProcessor *post; /* of a multipart body */
    jd_upload *part;                /* the file that comes in; owned by `uploads` */
    char *field;                    /* or the field's name */
    int fd;                         /* of a file on disk, -1 without */
    gint64 received, limit;         /* bytes */
    const char *spool;              /* where folders for files are made; NULL: in memory */
    GError *error;                  /* why it is refused; the rest is not kept */
} jd_body;

void jd_body_init(jd_body *body);
void jd_body_clear(jd_body *body);

/** Erases the files on disk, unless they are to be kept. */
void jd_body_drop_files(jd_body *body);

typedef struct jd_body_options {
    const char *content_type; /* the header; may be NULL */
    gint64 limit;             /* bytes of the whole body */
    const char *spool;        /* as in jd_body */
} jd_body_options;

/** Before the first piece. FALSE where a body like this is not taken. */
gboolean jd_body_begin(jd_body *body, struct MHD_Connection *connection,
                       const jd_body_options *options, GError **error);
/** FALSE where it is over its limit, or broken: nothing more of it is wanted. */
gboolean jd_body_add(jd_body *body, const char *data, gsize size);
/** After the last piece. */
gboolean jd_body_finish(jd_body *body, GError **error);

#endif
