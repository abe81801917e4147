/*
 * The page: files compiled into the program.
 *
 * Everything under ui/ becomes a row of a table (tools/embed_page.py makes it when the program is
 * built). The files are the same for everybody and hold nothing secret, so they need no token; what
 * they show they ask the API for.
 */
#ifndef JD_SERVER_PAGE_H
#define JD_SERVER_PAGE_H

#include "server/route.h"

typedef struct jd_page_file {
    const char *path; /* "/", "/app.js" */
    const char *media_type;
    const char *etag; /* quoted, a hash of the content */
    const guint8 *data;
    gsize size;
    const guint8 *gzip; /* the same compressed; NULL where that is not smaller */
    gsize gzip_size;
} jd_page_file;

/** NULL path after the last. */
extern const jd_page_file jd_page_files[];

/** The file that is served at a path; NULL where there is none. */
const jd_page_file *jd_page_find(const char *path);

/** The route of all of them: it has no pattern, the table above says which paths there are. */
extern const jd_route jd_page_route;

#endif
