/* What jobs.c, which keeps jobs and answers for them, and jobs_run.c, which runs them, share. */
#ifndef JD_SERVER_JOBS_STATE_H
#define JD_SERVER_JOBS_STATE_H

#include "server/jobs.h"

/** A job that is not over. */
typedef struct jd_live_job {
    gint64 id;
    jd_job *job;
    json_t *request;
    gboolean apart;     /* it does not write to the base */
    gboolean taken;     /* somebody runs or ends it, and nobody else may */
    gboolean cancelled; /* by a client */
    jd_cancel cancel;
    json_t *progress;     /* or NULL */
    GPtrArray *followers; /* jd_events * */
} jd_live_job;

struct jd_jobs {
    jd_service *service;
    GMutex lock;    /* guards what follows */
    GCond wanted;   /* something for the fetcher, or the end */
    GQueue queue;   /* jd_live_job *, in the order in which they came */
    GThread *apart; /* runs those jobs that do not write to the base */
    gboolean stopping;
};

void jd_live_job_free(gpointer live);

/** NULL where it is over, or was never there. With the lock held. */
jd_live_job *jd_jobs_find(jd_jobs *jobs, gint64 id);

/** The row of the table, or NULL. */
const jd_job_kind *jd_job_kind_find(const char *name);

/** Ends a job that the caller has taken before it began, because a client does not want it. */
gboolean jd_jobs_end_waiting(jd_jobs *jobs, jd_live_job *live, GError **error);

/** Runs jobs that do not write to the base until the server stops. `user` is the jobs. */
gpointer jd_jobs_run_apart(gpointer user);

#endif
