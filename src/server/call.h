/*
 * One HTTP request and its answer, as handlers see it.
 *
 * A handler runs on a worker thread when all of the body has come, and replies once: with JSON,
 * with bytes, or with a stream of events that it may go on feeding after it has returned. Strings
 * and JSON that a call hands out belong to it and stay as they are while the handler runs.
 */
#ifndef JD_SERVER_CALL_H
#define JD_SERVER_CALL_H

#include "server/events.h"

#include <jackdaw.h>
#include <jansson.h>

typedef struct jd_call jd_call;
typedef struct jd_service jd_service;

/** For whoever needs a call beyond its handler: calls are counted references, of any thread. */
jd_call *jd_call_ref(jd_call *call);
void jd_call_unref(jd_call *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_call, jd_call_unref)

/* ---- the request ---- */

/** What all calls share: see service.h. */
jd_service *jd_call_service(const jd_call *call);

/** Its number, unlike that of every other call of this run of the server. */
gint64 jd_call_number(const jd_call *call);

/** "GET", "POST", ... */
const char *jd_call_method(const jd_call *call);
/** The path, percent-decoded. */
const char *jd_call_path(const jd_call *call);
/** The text of the nth brace in the route's pattern, from 0. */
const char *jd_call_part(const jd_call *call, guint n);
/** A request header, NULL where it was not sent. `name` in lower case. */
const char *jd_call_header(const jd_call *call, const char *name);
/** A parameter of the query string, decoded; NULL where it was not sent. */
const char *jd_call_query(const jd_call *call, const char *name);
/** All parameters of the query string: char * -> char *. */
GHashTable *jd_call_query_all(const jd_call *call);

/** The body's media type without parameters, in lower case; "" without a body. */
const char *jd_call_media_type(const jd_call *call);
/** The body as it came; empty where it was multipart. */
GBytes *jd_call_body(const jd_call *call);
/** The body as JSON, parsed once. 415 where it is of another type, 400 where it is malformed. */
json_t *jd_call_json(jd_call *call, GError **error);

/** A file that came in a multipart body. */
typedef struct jd_upload {
    char *field; /* the form field's name */
    char *name; /* as the client calls it, a relative path with "/": never empty, never with ".." */
    GBytes *bytes; /* in memory, or */
    char *path;    /* on disk, for a route with JD_ROUTE_FILES */
    gint64 size;   /* bytes */
} jd_upload;

/** Of a multipart body: its files (jd_upload *) and its other fields (char * -> char *). Empty for
 * any other body. */
const GPtrArray *jd_call_uploads(const jd_call *call);
GHashTable *jd_call_fields(const jd_call *call);
/** The folder that holds the files on disk; NULL where there are none. It is erased with the call,
 * unless that is told to keep it. */
const char *jd_call_upload_folder(const jd_call *call);
void jd_call_keep_uploads(jd_call *call);

/** Not 0 as soon as the answer is not wanted any more: the client of a JD_ROUTE_LONG has gone, or
 * the server stops. */
jd_cancel *jd_call_cancel(jd_call *call);

/* ---- the answer ---- */

/** Adds a header to the answer; before the reply. */
void jd_call_set_header(jd_call *call, const char *name, const char *value);

/** Takes `json`. */
void jd_call_reply_json(jd_call *call, int status, json_t *json);
/** `media_type` NULL: no body. Keeps a reference of `bytes`. */
void jd_call_reply_bytes(jd_call *call, int status, const char *media_type, GBytes *bytes);
/** A status alone: 204, or 304. */
void jd_call_reply_empty(jd_call *call, int status);
/** Begins a stream of server-sent events, status 200. The reference is the caller's. */
jd_events *jd_call_reply_events(jd_call *call);

#endif
