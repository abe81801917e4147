/* Questions that follow up: what is read from what a model says. The way there is tested against
 * model servers in tests/test_follow_up.py. */
#include "answer/standalone.h"

#include "base/limits.h"

static void test_read(void)
{
    static const struct {
        const char *said, *question;
    } cases[] = {
        {"What is it?", "What is it?"},
        {"\n \n\"\"\r\nWhat is it?\nMore of it", "What is it?"},
        {"\r\nWhat is  it? \nMore of it", "What is it?"},
        {"“What is it?”", "What is it?"},
        {"**\"What is it?\"**", "What is it?"},
        {"`What is \"it\"?`", "What is \"it\"?"},
        {"„Was ist das?“", "Was ist das?"},
        {"«¿Qué es?»", "¿Qué es?"},
        {"", NULL},
        {"\n\n", NULL},
        {"\"\" ''", NULL},
        {"\xff\xfe", "\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *read = jd_standalone_read(cases[i].said);
        g_assert_cmpstr(read, ==, cases[i].question);
    }
}

static void test_too_long(void)
{
    g_autofree char *most = g_strnfill(JD_ASK_REWRITE_BYTES, 'x');
    g_autofree char *more = g_strnfill(JD_ASK_REWRITE_BYTES + 1, 'x');
    g_autofree char *read = jd_standalone_read(most);
    g_assert_cmpstr(read, ==, most);
    g_assert_null(jd_standalone_read(more));
}

/* Nobody is asked where nothing was said before. */
static void test_first_question(void)
{
    const jd_ask_options options = JD_ASK_OPTIONS_INIT;
    g_auto(jd_standalone) made = {0};
    g_autoptr(GError) error = NULL;
    g_assert_true(jd_standalone_question("What?", &options, &made, &error));
    g_assert_no_error(error);
    g_assert_null(made.question);
    g_assert_null(made.note);
    g_assert_true(isnan(made.ms));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/standalone/read", test_read);
    g_test_add_func("/answer/standalone/too-long", test_too_long);
    g_test_add_func("/answer/standalone/first-question", test_first_question);
    return g_test_run();
}
