#include "read/worker/sandbox.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/protocol.h"
#include "read/sanitized.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

/* ---- limits ---- */

#ifndef JD_SANITIZED
/* Address space in use, in bytes; -1 where the system does not tell. */
static gint64 address_space(void)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        return -1;
    return (gint64)g_ascii_strtoull(text, NULL, 10) * sysconf(_SC_PAGESIZE);
}
#endif

static gboolean limit(int resource, rlim_t value, const char *name, GError **error)
{
    const struct rlimit both = {value, value};
    if (setrlimit((__rlimit_resource_t)resource, &both) == 0)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNAVAILABLE, NULL, "jackdaw-reader cannot limit its %s: %s", name,
                 g_strerror(errno));
    return FALSE;
}

static gboolean limit_memory(gint64 memory, GError **error)
{
#ifdef JD_SANITIZED
    return TRUE;
#else
    gint64 used = address_space();
    if (used < 0) {
        jd_set_error(error, JD_ERROR_UNAVAILABLE, "mount /proc",
                     "jackdaw-reader cannot tell its own size from /proc/self/statm");
        return FALSE;
    }
    return limit(RLIMIT_AS, (rlim_t)(used + memory), "memory", error);
#endif
}

gboolean jd_sandbox_limit(gint64 memory, GError **error)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        jd_set_error(error, JD_ERROR_UNAVAILABLE, NULL,
                     "jackdaw-reader cannot give up its privileges: %s", g_strerror(errno));
        return FALSE;
    }
    return limit_memory(memory, error) && limit(RLIMIT_CORE, 0, "core dumps", error) &&
           limit(RLIMIT_FSIZE, 0, "writing", error) &&
           limit(RLIMIT_NOFILE, JD_LIMIT_READER_DESCRIPTORS, "descriptors", error);
}

/* ---- Landlock ---- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

/* As in linux/landlock.h of a recent kernel: headers of older ones lack what later ABIs added. */
typedef struct landlock_rules {
    guint64 files;
    guint64 network; /* from ABI 4 */
    guint64 scoped;  /* from ABI 6 */
} landlock_rules;

#define LANDLOCK_VERSION 1

static const struct {
    int abi;         /* from this version on */
    int file_rights; /* number of rights about files */
    gsize size;      /* of the struct that this version knows */
} landlock_abis[] = {{6, 16, 24}, {5, 16, 16}, {4, 15, 16}, {3, 15, 8}, {2, 14, 8}, {1, 13, 8}};

int jd_sandbox_landlock(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);
    for (gsize i = 0; abi > 0 && i < G_N_ELEMENTS(landlock_abis); i++) {
        if (abi < landlock_abis[i].abi)
            continue;
        /* Everything is handled and no rule allows any of it. */
        const landlock_rules rules = {
            .files = (G_GUINT64_CONSTANT(1) << landlock_abis[i].file_rights) - 1,
            .network = 3, /* bind and connect, TCP */
            .scoped = 3}; /* abstract sockets, signals */
        int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, landlock_abis[i].size, 0);
        if (fd < 0)
            return 0;
        long failed = syscall(SYS_landlock_restrict_self, fd, 0);
        close(fd);
        return failed ? 0 : (int)abi;
    }
    return 0;
}

/* ---- system calls ---- */

/* Allowed with any arguments: they touch nothing but this process and descriptors that it has. */
static const int allowed[] = {
    SCMP_SYS(pread64),
    SCMP_SYS(recvmsg),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sigaltstack),
};

/* Refused without death: libraries try them and go on without. */
static const int refused[] = {
    SCMP_SYS(open),   SCMP_SYS(openat),    SCMP_SYS(access),     SCMP_SYS(faccessat),
    SCMP_SYS(stat),   SCMP_SYS(fstat),     SCMP_SYS(newfstatat), SCMP_SYS(statx),
    SCMP_SYS(lseek),  SCMP_SYS(ioctl),     SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd), SCMP_SYS(sysinfo),   SCMP_SYS(uname),      SCMP_SYS(sched_getaffinity),
    SCMP_SYS(prctl),  SCMP_SYS(prlimit64), SCMP_SYS(getrusage),  SCMP_SYS(getuid),
};

#define REFUSE SCMP_ACT_ERRNO(EACCES)

static int add_lists(scmp_filter_ctx filter)
{
    int failure = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(allowed) && !failure; i++)
        failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (gsize i = 0; i < G_N_ELEMENTS(refused) && !failure; i++)
        failure = seccomp_rule_add(filter, REFUSE, refused[i], 0);
    return failure;
}

/* Writing only to the answer and to standard error, signals only to itself. */
static int add_output(scmp_filter_ctx filter)
{
    static const int descriptors[] = {JD_READER_REPLY_FD, STDERR_FILENO};
    int failure = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(descriptors) && !failure; i++) {
        const struct scmp_arg_cmp fd = SCMP_A0(SCMP_CMP_EQ, descriptors[i]);
        failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, fd);
        if (!failure)
            failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, fd);
    }
    if (!failure)
        failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                   SCMP_A0(SCMP_CMP_EQ, getpid()));
    return failure;
}

/* Memory of its own, never a file's and never to be executed. Who asks for executable memory (a
 * regular expression's compiler) gets none and interprets. */
static int add_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    const struct scmp_arg_cmp code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC);
    const struct scmp_arg_cmp own = SCMP_A3(
        SCMP_CMP_MASKED_EQ, MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS);
    int failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2, no_code, own);
    if (!failure)
        failure = seccomp_rule_add(filter, REFUSE, SCMP_SYS(mmap), 1, code);
    if (!failure)
        failure = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_code);
    if (!failure)
        failure = seccomp_rule_add(filter, REFUSE, SCMP_SYS(mprotect), 1, code);
    return failure;
}

gboolean jd_sandbox_filter(GError **error)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failure =
        filter ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) : -ENOMEM;
    if (!failure)
        failure = add_lists(filter);
    if (!failure)
        failure = add_output(filter);
    if (!failure)
        failure = add_memory(filter);
    if (!failure)
        failure = seccomp_load(filter);
    if (filter)
        seccomp_release(filter);
    if (!failure)
        return TRUE;
    jd_set_error(error, JD_ERROR_UNAVAILABLE,
                 "Jackdaw needs a kernel with seccomp filters, and a container that allows them",
                 "jackdaw-reader cannot filter its system calls, so it reads nothing: %s",
                 g_strerror(-failure));
    return FALSE;
}
