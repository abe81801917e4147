/* The tables of routes, each in a file of its own. */
#ifndef JD_SERVER_API_H
#define JD_SERVER_API_H

#include "server/route.h"

extern const jd_route_table jd_routes_health;
extern const jd_route_table jd_routes_session;

#endif
