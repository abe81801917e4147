/* A request as it comes in: taken apart, checked, and given its route. */
#ifndef JD_SERVER_RECEIVE_H
#define JD_SERVER_RECEIVE_H

#include "server/call_state.h"

/** When the headers are there. FALSE: it is refused; the call's table is set in any case. */
gboolean jd_call_receive(jd_call *call, const char *method, GError **error);

#endif
