#include "store/sqlite/lock.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct jd_lock {
    int fd;
};

/* 0, or an errno: EAGAIN where another has it. */
static int try_lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
        if (errno != EINTR)
            return errno == EACCES ? EAGAIN : errno;
    }
    return 0;
}

static int wait_for_lock(int fd, int timeout_ms)
{
    enum { FIRST_US = 1000, LONGEST_US = 50000 };
    gint64 deadline = g_get_monotonic_time() + (gint64)timeout_ms * 1000;
    for (gint64 pause = FIRST_US;; pause = MIN(pause * 2, LONGEST_US)) {
        int number = try_lock(fd);
        gint64 left = deadline - g_get_monotonic_time();
        if (number != EAGAIN || left <= 0)
            return number;
        g_usleep((gulong)MIN(pause, left));
    }
}

static void write_holder(int fd)
{
    char text[32];
    int length = g_snprintf(text, sizeof text, "%ld\n", (long)getpid());
    /* Only a help to whoever is refused; a full disk must not keep anybody from removing things. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, length, 0) < length)
        (void)!ftruncate(fd, 0);
}

static void set_busy(int fd, const char *path, GError **error)
{
    char text[32] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    gint64 pid = got > 0 ? g_ascii_strtoll(text, NULL, 10) : 0;
    g_autofree char *who =
        pid > 0 ? g_strdup_printf("process %" G_GINT64_FORMAT, pid) : g_strdup("another process");
    jd_set_error(error, JD_ERROR_BUSY, "wait until it has finished, or stop it, and try again",
                 "%s: %s is writing to this knowledge base", path, who);
}

jd_lock *jd_lock_take(const char *path, int timeout_ms, GError **error)
{
    g_autofree char *name = g_strconcat(path, ".lock", NULL);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        jd_set_error_errno(error, errno, "cannot write to the knowledge base: %s", name);
        return NULL;
    }
    int number = wait_for_lock(fd, timeout_ms);
    if (number != 0) {
        if (number == EAGAIN)
            set_busy(fd, path, error);
        else
            jd_set_error_errno(error, number, "cannot lock %s", name);
        close(fd);
        return NULL;
    }
    write_holder(fd);
    jd_lock *lock = g_new(jd_lock, 1);
    lock->fd = fd;
    return lock;
}

void jd_lock_release(jd_lock *lock)
{
    if (!lock)
        return;
    close(lock->fd);
    g_free(lock);
}
