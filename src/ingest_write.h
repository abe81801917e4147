/*
 * What an ingest writes: documents in groups, each group one commit, so that waiting for the disk
 * does not decide the speed. Only what is committed is counted as done.
 */
#ifndef JD_INGEST_WRITE_H
#define JD_INGEST_WRITE_H

#include "ingest_job.h"
#include "store/store.h"

typedef struct jd_writer {
    jd_store *store;
    jd_ingest_report *report;
    guint64 done;    /* files that are settled for good */
    guint64 pending; /* files that will be with the next commit */
    /* the group at hand */
    gboolean open;
    gint64 since;     /* monotonic time of its beginning, µs */
    gint64 bytes;     /* of its files */
    gboolean removed; /* something was erased: there is space to give back */
} jd_writer;

/** Finds out what the knowledge base holds under the job's URI, and fills in the job's `known`. */
gboolean jd_writer_look_up(jd_writer *writer, jd_ingest_job *job, const char *collection,
                           GError **error);

/**
 * Leaves out a picture file (job->sha256) that a document of the collection shows anyway, and drops
 * the document of its own that it may have had. `*left_out` tells whether it did.
 */
gboolean jd_writer_leave_out(jd_writer *writer, const jd_ingest_job *job, const char *collection,
                             gboolean *left_out, GError **error);

/** Writes or counts what came of a job. FALSE where the whole run must end. */
gboolean jd_writer_settle(jd_writer *writer, jd_ingest_job *job, GError **error);

/** Milliseconds until the group at hand is to be committed; -1 where there is none. */
int jd_writer_patience_ms(const jd_writer *writer);

/** Commits the group at hand, if any. On failure it is rolled back. */
gboolean jd_writer_commit(jd_writer *writer, GError **error);

/** Drops the documents of the collection that are files inside the given folders and are no longer
 * there. */
gboolean jd_writer_prune(jd_writer *writer, const jd_roots *roots, const char *collection,
                         GError **error);

#endif
