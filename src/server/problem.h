/*
 * What went wrong, as a client is told: a status, a code, a sentence, a hint.
 *
 * The library's errors (JD_ERROR) get the status that their code stands for. What only HTTP knows
 * (401, 405, 415, ...) has a domain of its own, whose codes are the statuses. A client is never
 * told where things lie on this machine: see jd_problem_init().
 */
#ifndef JD_SERVER_PROBLEM_H
#define JD_SERVER_PROBLEM_H

#include <jackdaw.h>

#define JD_HTTP_ERROR jd_http_error_quark()
GQuark jd_http_error_quark(void);

/** Sets `error` (ignored where NULL) to a status of 4xx or 5xx. `hint` may be NULL. */
void jd_set_http_error(GError **error, int status, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

typedef struct jd_problem {
    int status;
    const char *code; /* "not-found", "unauthorized", ...; static */
    char *message;
    char *hint; /* or NULL */
} jd_problem;

/**
 * What to tell about an error. Folders are taken off the paths in its message; where the fault is
 * on this side (a status of 500 and IO errors), a general sentence stands for the message, which is
 * for the log alone.
 */
void jd_problem_init(jd_problem *problem, const GError *error);
void jd_problem_clear(jd_problem *problem);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_problem, jd_problem_clear)

/** `text` with every absolute path in it cut down to its last part. g_free() it. */
char *jd_problem_hide_folders(const char *text);

#endif
