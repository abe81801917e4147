/* Streams: lines, events, and what a model says. */
#include "answer/lines.h"
#include "answer/talk.h"
#include "base/limits.h"

#include <string.h>

/* Collects what is passed on, one "<...>" a line. */
static gboolean collect(const char *line, gsize length, void *user)
{
    g_assert_cmpuint(strlen(line), <=, length);
    g_string_append_printf(user, "<%s>", line);
    return !g_str_has_suffix(line, "stop");
}

/* Feeds a text in pieces of `step` bytes. */
static char *split(const char *text, gsize step, gsize max)
{
    GString *out = g_string_new(NULL);
    jd_lines lines;
    jd_lines_init(&lines, max, collect, out);
    for (gsize at = 0; at < strlen(text); at += step)
        jd_lines_feed(&lines, text + at, MIN(step, strlen(text) - at));
    if (jd_lines_end(&lines) == JD_LINES_OVERLONG)
        g_string_append(out, "overlong");
    jd_lines_clear(&lines);
    return g_string_free(out, FALSE);
}

static void test_lines(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"", ""},
        {"a", "<a>"},
        {"a\n", "<a>"},
        {"a\n\nb\n", "<a><><b>"},
        {"a\r\nb\r\n", "<a><b>"},
        {"a\rb\r\r\nc", "<a><b><><c>"},
        {"a\nstop\nb\nc", "<a><stop>"},
        {"é\n€", "<é><€>"},
        {"1234567890\n", "overlong"},
        {"a\n1234567890", "<a>overlong"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (gsize step = 1; step <= 12; step++) {
            g_autofree char *got = split(cases[i].text, step, 8);
            g_assert_cmpstr(got, ==, cases[i].expected);
        }
    }
}

static char *events(const char *text, gsize step, gsize max)
{
    GString *out = g_string_new(NULL);
    jd_sse sse;
    jd_lines lines;
    jd_sse_init(&sse, max, collect, out);
    jd_lines_init(&lines, 1000, jd_sse_line, &sse);
    for (gsize at = 0; at < strlen(text); at += step)
        jd_lines_feed(&lines, text + at, MIN(step, strlen(text) - at));
    if (jd_lines_end(&lines) == JD_LINES_ON)
        jd_sse_end(&sse);
    jd_lines_clear(&lines);
    jd_sse_clear(&sse);
    return g_string_free(out, FALSE);
}

static void test_events(void)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"data: {\"a\":1}\n\ndata: [DONE]\n\n", "<{\"a\":1}><[DONE]>"},
        {"data:x\r\n\r\ndata:  y\n\n", "<x>< y>"},
        {": a comment\n\nevent: message\nid: 7\ndata: x\n\n", "<x>"},
        {"data: one\ndata: two\n\n", "<one\ntwo>"},
        {"data: no end to it", "<no end to it>"},
        {"data: stop\n\ndata: more\n\n", "<stop>"},
        {"data\n\ndat: x\n\n{\"error\":1}\n\n", ""},
        {"data:\n\n", "<>"},
        {"data: 12345678901234567890\n\ndata: x\n\n", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (gsize step = 1; step <= 24; step++) {
            g_autofree char *got = events(cases[i].text, step, 20);
            g_assert_cmpstr(got, ==, cases[i].expected);
        }
    }
}

static void append(const char *piece, void *user)
{
    g_string_append(user, piece);
}

/* What is passed on must be what is kept, however the pieces come. */
static void test_talk(void)
{
    static const struct {
        const char *said, *kept;
    } cases[] = {
        {"", ""},
        {"Two invoices.", "Two invoices."},
        {" \n\n Two\n lines\t.\n", "Two\n lines\t.\n"},
        {"<think>First\x1b[1m <b>this</think>\n\nThe answer.", "The answer."},
        {"<think></think>x", "x"},
        {"<think>never ends", ""},
        {"<think", "<think"},
        {"< think>x", "< think>x"},
        {"no <think>x</think>", "no <think>x</think>"},
        {"a\x1b]0;title\x07z\x7f\r", "a]0;titlez"},
        {"a\xC2\x9B"
         "31mé",
         "a31mé"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (gsize step = 1; step <= 40; step++) {
            g_autoptr(GString) passed = g_string_new(NULL);
            jd_talk talk;
            jd_talk_init(&talk, append, passed);
            const char *p = cases[i].said;
            while (*p) {
                const char *next = p;
                for (gsize n = 0; n < step && *next; n++)
                    next = g_utf8_next_char(next);
                g_assert_true(jd_talk_add(&talk, p, next - p));
                p = next;
            }
            jd_talk_end(&talk);
            g_assert_cmpstr(talk.text->str, ==, cases[i].kept);
            g_assert_cmpstr(passed->str, ==, cases[i].kept);
            g_assert_cmpint(talk.begun, ==, *cases[i].said != '\0');
            jd_talk_clear(&talk);
        }
    }
}

static void test_talk_limit(void)
{
    jd_talk talk;
    jd_talk_init(&talk, NULL, NULL);
    g_autofree char *piece = g_strnfill(1 << 20, 'x');
    gsize taken = 0;
    while (taken < 100 && jd_talk_add(&talk, piece, 1 << 20))
        taken++;
    g_assert_cmpuint(taken, ==, JD_LIMIT_SERVER_ANSWER_BYTES >> 20);
    jd_talk_clear(&talk);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/stream/lines", test_lines);
    g_test_add_func("/answer/stream/events", test_events);
    g_test_add_func("/answer/stream/talk", test_talk);
    g_test_add_func("/answer/stream/talk-limit", test_talk_limit);
    return g_test_run();
}
