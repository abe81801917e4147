/* Having Ollama fetch a model: progress, resumption, failures. */
#include "answer/servers.h"
#include "answer/test_little_server.h"

#include <jackdaw.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"
#define BIG "\"digest\":\"sha256:10236477fda5\",\"total\":1000"
#define SMALL "\"digest\":\"sha256:f0ce7c8d4523\",\"total\":10"

typedef struct seen {
    jd_progress last;
    jd_cancel cancel;
    gboolean cancel_at_once;
} seen;

static void on_progress(const jd_progress *progress, void *user)
{
    seen *s = user;
    g_assert_cmpstr(progress->stage, ==, "pull");
    g_assert_cmpuint(progress->done, >=, s->last.done);
    g_assert_cmpuint(progress->done, <=, progress->total);
    s->last = *progress;
    if (s->cancel_at_once)
        g_atomic_int_set(&s->cancel, 1);
}

static GError *pull(const char *const *pieces, gboolean hold, seen *s)
{
    little_server server;
    little_server_start(&server, pieces, hold);
    jd_pull_options options = {.model = "tiny",
                               .server = server.url,
                               .progress = on_progress,
                               .user = s,
                               .cancel = &s->cancel};
    GError *error = NULL;
    g_assert_cmpint(jd_ollama_pull(&options, &error), ==, error == NULL);
    little_server_stop(&server);
    return error;
}

/* Lines repeat, go back after a resumption, and leave "completed" away while it is nothing. */
static void test_success(void)
{
    static const char *const pieces[] = {
        HEAD,
        "{\"status\":\"pulling manifest\"}\n{\"status\":\"pulling 1\"," BIG "}\n",
        "{\"status\":\"pulling 1\"," BIG ",\"completed\":700}\n{\"status\":\"pulling 1\"," BIG
        ",\"completed\":600}\n",
        "{\"status\":\"pulling 1\"," BIG ",\"completed\":1000}\n{\"status\":\"pulling 2\"," SMALL
        ",\"completed\":10}\n{\"status\":\"pulling 2\"," SMALL ",\"completed\":10}\n",
        "{\"status\":\"verifying sha256 digest\"}\n{\"status\":\"writing manifest\"}\n",
        "{\"status\":\"success\"}\n",
        NULL};
    seen s = {0};
    g_assert_no_error(pull(pieces, FALSE, &s));
    g_assert_cmpuint(s.last.done, ==, 1010);
    g_assert_cmpuint(s.last.total, ==, 1010);
}

static void expect(const char *line, int code, const char *text)
{
    const char *const pieces[] = {HEAD, "{\"status\":\"pulling manifest\"}\n", line, NULL};
    seen s = {0};
    g_autoptr(GError) error = pull(pieces, FALSE, &s);
    g_assert_error(error, JD_ERROR, code);
    g_assert_nonnull(strstr(error->message, text));
}

static void test_failures(void)
{
    expect("{\"error\":\"pull model manifest: file does not exist\"}\n", JD_ERROR_REMOTE,
           "file does not exist");
    expect("", JD_ERROR_REMOTE, "broke off");
    expect("<html>\n", JD_ERROR_REMOTE, "does not answer as Ollama");
    expect("[1]\n", JD_ERROR_REMOTE, "does not answer as Ollama");
    static const char *const refused[] = {
        "HTTP/1.1 400 Bad\r\nContent-Length: 24\r\n\r\n{\"error\":\"invalid name\"}\n", NULL};
    seen s = {0};
    g_autoptr(GError) error = pull(refused, FALSE, &s);
    g_assert_error(error, JD_ERROR, JD_ERROR_REMOTE);
    g_assert_nonnull(strstr(error->message, "invalid name"));
}

static void test_cancel(void)
{
    static const char *const pieces[] = {
        HEAD, "{\"status\":\"pulling 1\"," BIG ",\"completed\":1}\n", NULL};
    seen s = {.cancel_at_once = TRUE};
    g_autoptr(GError) error = pull(pieces, TRUE, &s);
    g_assert_error(error, JD_ERROR, JD_ERROR_CANCELLED);
    g_assert_cmpuint(s.last.done, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/pull/success", test_success);
    g_test_add_func("/answer/pull/failures", test_failures);
    g_test_add_func("/answer/pull/cancel", test_cancel);
    return g_test_run();
}
