/* libmicrohttpd: from sockets to calls, and from replies to sockets. */
#ifndef JD_SERVER_HTTP_H
#define JD_SERVER_HTTP_H

#include "server/service.h"

/** Makes what takes requests on a listener, to be run by a jd_loop. The descriptor becomes the
 * daemon's. */
struct MHD_Daemon *jd_http_listen(jd_service *service, jd_listener *listener, GError **error);

#endif
