/* One reader process: started, asked, ended. Not thread-safe; the pool gives it to one call at a
 * time. */
#ifndef JD_READ_PROCESS_H
#define JD_READ_PROCESS_H

#include "read/protocol.h"

typedef struct jd_process_options {
    const char *program;
    int seconds;   /* for one file */
    gint64 memory; /* bytes for one file */
} jd_process_options;

typedef struct jd_process jd_process;

/** Starts a reader and waits for its hello. JD_ERROR_UNAVAILABLE where it cannot confine itself. */
jd_process *jd_process_start(const jd_process_options *options, GError **error);

/** Kills and reaps it. */
void jd_process_free(jd_process *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_process, jd_process_free)

/** What a reader is asked for. */
typedef struct jd_reader_job {
    const jd_request *request;
    int fd; /* of the file; stays the caller's */
    const jd_reply_expected *expected;
    int seconds; /* it may take; 0: as long as any file */
} jd_reader_job;

typedef enum jd_ask_outcome {
    JD_ASK_ANSWERED, /* `reply` is set; it may hold an error of the file's */
    JD_ASK_BROKEN, /* crashed, hung, bloated or lied; `error` tells. The process is of no use now */
    JD_ASK_GONE    /* it had ended before it was asked; another one may do it. No error is set */
} jd_ask_outcome;

/** Hands over the request and the file; waits for the answer, not longer than the limit. */
jd_ask_outcome jd_process_ask(jd_process *process, const jd_reader_job *job, jd_reply *reply,
                              GError **error);

/** Files that it has answered for. */
guint jd_process_files(const jd_process *process);

/** What confines it, as its hello said. */
char *const *jd_process_sandbox(const jd_process *process);

#endif
