/* libmicrohttpd: from sockets to calls, and from replies to sockets. */
#ifndef JD_SERVER_HTTP_H
#define JD_SERVER_HTTP_H

#include "server/service.h"

/** Begins to take requests on a listener, with an event loop of its own. The descriptor becomes the
 * daemon's. */
struct MHD_Daemon *jd_http_start(jd_service *service, jd_listener *listener, GError **error);

/** Takes no more connections. */
void jd_http_quiesce(struct MHD_Daemon *daemon);

/** Ends the event loop and closes its connections; no call may be under way. */
void jd_http_stop(struct MHD_Daemon *daemon);

#endif
