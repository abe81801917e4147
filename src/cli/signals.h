/*
 * SIGINT and SIGTERM: what is under way is asked to stop, or the program ends at once.
 *
 * The handler's two words are the only mutable state of the program outside main()'s frame: a
 * signal handler can be told nothing in another way.
 */
#ifndef JD_CLI_SIGNALS_H
#define JD_CLI_SIGNALS_H

#include <jackdaw.h>

/** Installs the handlers: until a jd_signals_catch() the first signal ends the program with 130.
 * SIGPIPE and SIGXFSZ are ignored: a reader of our output that has gone, and a file that may not
 * grow, are errors of writing. */
void jd_signals_init(void);

/** From here on the first signal sets what is returned, and the second ends the program. */
jd_cancel *jd_signals_catch(void);

/** Forgets a signal that was caught: the next one is a first again. */
void jd_signals_forget(void);

/** Whether a signal was caught and not forgotten. */
gboolean jd_signals_caught(void);

/** Waits until a signal was caught (at once where one was). Only the calling thread is woken by
 * signals afterwards, and so must be the one that starts all others: see jd_signals_keep(). */
void jd_signals_wait(void);

/** Has signals come to the calling thread alone: threads that are started from here on are not
 * interrupted. */
void jd_signals_keep(void);

/** Waits until there is something to read, or the end of it. FALSE where a signal was caught,
 * before or meanwhile. */
gboolean jd_signals_wait_for_input(int fd);

#endif
