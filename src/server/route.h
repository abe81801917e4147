/*
 * Which handler answers which request: tables of method, path pattern, handler.
 *
 * A pattern is a path whose parts may be names in braces, "/api/v1/jobs/{id}/events": such a part
 * takes any text that is not empty and has no "/"; the last one may be "{name...}", which takes all
 * that is left. A new endpoint is a line in its file's table; a new table is a line in routes.c.
 */
#ifndef JD_SERVER_ROUTE_H
#define JD_SERVER_ROUTE_H

#include "server/call.h"
#include "server/problem.h"

/**
 * Answers a call, on a worker thread. Replies with one of the jd_call_reply_...() functions and
 * returns TRUE, or returns FALSE with an error, which is told in the table's form. An error after
 * jd_call_reply_events() is the handler's own to send.
 */
typedef gboolean (*jd_handler)(jd_call *call, GError **error);

/** What has neither JD_ROUTE_LONG, JD_ROUTE_AT_ONCE nor JD_ROUTE_WRITES computes from end to end,
 * as a search does: such calls are answered in the order in which they came, as many at once as
 * there are cores. */
typedef enum jd_route_flags {
    JD_ROUTE_PUBLIC = 1 << 0,  /* needs no token */
    JD_ROUTE_LONG = 1 << 1,    /* may take minutes: runs beside the short ones, is stopped
                                  (jd_call_cancel()) when its client goes away */
    JD_ROUTE_AT_ONCE = 1 << 2, /* reads nothing but memory: runs in the event loop itself */
    JD_ROUTE_FILES = 1 << 3,   /* files of a multipart body are kept on disk, not in memory */
    JD_ROUTE_WRITES = 1 << 4   /* waits for the thread that writes, which may take seconds */
} jd_route_flags;

typedef struct jd_route {
    const char *method; /* "GET" answers HEAD too */
    const char *pattern;
    jd_handler handle;
    unsigned flags;
    gint64 max_body; /* bytes; 0: JD_SERVER_BODY_BYTES */
} jd_route;

/** Replies with an error in the form that the table's clients expect. */
typedef void (*jd_error_form)(jd_call *call, const jd_problem *problem);

typedef struct jd_route_table {
    const char *prefix;     /* errors about paths below it, even unknown ones, have this form */
    const jd_route *routes; /* ends with a NULL method */
    jd_error_form put_error;
} jd_route_table;

/** All tables; NULL after the last. */
extern const jd_route_table *const jd_route_tables[];

/** {"error":{"code","message","hint"}}: the form of /api/v1 and of every path without a table. */
void jd_put_error(jd_call *call, const jd_problem *problem);

/** The table whose prefix fits the path best. */
const jd_route_table *jd_route_table_for(const char *path);

/**
 * The route for a method and a decoded path; *parts gets the texts of the braces, in order
 * (NULL-terminated). 404, or 405 with the methods that there are in `*allow` ("GET, POST").
 */
const jd_route *jd_route_find(const char *method, const char *path, char ***parts, char **allow,
                              GError **error);

#endif
