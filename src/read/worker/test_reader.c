/*
 * A reader for the tests of the pool: a file that begins with "JDTEST " does, inside of the
 * sandbox, what the rest of it says. Not installed.
 */
#include "read/protocol.h"
#include "read/wire.h"
#include "read/worker/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "JDTEST "

static int sniff(const jd_format_input *input)
{
    return input->size > strlen(MARK) && memcmp(input->data, MARK, strlen(MARK)) == 0 ? 2 : 0;
}

/* ---- breaking ---- */

static void crash(void)
{
    signal(SIGSEGV, SIG_DFL); /* no sanitizer's report */
    raise(SIGSEGV);
}

static void hang(void)
{
    for (volatile guint i = 0;; i++)
        ;
}

/* Through GLib, whose failure to allocate is fatal. */
static void bloat(void)
{
    for (;;)
        memset(g_malloc(16 << 20), 1, 16 << 20);
}

/* Through a library that does not look at what malloc returns. */
static void bloat_blindly(void)
{
    for (;;)
        memset(malloc(1 << 20), 1, 1 << 20); // NOLINT: that it fails is the point
}

static void lie(void)
{
    static const char junk[] = "this is no record at all";
    if (write(JD_READER_REPLY_FD, junk, sizeof junk) < 0)
        _exit(3);
}

static void lie_about_length(void)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    jd_wire_put_u32(bytes, 0xFFFFFFF0u);
    jd_wire_put_u32(bytes, JD_RECORD_DOCUMENT);
    for (;;)
        if (write(JD_READER_REPLY_FD, bytes->data, bytes->len) < 0)
            _exit(3);
}

static void close_pipe(void)
{
    close(JD_READER_REPLY_FD);
    hang();
}

/* ---- forbidden ---- */

static int try_open(void)
{
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int try_create(void)
{
    return open("/tmp/jackdaw-escaped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int try_stat(void)
{
    struct stat status;
    return stat("/etc/passwd", &status);
}

static int try_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? -1 : 0;
}

static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int try_fork(void)
{
    return fork();
}

static int try_exec(void)
{
    char *const argv[] = {(char *)"/bin/true", NULL};
    return execv(argv[0], argv);
}

static int try_ptrace(void)
{
    return (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static int try_kill(void)
{
    return kill(1, 0);
}

/* Files that are open for writing where they come from stay as they are. */
static int try_overwrite(void)
{
    int done = 0;
    for (int fd = 3; fd < 8; fd++)
        done |= write(fd, "x", 1) > 0;
    return done ? 0 : -1;
}

/* Of descriptors that nobody meant to give: the file is the only one beside the standard ones. */
static int try_descriptors(void)
{
    int closed = 0;
    for (int fd = 3; fd < 256; fd++)
        closed += close(fd) == 0;
    errno = closed;
    return -1;
}

static const struct {
    const char *name;
    void (*run)(void);
} deeds[] = {{"crash", crash},
             {"hang", hang},
             {"bloat", bloat},
             {"bloat-blindly", bloat_blindly},
             {"lie", lie},
             {"lie-about-length", lie_about_length},
             {"close-pipe", close_pipe}};

static const struct {
    const char *name;
    int (*run)(void);
} attempts[] = {{"open", try_open},           {"create", try_create},          {"stat", try_stat},
                {"code", try_code},           {"socket", try_socket},          {"fork", try_fork},
                {"exec", try_exec},           {"ptrace", try_ptrace},          {"kill", try_kill},
                {"overwrite", try_overwrite}, {"descriptors", try_descriptors}};

/* The title tells how it went: "pid 12", "refused: 13", "done". */
static jd_document *read_deed(const jd_format_input *input, GError **error)
{
    g_autofree char *what = g_strndup(input->data + strlen(MARK), input->size - strlen(MARK));
    jd_document *document = jd_document_new();
    document->media_type = g_strdup("text/x-jackdaw-test");
    document->title = g_strdup_printf("pid %d", (int)getpid());
    for (gsize i = 0; i < G_N_ELEMENTS(deeds); i++)
        if (strcmp(what, deeds[i].name) == 0)
            deeds[i].run();
    for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
        if (strcmp(what, attempts[i].name) != 0)
            continue;
        g_free(document->title);
        document->title =
            attempts[i].run() < 0 ? g_strdup_printf("refused: %d", errno) : g_strdup("done");
    }
    return document;
}

int main(int argc, char **argv)
{
    const jd_format deed = {"text/x-jackdaw-test", "", sniff, read_deed, NULL};
    return jd_reader_serve(argc, argv, &deed);
}
