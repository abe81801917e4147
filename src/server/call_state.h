/*
 * The inside of a call, for the files that run it: http.c receives and sends, body.c collects,
 * call.c is what handlers see.
 *
 * A call goes through its states on the event loop's thread, except from WORKING to READY, which
 * the worker does. While it is WORKING libmicrohttpd holds its connection back, so the worker has
 * the call to itself.
 */
#ifndef JD_SERVER_CALL_STATE_H
#define JD_SERVER_CALL_STATE_H

#include "server/body.h"
#include "server/guard.h"
#include "server/route.h"

#include <microhttpd.h>

typedef enum jd_call_state {
    JD_CALL_NEW,       /* the request line is there */
    JD_CALL_RECEIVING, /* admitted; its body comes */
    JD_CALL_WORKING,   /* a worker has it */
    JD_CALL_READY,     /* there is a reply to be sent */
    JD_CALL_SENT       /* libmicrohttpd has the reply */
} jd_call_state;

typedef struct jd_call_reply {
    int status; /* 0: none yet */
    char *media_type;
    GBytes *bytes;      /* or NULL */
    jd_events *events;  /* or NULL */
    GPtrArray *headers; /* char *: name, value, name, value, ... */
} jd_call_reply;

struct jd_call {
    gint refs;
    jd_service *service;
    struct MHD_Connection *connection;
    jd_peer *peer;
    jd_call_state state;
    gint64 number;
    gint64 began; /* monotonic time of the request line, µs */

    char *target; /* as it came: path and query */
    char *method, *path;
    GHashTable *query;   /* char * -> char *, decoded */
    GHashTable *headers; /* lower-case name -> value */
    char **parts;
    const jd_route *route;
    const jd_route_table *table;
    jd_body body;
    gboolean unframed; /* where its body ends cannot be relied on: answered at once, then closed */
    gint64 buffered;   /* bytes of the body that the service has counted */
    gint64 discarded;  /* bytes that came after it was refused */
    json_t *json;      /* of the body; NULL: not parsed yet */

    jd_cancel cancel;
    GMutex lock; /* guards reply.events against the thread that watches for hang-ups */
    jd_call_reply reply;
};

/** A call whose request line has come; `target` is copied. One reference. */
jd_call *jd_call_new(jd_service *service, struct MHD_Connection *connection, const char *target);

/** Replies with an error, in the form of the call's table. */
void jd_call_fail(jd_call *call, const GError *error);

/** Runs the handler; the reply is its own or an error. */
void jd_call_answer(jd_call *call);

/** The same, and hands the reply to the event loop; on a worker thread. */
void jd_call_work(jd_call *call);

/** The stream that is the reply, NULL where it is another or none yet. The reference is the
 * caller's. */
jd_events *jd_call_events(jd_call *call);

/** Sends a comment where the reply is a stream. */
void jd_call_keep_alive(jd_call *call);

/** The client has gone, or is to go: whatever is under way for it stops. From any thread. */
void jd_call_hang_up(jd_call *call);

#endif
