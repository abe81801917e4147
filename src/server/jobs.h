/*
 * Jobs: what takes longer than a request. They are kept in the knowledge base before their client
 * hears of them, so that they survive the end of the server however it comes; one that was running
 * then is begun again at the next start, and all kinds of jobs go on where they were.
 *
 * Two run at a time, each kind of the two in the order in which they came: one that writes to the
 * base, in the scribe's thread, and one that does not (fetching a model). A kind of job is a
 * function and a row of the table in job_kinds.c.
 */
#ifndef JD_SERVER_JOBS_H
#define JD_SERVER_JOBS_H

#include "server/events.h"
#include "store/records.h"

typedef struct jd_jobs jd_jobs;
typedef struct jd_service jd_service;

/** One job that runs. */
typedef struct jd_job_run {
    jd_service *service;
    jd_kb *kb;               /* open for writing; NULL for a kind that is run apart */
    const json_t *request;   /* what jd_jobs_add() was given */
    jd_progress_fn progress; /* tells those who follow the job; its user is this struct */
    jd_cancel *cancel;
    void *job;      /* for `progress` */
    json_t *result; /* set by a job that is done: {"documents":...} */
} jd_job_run;

typedef struct jd_job_kind {
    const char *name; /* "ingest" */
    gboolean (*run)(jd_job_run *run, GError **error);
    gboolean apart; /* it does not write to the base, and waits for nobody who does */
} jd_job_kind;

/** NULL name after the last. */
extern const jd_job_kind jd_job_kinds[];

/** Takes up what an earlier run of the server left. The jobs run from jd_jobs_begin() on. */
jd_jobs *jd_jobs_new(jd_service *service, GError **error);
void jd_jobs_begin(jd_jobs *jobs);
/** Stops the running jobs, which go on at the next start, and ends all streams. */
void jd_jobs_stop(jd_jobs *jobs);
/** Then waits for the one that is run apart; the scribe must still be there. */
void jd_jobs_join(jd_jobs *jobs);
void jd_jobs_free(jd_jobs *jobs);

/** Keeps a job that is to be done, and returns it as JSON. `request` stays the caller's; its
 * member "folder" (of uploaded files, in the spool) becomes the job's and is shown to nobody. */
json_t *jd_jobs_add(jd_jobs *jobs, const char *kind, json_t *request, GError **error);

/** A job as JSON: id ("j7"), kind, state, request, created, started, finished, progress, result,
 * error. JD_ERROR_NOT_FOUND. */
json_t *jd_jobs_get(jd_jobs *jobs, gint64 id, GError **error);
/** An array of them, the newest first. */
json_t *jd_jobs_list(jd_jobs *jobs, const jd_page *page, GError **error);

/** Has a job stop, or never begin. 409 for one that is over. */
gboolean jd_jobs_cancel(jd_jobs *jobs, gint64 id, GError **error);

/** Tells of a job as it goes on: events "state" and "progress", and "end" with the whole job at the
 * end of the stream, which is ended here. */
gboolean jd_jobs_follow(jd_jobs *jobs, gint64 id, jd_events *events, GError **error);

/** The scribe's long work: runs the first job that writes to the base. `user` is the service. */
gboolean jd_jobs_work(jd_kb *kb, const GError *problem, void *user);

/** How many wait or run. */
guint jd_jobs_waiting(jd_jobs *jobs);

#endif
