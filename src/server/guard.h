/*
 * Watches over the connections: how many there are, whose they are, and how long each takes.
 *
 * libmicrohttpd ends a connection that is silent. A peer that sends a byte now and then is ended
 * here: every phase of a request has a time by which it must be over. A thread of its own looks
 * once a second, and ends a connection by shutting its socket down, which the event loop then
 * notices. The same thread notices when the client of a long call goes away, which libmicrohttpd
 * does not see while it holds a connection back.
 *
 * Addresses beyond this machine may have JD_SERVER_ADDRESS_CONNECTIONS each (an IPv6 address counts
 * as its /64). Where the server is nearly full, the connection that has been idle the longest goes.
 */
#ifndef JD_SERVER_GUARD_H
#define JD_SERVER_GUARD_H

#include "server/call.h"

#include <sys/socket.h>

typedef struct jd_guard jd_guard;
/** One connection. */
typedef struct jd_peer jd_peer;

typedef enum jd_phase {
    JD_PHASE_IDLE, /* no request is under way */
    JD_PHASE_HEAD, /* its headers come */
    JD_PHASE_BODY, /* its body comes */
    JD_PHASE_WORK  /* it is worked on, or answered: libmicrohttpd's own time limit is enough */
} jd_phase;

typedef struct jd_guard_options {
    guint max_connections;
    void (*on_quiet)(void *user); /* called every JD_SERVER_KEEP_ALIVE_SECONDS */
    void *user;
} jd_guard_options;

jd_guard *jd_guard_new(const jd_guard_options *options, GError **error);
/** All connections must be closed. */
void jd_guard_free(jd_guard *guard);

/** Whether this address may have one more connection. */
gboolean jd_guard_admits(jd_guard *guard, const struct sockaddr *address);

/** A connection is open. It stays the guard's until jd_guard_remove(), which must come before its
 * socket is closed. */
jd_peer *jd_guard_add(jd_guard *guard, int fd, const struct sockaddr *address);
void jd_guard_remove(jd_guard *guard, jd_peer *peer);

/** A phase begins. `bytes`: how much is to come, which gives JD_PHASE_BODY its time. */
void jd_guard_set_phase(jd_guard *guard, jd_peer *peer, jd_phase phase, gint64 bytes);

/** Calls jd_call_hang_up() when the client goes away, until the call is taken off (NULL). */
void jd_guard_watch(jd_guard *guard, jd_peer *peer, jd_call *call);

/** Whether the client has closed its side. While its connection is held back. */
gboolean jd_peer_has_gone(const jd_peer *peer);

/** How many connections are open. */
guint jd_guard_count(jd_guard *guard);

#endif
