/* The pool and the sandbox, through real processes. */
#include "base/error.h"
#include "base/limits.h"
#include "read/reader.h"
#include "read/sanitized.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static jd_reader_pool *new_pool(int workers, int seconds)
{
    g_assert_nonnull(g_getenv("JACKDAW_TEST_READER"));
    const jd_reader_options options = {.program = g_getenv("JACKDAW_TEST_READER"),
                                       .workers = workers,
                                       .seconds = seconds,
                                       .memory = 256 * JD_MIB};
    g_autoptr(GError) error = NULL;
    jd_reader_pool *pool = jd_reader_pool_new(&options, &error);
    g_assert_no_error(error);
    return pool;
}

static int file_of(const void *data, gsize size)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    g_assert_cmpint(write(fd, data, size), ==, (gssize)size);
    return fd;
}

/* The document's title after asking for a deed, or NULL with the error. */
static char *ask(jd_reader_pool *pool, const char *deed, GError **error)
{
    g_autofree char *text = g_strconcat("JDTEST ", deed, NULL);
    int fd = file_of(text, strlen(text));
    const jd_read_request request = {.name = "deed"};
    g_autoptr(jd_document) document = jd_reader_pool_read(pool, fd, &request, error);
    g_assert_cmpint(fcntl(fd, F_GETFD), >=, 0); /* stays the caller's */
    close(fd);
    return document ? g_strdup(document->title) : NULL;
}

static guint open_descriptors(void)
{
    guint count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void assert_no_children(void)
{
    g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
}

static void test_misdeeds(void)
{
    static const struct {
        const char *deed;
        int code;
        const char *message;
    } cases[] = {
        {"crash", JD_ERROR_INVALID, "the reader crashed (SIG"},
#ifndef JD_SANITIZED
        {"bloat", JD_ERROR_LIMIT, "needed more than 256 MiB of memory"},
        {"bloat-blindly", JD_ERROR_LIMIT, "needed more than 256 MiB of memory"},
#endif
        {"lie", JD_ERROR_LIMIT, "the reader broke its protocol: "},
        {"lie-about-length", JD_ERROR_LIMIT, "the reader broke its protocol: "},
        {"close-pipe", JD_ERROR_LIMIT, "the reader was killed before it answered"},
        {"socket", JD_ERROR_INVALID, "the sandbox forbids"},
        {"fork", JD_ERROR_INVALID, "the sandbox forbids"},
        {"exec", JD_ERROR_INVALID, "the sandbox forbids"},
        {"ptrace", JD_ERROR_INVALID, "the sandbox forbids"},
        {"kill", JD_ERROR_INVALID, "the sandbox forbids"},
        {"overwrite", JD_ERROR_INVALID, "the sandbox forbids"},
    };
    guint descriptors = open_descriptors();
    jd_reader_pool *pool = new_pool(1, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *title = ask(pool, cases[i].deed, &error);
        g_assert_null(title);
        g_test_message("%s: %s", cases[i].deed, error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
        g_assert_cmpint(error->code, ==, cases[i].code);
        g_autofree char *next = ask(pool, "nothing", NULL);
        g_assert_nonnull(next);
    }
    jd_reader_pool_free(pool);
    g_assert_cmpuint(open_descriptors(), ==, descriptors);
    assert_no_children();
}

static void test_hang(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(1, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *title = ask(pool, "hang", &error);
    g_assert_null(title);
    g_assert_error(error, JD_ERROR, JD_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "took longer than 1 s"));
}

static void test_refused(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    static const char *const attempts[] = {"open", "create", "stat", "code"};
    for (gsize i = 0; i < G_N_ELEMENTS(attempts); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *title = ask(pool, attempts[i], &error);
        g_assert_no_error(error);
        g_assert_cmpstr(title, ==, "refused: 13");
    }
}

/* Nothing of ours reaches a reader: no descriptor beside the file, no Ctrl-C. */
static void test_kept_apart(void)
{
    int leaky = dup(STDERR_FILENO); /* not closed on exec */
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    g_autofree char *count = ask(pool, "descriptors", NULL);
    g_assert_cmpstr(count, ==, "refused: 1");
    close(leaky);
    g_autofree char *title = ask(pool, "nothing", NULL);
    pid_t pid = (pid_t)g_ascii_strtoll(title + strlen("pid "), NULL, 10);
    g_assert_cmpint(getpgid(pid), ==, pid);
}

static void test_sandbox_is_named(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) sandbox = jd_reader_pool_sandbox(pool, &error);
    g_assert_no_error(error);
    g_assert_true(g_strv_contains((const char *const *)sandbox, "seccomp"));
    g_assert_true(g_strv_contains((const char *const *)sandbox, "rlimits"));
    for (char **feature = sandbox; *feature; feature++)
        g_test_message("%s", *feature);
}

static void test_reuse_and_replacement(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(2, 0);
    g_autofree char *first = ask(pool, "nothing", NULL);
    for (int i = 1; i < JD_LIMIT_READER_FILES; i++) {
        g_autofree char *same = ask(pool, "nothing", NULL);
        g_assert_cmpstr(same, ==, first);
    }
    g_autofree char *other = ask(pool, "nothing", NULL);
    g_assert_cmpstr(other, !=, first);
}

/* A reader that dies between two files costs neither of them. */
static void test_idle_death(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    g_autofree char *first = ask(pool, "nothing", NULL);
    g_assert_true(g_str_has_prefix(first, "pid "));
    kill((pid_t)g_ascii_strtoll(first + 4, NULL, 10), SIGKILL);
    siginfo_t info;
    g_assert_cmpint(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), ==, 0); /* until it is dead */
    g_autoptr(GError) error = NULL;
    g_autofree char *second = ask(pool, "nothing", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(second, !=, first);
}

#define THREADS 8

static gpointer ask_often(gpointer data)
{
    static const char *const deeds[] = {"nothing", "crash", "nothing", "lie", "open"};
    for (int i = 0; i < 20; i++) {
        g_autoptr(GError) error = NULL;
        const char *deed = deeds[i % G_N_ELEMENTS(deeds)];
        g_autofree char *title = ask(data, deed, &error);
        gboolean good = strcmp(deed, "nothing") == 0 || strcmp(deed, "open") == 0;
        g_assert_true(good == (title != NULL));
    }
    return NULL;
}

static void test_parallel(void)
{
    guint descriptors = open_descriptors();
    jd_reader_pool *pool = new_pool(3, 0);
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("ask", ask_often, pool);
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    jd_reader_pool_free(pool);
    g_assert_cmpuint(open_descriptors(), ==, descriptors);
    assert_no_children();
}

static void test_large_and_odd_files(void)
{
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    const jd_read_request request = {.name = "zeros.html"};
    g_autoptr(GError) error = NULL;
    int fd = file_of("", 0);
    g_assert_cmpint(ftruncate(fd, JD_GIB), ==, 0);
    g_assert_null(jd_reader_pool_read(pool, fd, &request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_cmpint(ftruncate(fd, 32 * JD_MIB), ==, 0);
    g_assert_null(jd_reader_pool_read(pool, fd, &request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    g_clear_error(&error);
    g_assert_cmpint(ftruncate(fd, 0), ==, 0);
    g_assert_null(jd_reader_pool_read(pool, fd, &request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "empty"));
    close(fd);

    int pipe_ends[2];
    g_clear_error(&error);
    g_assert_cmpint(pipe2(pipe_ends, O_CLOEXEC), ==, 0);
    g_assert_null(jd_reader_pool_read(pool, pipe_ends[0], &request, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

static void test_binary_named_html(void)
{
    static const struct {
        const char *bytes;
        gsize size;
        const char *message;
    } cases[] = {{"\x7F"
                  "ELF\2\1\1\0\0\0\0\0",
                  12, "ELF programs are not supported"},
                 {"PK\3\4\24\0\0\0\0\0", 10, "ZIP archives are not supported"},
                 {"%PDF-1.4 all of it text", 23, "PDF documents are not supported yet"},
                 {"\1\2\3\0\0\4\5", 7, "unknown binary content"}};
    g_autoptr(jd_reader_pool) pool = new_pool(1, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int fd = file_of(cases[i].bytes, cases[i].size);
        const jd_read_request request = {.name = "page.html"};
        g_assert_null(jd_reader_pool_read(pool, fd, &request, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, cases[i].message));
        close(fd);
    }
}

static void test_no_program(void)
{
    g_autoptr(GError) error = NULL;
    jd_reader_options options = {.program = "/nonexistent/jackdaw-reader"};
    g_assert_null(jd_reader_pool_new(&options, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNAVAILABLE);

    options.program = "/bin/true"; /* runs, but is no reader: no file is to blame */
    g_autoptr(jd_reader_pool) pool = jd_reader_pool_new(&options, NULL);
    g_clear_error(&error);
    g_autofree char *title = ask(pool, "nothing", &error);
    g_assert_null(title);
    g_assert_error(error, JD_ERROR, JD_ERROR_UNAVAILABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/read/pool/misdeeds", test_misdeeds);
    g_test_add_func("/read/pool/hang", test_hang);
    g_test_add_func("/read/pool/refused", test_refused);
    g_test_add_func("/read/pool/apart", test_kept_apart);
    g_test_add_func("/read/pool/sandbox", test_sandbox_is_named);
    g_test_add_func("/read/pool/reuse", test_reuse_and_replacement);
    g_test_add_func("/read/pool/idle-death", test_idle_death);
    g_test_add_func("/read/pool/parallel", test_parallel);
    g_test_add_func("/read/pool/files", test_large_and_odd_files);
    g_test_add_func("/read/pool/binary", test_binary_named_html);
    g_test_add_func("/read/pool/no-program", test_no_program);
    return g_test_run();
}
