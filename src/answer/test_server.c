/* Addresses, refusals and transfers. */
#include "answer/failure.h"
#include "answer/http.h"
#include "answer/probe.h"
#include "answer/test_little_server.h"
#include "answer/url.h"

#include <string.h>

static void test_ollama_host(void)
{
    static const struct {
        const char *host, *url;
    } cases[] = {
        {NULL, "http://127.0.0.1:11434"},
        {"", "http://127.0.0.1:11434"},
        {" \"example.org\" ", "http://example.org:11434"},
        {"example.org:80", "http://example.org:80"},
        {":8000", "http://127.0.0.1:8000"},
        {"0.0.0.0", "http://127.0.0.1:11434"},
        {"0.0.0.0:99", "http://127.0.0.1:99"},
        {"[::1]:9", "http://[::1]:9"},
        {"::1", "http://[::1]:11434"},
        {"[::]", "http://[::1]:11434"},
        {"http://example.org", "http://example.org:80"},
        {"https://example.org", "https://example.org:443"},
        {"HTTPS://example.org/ollama/", "https://example.org:443/ollama"},
        {"example.org:99999", "http://example.org:11434"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *url = jd_url_ollama(cases[i].host, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(url, ==, cases[i].url);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_url_ollama("ftp://example.org", &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
}

static void test_openai_base(void)
{
    static const struct {
        const char *base, *url;
    } cases[] = {
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"},
        {"http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"},
        {"http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"},
        {"http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"},
        {"127.0.0.1:8080", "http://127.0.0.1:8080/v1"},
        {"https://example.org/api/v3", "https://example.org/api/v3"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = jd_url_openai(cases[i].base, NULL);
        g_assert_cmpstr(url, ==, cases[i].url);
    }
    g_assert_null(jd_url_openai("file:///etc/passwd", NULL));
}

static void test_local(void)
{
    g_assert_true(jd_url_is_local("http://localhost:1"));
    g_assert_true(jd_url_is_local("http://127.8.9.1/v1"));
    g_assert_true(jd_url_is_local("http://[::1]:80"));
    g_assert_false(jd_url_is_local("http://127.0.0.1.example.org"));
    g_assert_false(jd_url_is_local("http://localhost.example.org"));
    g_assert_false(jd_url_is_local("http://10.0.0.1"));
    g_assert_false(jd_url_is_local("http://127.0.0.1@example.org"));
    g_autofree char *shown = jd_url_for_display("https://me:secret@example.org/v1?key=secret");
    g_assert_cmpstr(shown, ==, "https://example.org/v1");
}

static void parse(jd_failure *failure, long status, const char *body)
{
    jd_failure_parse(failure, status, body, strlen(body));
}

static void test_failures(void)
{
    g_auto(jd_failure) f = {0};
    parse(&f, 404, "{\"error\":\"model 'x' not found\"}");
    g_assert_cmpstr(f.message, ==, "model 'x' not found");
    parse(&f, 400, "{\"error\":\"the input length exceeds the context length\"}");
    g_assert_true(f.overflow);
    parse(&f, 400,
          "{\"error\":\"{\\\"error\\\":{\\\"code\\\":400,\\\"message\\\":\\\"request (4356 tokens) "
          "exceeds\\\",\\\"type\\\":\\\"exceed_context_size_error\\\",\\\"n_prompt_tokens\\\":4356,"
          "\\\"n_ctx\\\":512}}\"}");
    g_assert_true(f.overflow);
    g_assert_cmpint(f.prompt_tokens, ==, 4356);
    g_assert_cmpint(f.context_tokens, ==, 512);
    g_assert_cmpstr(f.message, ==, "request (4356 tokens) exceeds");
    parse(&f, 503, "{\"error\":{\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}");
    g_assert_true(jd_failure_is_loading(&f));
    g_assert_false(jd_failure_is_busy(&f));
    parse(&f, 503, "{\"error\":\"server busy, please try again.\"}");
    g_assert_true(jd_failure_is_busy(&f));
    parse(&f, 429, "{\"error\":{\"message\":\"x\",\"code\":\"insufficient_quota\"}}");
    g_assert_false(jd_failure_is_busy(&f));
    parse(
        &f, 400,
        "{\"object\":\"error\",\"message\":\"This model's maximum context length is 2048 tokens.\","
        "\"type\":\"BadRequestError\",\"code\":400}");
    g_assert_true(f.overflow);
    g_assert_cmpint(f.context_tokens, ==, 2048);
    parse(&f, 422, "{\"detail\":[{\"msg\":\"field required\"}]}");
    g_assert_cmpstr(f.message, ==, "field required");
    parse(&f, 502, "<html><body><h1>502 Bad\nGateway</h1></body></html>");
    g_assert_cmpstr(f.message, ==, "502 Bad Gateway");
    parse(&f, 500, "");
    g_assert_cmpstr(f.message, ==, "no reason given");
    parse(&f, 500, "{\"error\":{\"message\":\"image input is not supported\",\"code\":500}}");
    g_assert_true(jd_failure_minds_pictures(&f));
    parse(&f, 400, "{\"error\":{\"message\":\"no\",\"param\":\"temperature\",\"code\":null}}");
    g_assert_cmpstr(f.param, ==, "temperature");
}

static void test_versions(void)
{
    g_assert_true(jd_version_at_least("0.30.0", 0, 30));
    g_assert_true(jd_version_at_least("1.2", 0, 30));
    g_assert_false(jd_version_at_least("0.24.0", 0, 30));
    g_assert_false(jd_version_at_least("0.9.12", 0, 30));
    g_assert_false(jd_version_at_least("unknown", 0, 30));
    g_assert_false(jd_version_at_least(NULL, 0, 30));
}

/* ---- transfers ---- */

typedef struct seen {
    GString *data;
    guint waits;
    jd_cancel cancel;
    gboolean cancel_on_data;
} seen;

static gboolean on_data(const char *data, gsize length, void *user)
{
    seen *s = user;
    g_string_append_len(s->data, data, (gssize)length);
    if (s->cancel_on_data)
        g_atomic_int_set(&s->cancel, 1);
    return !strstr(s->data->str, "enough");
}

static void on_wait(void *user)
{
    ((seen *)user)->waits++;
}

/* Runs one request against a little server. */
static GError *transfer(const char *const *pieces, gboolean hold, seen *s, jd_http_reply *reply)
{
    little_server server;
    little_server_start(&server, pieces, hold);
    s->data = g_string_new(NULL);
    jd_http_request request = {.url = server.url,
                               .body = "{}",
                               .on_data = on_data,
                               .on_wait = on_wait,
                               .user = s,
                               .cancel = &s->cancel,
                               .first_byte_ms = 400,
                               .stall_ms = 400,
                               .patience_ms = 100};
    GError *error = NULL;
    g_assert_cmpint(jd_http_run(&request, reply, &error), ==, error == NULL);
    little_server_stop(&server);
    return error;
}

#define HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"

static void test_transfers(void)
{
    static const char *const good[] = {HEAD, "one\n", "two\n", NULL};
    static const char *const enough[] = {HEAD, "one enough", NULL};
    static const char *const refused[] = {"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nlost", NULL};
    g_auto(jd_http_reply) reply = {0};
    seen s = {0};
    g_assert_no_error(transfer(good, FALSE, &s, &reply));
    g_assert_cmpstr(s.data->str, ==, "one\ntwo\n");
    g_assert_cmpint(reply.status, ==, 200);
    g_string_free(s.data, TRUE);
    g_assert_no_error(transfer(enough, TRUE, &s, &reply));
    g_string_free(s.data, TRUE);
    g_assert_no_error(transfer(refused, FALSE, &s, &reply));
    g_assert_cmpint(reply.status, ==, 404);
    g_assert_cmpstr(reply.body->str, ==, "lost");
    g_assert_cmpuint(s.data->len, ==, 0);
    g_string_free(s.data, TRUE);
}

static void expect(const char *const *pieces, gboolean hold, seen *s, int code)
{
    g_auto(jd_http_reply) reply = {0};
    g_autoptr(GError) error = transfer(pieces, hold, s, &reply);
    g_assert_error(error, JD_ERROR, code);
    g_string_free(s->data, TRUE);
}

static void test_broken_transfers(void)
{
    static const char *const nothing[] = {NULL};
    static const char *const cut[] = {"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", NULL};
    static const char *const silent[] = {HEAD, "one", NULL};
    seen s = {0};
    expect(nothing, FALSE, &s, JD_ERROR_UNAVAILABLE);
    expect(cut, FALSE, &s, JD_ERROR_REMOTE);
    s.waits = 0;
    expect(nothing, TRUE, &s, JD_ERROR_UNAVAILABLE);
    g_assert_cmpuint(s.waits, ==, 1);
    expect(silent, TRUE, &s, JD_ERROR_UNAVAILABLE);
    s.cancel_on_data = TRUE;
    expect(silent, TRUE, &s, JD_ERROR_CANCELLED);
}

static void test_absent_server(void)
{
    g_autoptr(GError) error = NULL;
    g_auto(jd_http_reply) reply = {0};
    jd_http_request request = {.url = "http://me:secret@127.0.0.1:9/", .hint = "start it"};
    g_assert_false(jd_http_run(&request, &reply, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_UNAVAILABLE);
    g_assert_cmpstr(jd_error_hint(error), ==, "start it");
    g_assert_null(strstr(error->message, "secret"));
    g_clear_error(&error);
    request.url = "http://192.0.2.1/";
    request.offline = TRUE;
    g_assert_false(jd_http_run(&request, &reply, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/server/ollama-host", test_ollama_host);
    g_test_add_func("/answer/server/openai-base", test_openai_base);
    g_test_add_func("/answer/server/local", test_local);
    g_test_add_func("/answer/server/failures", test_failures);
    g_test_add_func("/answer/server/versions", test_versions);
    g_test_add_func("/answer/server/transfers", test_transfers);
    g_test_add_func("/answer/server/broken-transfers", test_broken_transfers);
    g_test_add_func("/answer/server/absent", test_absent_server);
    return g_test_run();
}
