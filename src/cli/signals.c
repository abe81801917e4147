#include "cli/signals.h"

#include "cli/command.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

static jd_cancel cancel;
static volatile gint catching;

static void on_signal(int number)
{
    /* Atomic integers are free of locks, and so safe in a handler. */
    if (!g_atomic_int_get(&catching) || g_atomic_int_get(&cancel))
        _exit(JD_EXIT_INTERRUPTED);
    g_atomic_int_set(&cancel, 1);
}

void jd_signals_init(void)
{
    /* Without SA_RESTART: waiting for the user's next line ends too. */
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

jd_cancel *jd_signals_catch(void)
{
    g_atomic_int_set(&catching, 1);
    return &cancel;
}

void jd_signals_forget(void)
{
    g_atomic_int_set(&cancel, 0);
}

gboolean jd_signals_caught(void)
{
    return g_atomic_int_get(&cancel) != 0;
}

static sigset_t ending_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

void jd_signals_keep(void)
{
    sigset_t set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

void jd_signals_wait(void)
{
    /* They are let in only while waiting, so none can come between looking and waiting. */
    sigset_t before, ending = ending_signals();
    pthread_sigmask(SIG_BLOCK, &ending, &before);
    sigset_t waiting = before;
    sigdelset(&waiting, SIGINT);
    sigdelset(&waiting, SIGTERM);
    while (!jd_signals_caught())
        sigsuspend(&waiting);
    pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
}

gboolean jd_signals_wait_for_input(int fd)
{
    /* A signal may come between looking at the flag and waiting: so nobody waits for long. */
    enum { LOOK_AGAIN_MS = 100 };
    struct pollfd input = {.fd = fd, .events = POLLIN};
    while (!jd_signals_caught())
        if (poll(&input, 1, LOOK_AGAIN_MS) > 0)
            return TRUE;
    return FALSE;
}
