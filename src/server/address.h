/* Socket addresses: those to listen on, and those that connect. */
#ifndef JD_SERVER_ADDRESS_H
#define JD_SERVER_ADDRESS_H

#include <jackdaw.h>
#include <sys/socket.h>

/** Under what an address is counted: "" for this machine's own, "192.0.2.7", "2001:db8:0:1::" (the
 * /64). g_free() it. */
char *jd_address_group(const struct sockaddr *address);

/** A socket that listens. */
typedef struct jd_listener {
    int fd;
    char *url; /* "http://127.0.0.1:7860/" */
    gboolean loopback;
} jd_listener;

void jd_listener_free(jd_listener *listener);

/**
 * Opens sockets for the addresses (IP addresses or names, NULL-terminated; "*" for all of this
 * machine's; an empty list: 127.0.0.1 and, where this machine has it, ::1). Port 0: one that is
 * free, the same for all. GPtrArray of jd_listener *. JD_ERROR_BUSY: the port is taken;
 * JD_ERROR_USAGE: no address of this machine.
 */
GPtrArray *jd_listen(const char *const *addresses, int port, GError **error);

#endif
