/* What all calls share. Handlers use its parts as their headers say; every part may be used from
 * any thread. */
#ifndef JD_SERVER_SERVICE_H
#define JD_SERVER_SERVICE_H

#include "server/address.h"
#include "server/bases.h"
#include "server/gate.h"
#include "server/guard.h"
#include "server/jobs.h"
#include "server/loop.h"
#include "server/metrics.h"
#include "server/projections.h"
#include "server/route.h"
#include "server/scribe.h"
#include "server/server.h"
#include "server/thumbnails.h"

struct jd_service {
    const jd_serve_options *options;
    jd_bases *bases;   /* open knowledge bases for reading */
    jd_scribe *scribe; /* writes to it */
    jd_jobs *jobs;
    jd_thumbnails *thumbnails;
    jd_projections *projections;
    jd_metrics *metrics;
    jd_gate gate;
    jd_guard *guard;
    char *spool;      /* folder for uploaded files */
    char *token_file; /* or NULL */
    gboolean token_made;
    gint64 began; /* monotonic time, µs */

    GPtrArray *listeners; /* jd_listener * */
    jd_loop *loop;        /* receives and sends */
    char **urls;
    GThreadPool *short_calls, *writing_calls, *long_calls;

    GMutex lock;        /* guards what follows */
    GCond changed;      /* a call has ended */
    GHashTable *calls;  /* jd_call *: those that were admitted and have not ended */
    gint64 last_number; /* of a call */
    gint64 buffered;    /* bytes of bodies in memory */
    gboolean stopping;
};

/** A line for the operator. */
void jd_service_log(jd_service *service, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Has the call of this number, which `handler` answers, stop: jd_call_cancel() is set. FALSE where
 * none is under way. */
gboolean jd_service_stop_call(jd_service *service, gint64 number, jd_handler handler);

/** Whether the service is about to stop: 503 for new requests. */
gboolean jd_service_is_stopping(jd_service *service);

#endif
