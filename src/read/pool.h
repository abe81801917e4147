/* Which reader serves which call. */
#ifndef JD_READ_POOL_H
#define JD_READ_POOL_H

#include "read/process.h"
#include "read/reader.h"

/**
 * Has a reader do the job; waits for one where all are busy. `reply` gets the answer, which is to
 * be cleared by the caller; an error that the reader reports is an error of this function.
 */
gboolean jd_reader_pool_ask(jd_reader_pool *pool, const jd_reader_job *job, jd_reply *reply,
                            GError **error);

#endif
