#include "read/spawn.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/sanitized.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Larger than the default, so that a picture comes in few pieces. Refusal does no harm. */
#define PIPE_BYTES (256 * JD_KIB)

/* Above the standard ones: the child's descriptors are moved to 0 and 1 one after the other, and
 * where ours is closed a new pipe could be in the way. */
static int raise_descriptor(int fd)
{
    if (fd > STDERR_FILENO)
        return fd;
    int raised = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int saved = errno;
    close(fd);
    errno = saved;
    return raised;
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static gboolean raise_pair(int pair[2])
{
    pair[0] = raise_descriptor(pair[0]);
    pair[1] = raise_descriptor(pair[1]);
    return pair[0] >= 0 && pair[1] >= 0;
}

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

static void set_descriptors(posix_spawn_file_actions_t *actions, int request, int reply)
{
    posix_spawn_file_actions_init(actions);
    posix_spawn_file_actions_adddup2(actions, request, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(actions, reply, STDOUT_FILENO);
#ifndef JD_SANITIZED
    posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#endif
    /* Ours are closed on exec anyway; those of a program that uses the library may not be. */
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

static int spawn(char *const *argv, int request, int reply, pid_t *pid)
{
    /* UTF-8 for whatever asks the locale; nothing of the user's. */
    char *const environment[] = {(char *)"LC_ALL=C.UTF-8", NULL};
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    set_attributes(&attributes);
    set_descriptors(&actions, request, reply);
    int failure = posix_spawn(pid, argv[0], &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

gboolean jd_spawn(char *const *argv, jd_child *child, GError **error)
{
    int request[2] = {-1, -1};
    int reply[2] = {-1, -1};
    int failure = 0;
    pid_t pid = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, request) != 0 ||
        pipe2(reply, O_CLOEXEC) != 0 || !raise_pair(request) || !raise_pair(reply))
        failure = errno;
    if (failure == 0) {
        fcntl(reply[0], F_SETPIPE_SZ, (int)PIPE_BYTES);
        failure = spawn(argv, request[1], reply[1], &pid);
    }
    if (failure != 0) {
        close_pair(request);
        close_pair(reply);
        jd_set_error_errno(error, failure, "cannot start %s", argv[0]);
        return FALSE;
    }
    close(request[1]);
    close(reply[1]);
    *child = (jd_child){pid, request[0], reply[0]};
    return TRUE;
}
