#include "server/loop.h"

#include "base/error.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct jd_loop {
    GPtrArray *daemons; /* struct MHD_Daemon * */
    struct pollfd *fds; /* each daemon's epoll descriptor, and the wake-up's at the end */
    int wakeup;
    GThread *thread;
    gint stop, quiet;
};

/* Milliseconds until a daemon has something to do by itself; -1: it waits for others. */
static int patience(const jd_loop *loop)
{
    enum { LONGEST_MS = 1000 };
    int shortest = -1;
    for (guint i = 0; i < loop->daemons->len; i++) {
        unsigned long long ms;
        if (MHD_get_timeout(loop->daemons->pdata[i], &ms) != MHD_YES)
            continue;
        int own = (int)MIN(ms, LONGEST_MS);
        shortest = shortest < 0 ? own : MIN(shortest, own);
    }
    return shortest;
}

/* Closes what takes connections; by the thread of the loop, which may be taking one. */
static void close_listeners(const jd_loop *loop)
{
    for (guint i = 0; i < loop->daemons->len; i++) {
        MHD_socket fd = MHD_quiesce_daemon(loop->daemons->pdata[i]);
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
    }
}

static gpointer run(gpointer user)
{
    jd_loop *loop = user;
    guint n = loop->daemons->len;
    gboolean quiet = FALSE;
    while (!g_atomic_int_get(&loop->stop)) {
        eventfd_t unused;
        if (poll(loop->fds, n + 1, patience(loop)) > 0 && loop->fds[n].revents)
            eventfd_read(loop->wakeup, &unused);
        if (!quiet && g_atomic_int_get(&loop->quiet)) {
            close_listeners(loop);
            quiet = TRUE;
        }
        for (guint i = 0; i < n; i++)
            MHD_run(loop->daemons->pdata[i]);
    }
    return NULL;
}

static void daemon_stop(gpointer daemon)
{
    MHD_stop_daemon(daemon);
}

jd_loop *jd_loop_new(GPtrArray *daemons, GError **error)
{
    jd_loop *loop = g_new0(jd_loop, 1);
    loop->daemons = g_ptr_array_ref(daemons);
    g_ptr_array_set_free_func(daemons, daemon_stop);
    loop->fds = g_new0(struct pollfd, daemons->len + 1);
    for (guint i = 0; i < daemons->len; i++) {
        const union MHD_DaemonInfo *info =
            MHD_get_daemon_info(daemons->pdata[i], MHD_DAEMON_INFO_EPOLL_FD);
        loop->fds[i] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
    }
    loop->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->fds[daemons->len] = (struct pollfd){.fd = loop->wakeup, .events = POLLIN};
    if (loop->wakeup < 0) {
        jd_set_error_errno(error, errno, "cannot make the event loop");
        jd_loop_free(loop);
        return NULL;
    }
    return loop;
}

void jd_loop_begin(jd_loop *loop)
{
    loop->thread = g_thread_new("jackdaw-loop", run, loop);
}

void jd_loop_wake(jd_loop *loop)
{
    eventfd_write(loop->wakeup, 1);
}

void jd_loop_quiesce(jd_loop *loop)
{
    g_atomic_int_set(&loop->quiet, 1);
    jd_loop_wake(loop);
}

void jd_loop_free(jd_loop *loop)
{
    if (!loop)
        return;
    g_atomic_int_set(&loop->stop, 1);
    if (loop->thread) {
        jd_loop_wake(loop);
        g_thread_join(loop->thread);
    }
    g_ptr_array_unref(loop->daemons);
    if (loop->wakeup >= 0)
        close(loop->wakeup);
    g_free(loop->fds);
    g_free(loop);
}
