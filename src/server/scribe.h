/*
 * The one thread of the server that writes to the knowledge base.
 *
 * A store has one writer at a time, so short writes (a message of a conversation, a document that
 * is deleted) and long ones (jobs) are done by the same thread with the same open base, one after
 * another; a long one lets the short ones in between its commits (jd_scribe_between()). Where
 * nothing is written for a moment the base is closed, so that other programs can write to it.
 */
#ifndef JD_SERVER_SCRIBE_H
#define JD_SERVER_SCRIBE_H

#include "pipeline.h"
#include "server/bases.h"

typedef struct jd_scribe jd_scribe;

/** A short write. Runs in the scribe's thread. */
typedef gboolean (*jd_write_fn)(jd_store *store, void *user, GError **error);

/**
 * Long work, asked for when nothing short waits: does one piece of it, or returns FALSE where there
 * is none. `kb` is open for writing; where it cannot be opened it is NULL, and `problem` says why:
 * the work is asked for again a little later.
 */
typedef gboolean (*jd_long_work_fn)(jd_kb *kb, const GError *problem, void *user);

jd_scribe *jd_scribe_new(jd_bases *bases, jd_long_work_fn work, void *user);
/** Ends when the work at hand is done. What still waits fails with JD_ERROR_CANCELLED. */
void jd_scribe_free(jd_scribe *scribe);

/** Has a short write done, and waits for it. From any thread but the scribe's. */
gboolean jd_scribe_write(jd_scribe *scribe, jd_write_fn write, void *user, GError **error);

/** There is long work to be done. */
void jd_scribe_wake(jd_scribe *scribe);

/** Does the short writes that wait: for jd_ingest_options.between, with the scribe as its user.
 * From the scribe's thread, while it does long work. */
void jd_scribe_between(void *scribe);

#endif
