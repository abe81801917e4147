/* Starting a program with two pipes to it and nothing else of ours. */
#ifndef JD_READ_SPAWN_H
#define JD_READ_SPAWN_H

#include <glib.h>
#include <sys/types.h>

typedef struct jd_child {
    pid_t pid;
    int request; /* our end of a SOCK_SEQPACKET socket, descriptor 0 there */
    int reply;   /* our end of a pipe, descriptor 1 there */
} jd_child;

/**
 * Starts `argv` with an environment of its own, no descriptors of ours, default signals, and in a
 * process group of its own, so that Ctrl-C in the terminal does not reach it. What it prints to
 * standard error is lost, except in builds with a sanitizer, whose reports are wanted.
 */
gboolean jd_spawn(char *const *argv, jd_child *child, GError **error);

#endif
