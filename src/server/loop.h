/*
 * The event loop: one thread that receives and sends for all listening sockets.
 *
 * libmicrohttpd has event loops of its own, but that of 0.9.75 over epoll waits a second time
 * whenever a multiple of 128 connections has something to be done, and by then mostly for nothing:
 * with 128 busy clients it stands still. Run from outside it never waits.
 */
#ifndef JD_SERVER_LOOP_H
#define JD_SERVER_LOOP_H

#include <jackdaw.h>
#include <microhttpd.h>

typedef struct jd_loop jd_loop;

/** Takes the daemons (struct MHD_Daemon *, made with MHD_USE_EPOLL), and stops them at its end. */
jd_loop *jd_loop_new(GPtrArray *daemons, GError **error);

/** Starts the thread: the first request may come at once. */
void jd_loop_begin(jd_loop *loop);

/** Has the loop look at what other threads have changed: after MHD_resume_connection(). */
void jd_loop_wake(jd_loop *loop);

/** No more connections are taken. */
void jd_loop_quiesce(jd_loop *loop);

/** Ends the thread and closes all connections; no call may be under way. */
void jd_loop_free(jd_loop *loop);

#endif
