/* The side of an event stream that libmicrohttpd sees. */
#ifndef JD_SERVER_EVENTS_STATE_H
#define JD_SERVER_EVENTS_STATE_H

#include "server/events.h"
#include "server/loop.h"

/** The loop must outlive the connection. */
jd_events *jd_events_new(jd_loop *loop, struct MHD_Connection *connection);

/** The response whose body the events are. The caller destroys it. */
struct MHD_Response *jd_events_response(jd_events *events);

/** Ends the stream at once, for a client that has gone or will not take it. */
void jd_events_give_up(jd_events *events);

/** The connection is done with this stream: it is not to be touched any more. */
void jd_events_detach(jd_events *events);

#endif
