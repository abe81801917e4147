#include "read/process.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES (64 * JD_KIB)

struct jd_process {
    jd_child child; /* pid -1 once it is reaped */
    int seconds;
    gint64 memory;
    guint files;
    char **sandbox;
    guint8 *piece; /* PIECE_BYTES */
};

typedef enum wait_result { WAIT_DONE, WAIT_TIMEOUT, WAIT_ENDED, WAIT_LIED } wait_result;

/* Kills where it still runs. What the kernel tells of one that had died by itself is not changed by
 * that. FALSE where it was reaped by someone else. */
static gboolean reap(jd_process *process, int *status, struct rusage *usage)
{
    if (process->child.pid <= 0)
        return FALSE;
    kill(process->child.pid, SIGKILL);
    pid_t got;
    do
        got = wait4(process->child.pid, status, 0, usage);
    while (got < 0 && errno == EINTR);
    process->child.pid = -1;
    return got > 0;
}

void jd_process_free(jd_process *process)
{
    if (!process)
        return;
    int status;
    struct rusage usage;
    reap(process, &status, &usage);
    close(process->child.request);
    close(process->child.reply);
    g_strfreev(process->sandbox);
    g_free(process->piece);
    g_free(process);
}

static void set_timeout_error(int seconds, GError **error)
{
    jd_set_error(error, JD_ERROR_LIMIT, "other files are not affected",
                 "reading took longer than %d s", seconds);
}

static void set_memory_error(gint64 bytes, GError **error)
{
    jd_set_error(error, JD_ERROR_LIMIT, "other files are not affected",
                 "reading needed more than %lld MiB of memory", (long long)(bytes / JD_MIB));
}

static void set_signal_error(int number, GError **error)
{
    const char *hint = "the file is damaged or hostile; other files are not affected";
    const char *name = sigabbrev_np(number);
    if (number == SIGSYS)
        jd_set_error(error, JD_ERROR_INVALID, hint,
                     "the reader was stopped: it asked for something that the sandbox forbids");
    else if (number == SIGKILL)
        jd_set_error(error, JD_ERROR_LIMIT, "the system may be short of memory",
                     "the reader was killed before it answered");
    else
        jd_set_error(error, JD_ERROR_INVALID, hint, "the reader crashed (SIG%s)",
                     name ? name : "?");
}

/* A failed allocation that a library did not expect ends in a crash: what was used tells. */
static gboolean was_memory(const jd_process *process, int status, const struct rusage *usage)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == JD_READER_EXIT_MEMORY;
    return WTERMSIG(status) != SIGSYS && usage->ru_maxrss > process->memory / 1024 * 7 / 8;
}

/* Reaps a reader whose end of the pipe is closed and says how it came to its end. */
static void set_end_error(jd_process *process, GError **error)
{
    int status = 0;
    struct rusage usage = {0};
    if (!reap(process, &status, &usage))
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the reader ended before it answered");
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        set_timeout_error(process->seconds, error);
    else if (was_memory(process, status, &usage))
        set_memory_error(process->memory, error);
    else if (WIFSIGNALED(status))
        set_signal_error(WTERMSIG(status), error);
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the reader ended before it answered (status %d)", WEXITSTATUS(status));
}

/* Milliseconds until `deadline` (monotonic, microseconds), rounded up; 0 where it has passed. */
static int milliseconds_left(gint64 deadline)
{
    gint64 left = deadline - g_get_monotonic_time();
    return left <= 0 ? 0 : (int)MIN((left + 999) / 1000, G_MAXINT);
}

static wait_result wait_reply(jd_process *process, jd_reply_decoder *decoder, gint64 deadline,
                              GError **error)
{
    while (!jd_reply_decoder_result(decoder)) {
        struct pollfd ready = {.fd = process->child.reply, .events = POLLIN};
        int left = milliseconds_left(deadline);
        if (left == 0)
            return WAIT_TIMEOUT;
        if (poll(&ready, 1, left) <= 0)
            continue;
        gssize got = read(process->child.reply, process->piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return WAIT_ENDED;
        if (!jd_reply_decoder_feed(decoder, process->piece, (gsize)got, error))
            return WAIT_LIED;
    }
    return WAIT_DONE;
}

/* Waits for an answer of `seconds` at most and takes it. */
static gboolean receive(jd_process *process, const jd_reply_expected *expected, int seconds,
                        jd_reply *reply, GError **error)
{
    g_autoptr(jd_reply_decoder) decoder = jd_reply_decoder_new(expected);
    gint64 deadline = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
    switch (wait_reply(process, decoder, deadline, error)) {
    case WAIT_TIMEOUT:
        set_timeout_error(seconds, error);
        return FALSE;
    case WAIT_ENDED:
        set_end_error(process, error);
        return FALSE;
    case WAIT_LIED:
        jd_prefix_error(error, "the reader broke its protocol: ");
        return FALSE;
    case WAIT_DONE:
        break;
    }
    jd_reply *result = jd_reply_decoder_result(decoder);
    *reply = *result;
    *result = (jd_reply){0};
    return TRUE;
}

static gboolean receive_hello(jd_process *process, GError **error)
{
    const jd_reply_expected expected = {.type = JD_RECORD_HELLO};
    jd_reply reply = {0};
    g_autoptr(GError) cause = NULL;
    if (!receive(process, &expected, JD_LIMIT_READER_START_SECONDS, &reply, &cause)) {
        /* Whatever it was, no file is to blame. */
        jd_set_error(error, JD_ERROR_UNAVAILABLE, jd_error_hint(cause),
                     "jackdaw-reader did not start: %s", cause->message);
        return FALSE;
    }
    if (reply.error) {
        g_propagate_error(error, reply.error);
        return FALSE;
    }
    process->sandbox = reply.sandbox;
    if (g_strv_contains((const char *const *)reply.sandbox, "seccomp"))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNAVAILABLE, NULL,
                 "jackdaw-reader runs without a system call filter, so it gets no file");
    return FALSE;
}

jd_process *jd_process_start(const jd_process_options *options, GError **error)
{
    g_autofree char *memory = g_strdup_printf("%" G_GINT64_FORMAT, options->memory);
    char *const argv[] = {(char *)options->program, memory, NULL};
    jd_child child;
    if (!jd_spawn(argv, &child, error))
        return NULL;
    g_autoptr(jd_process) process = g_new0(jd_process, 1);
    process->child = child;
    process->seconds = options->seconds;
    process->memory = options->memory;
    process->piece = g_malloc(PIECE_BYTES);
    return receive_hello(process, error) ? g_steal_pointer(&process) : NULL;
}

/* The wall clock is ours to watch, but not while we are stopped: the kernel then ends a reader that
 * goes on computing. */
static void limit_cpu(const jd_process *process, int seconds)
{
    clockid_t clock;
    struct timespec used;
    if (clock_getcpuclockid(process->child.pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return;
    struct rlimit limit = {.rlim_cur = (rlim_t)used.tv_sec + seconds + 1,
                           .rlim_max = RLIM_INFINITY};
    prlimit(process->child.pid, RLIMIT_CPU, &limit, NULL);
}

static gboolean send_request(const jd_process *process, const jd_request *request, int fd)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_request_encode(request, bytes);
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = bytes->data, .iov_len = bytes->len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    gssize sent;
    do
        sent = sendmsg(process->child.request, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (gssize)bytes->len;
}

jd_ask_outcome jd_process_ask(jd_process *process, const jd_reader_job *job, jd_reply *reply,
                              GError **error)
{
    const int seconds = MAX(job->seconds, process->seconds);
    limit_cpu(process, seconds);
    if (!send_request(process, job->request, job->fd))
        return JD_ASK_GONE;
    if (!receive(process, job->expected, seconds, reply, error))
        return JD_ASK_BROKEN;
    process->files++;
    return JD_ASK_ANSWERED;
}

guint jd_process_files(const jd_process *process)
{
    return process->files;
}

char *const *jd_process_sandbox(const jd_process *process)
{
    return process->sandbox;
}
