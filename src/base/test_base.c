#include "base/error.h"
#include "base/hash.h"
#include "base/progress.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void test_error_carries_hint(void)
{
    g_autoptr(GError) error = NULL;
    jd_set_error(&error, JD_ERROR_NOT_FOUND, "run ingest", "no file %s", "x");
    jd_prefix_error(&error, "%s: ", "here");
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_assert_cmpstr(error->message, ==, "here: no file x");
    g_assert_cmpstr(jd_error_hint(error), ==, "run ingest");
    g_autoptr(GError) copy = g_error_copy(error);
    g_assert_cmpstr(jd_error_hint(copy), ==, "run ingest");
    g_assert_cmpstr(jd_error_code_name(copy->code), ==, "not-found");
}

static void test_errno_has_a_code(void)
{
    const struct {
        int number;
        int code;
    } cases[] = {{ENOSPC, JD_ERROR_NO_SPACE},
                 {EROFS, JD_ERROR_READ_ONLY},
                 {ENOENT, JD_ERROR_NOT_FOUND},
                 {EIO, JD_ERROR_IO}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        jd_set_error_errno(&error, cases[i].number, "cannot write %s", "a");
        g_assert_cmpint(error->code, ==, cases[i].code);
        g_assert_true(g_str_has_prefix(error->message, "cannot write a: "));
    }
}

static void test_collapse(void)
{
    const struct {
        const char *in, *out;
    } cases[] = {
        {"  a\n\t b  ", "a b"}, {"", ""}, {"\xC2\xA0x\xC2\xA0", "x"}, {"a\xFF", "a\xEF\xBF\xBD"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = jd_text_collapse(cases[i].in, -1);
        g_assert_cmpstr(got, ==, cases[i].out);
    }
}

static void test_shorten(void)
{
    g_autofree char *whole = jd_text_shorten("short", 10);
    g_assert_cmpstr(whole, ==, "short");
    g_autofree char *cut = jd_text_shorten("one two three", 9);
    g_assert_cmpstr(cut, ==, "one two…");
    g_autofree char *hard = jd_text_shorten("ääääääää", 4);
    g_assert_cmpstr(hard, ==, "äää…");
}

static void test_sha256(void)
{
    g_autofree char *sum = jd_sha256("abc", 3);
    g_assert_cmpstr(sum, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("jackdaw-XXXXXX", &path, NULL);
    g_assert_cmpint(write(fd, "abc", 3), ==, 3);
    gint64 size = 0;
    g_autofree char *of_file = jd_sha256_fd(fd, &size, NULL);
    g_assert_cmpstr(of_file, ==, sum);
    g_assert_cmpint(size, ==, 3);
    close(fd);
    g_unlink(path);
}

static void count_call(const jd_progress *progress, void *user)
{
    (*(int *)user)++;
}

static void test_progress_is_not_a_flood(void)
{
    int calls = 0;
    jd_reporter reporter = {.fn = count_call, .user = &calls};
    for (guint64 i = 1; i <= 10000; i++)
        jd_reporter_update(&reporter, &(jd_progress){.stage = "x", .done = i, .total = 10000});
    g_assert_cmpint(calls, >=, 2);
    g_assert_cmpint(calls, <, 1000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/error/hint", test_error_carries_hint);
    g_test_add_func("/base/error/errno", test_errno_has_a_code);
    g_test_add_func("/base/text/collapse", test_collapse);
    g_test_add_func("/base/text/shorten", test_shorten);
    g_test_add_func("/base/hash/sha256", test_sha256);
    g_test_add_func("/base/progress", test_progress_is_not_a_flood);
    return g_test_run();
}
