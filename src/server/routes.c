/* The tables of routes. */
#include "server/route.h"

#include "server/api.h"

const jd_route_table *const jd_route_tables[] = {
    &jd_routes_session,
    &jd_routes_health,
    NULL,
};
