#include "base/sentence.h"

#include <string.h>

/* `marked` is a text with "|" where a sentence is to end. */
static void check(const char *marked)
{
    g_auto(GStrv) parts = g_strsplit(marked, "|", -1);
    g_autofree char *text = g_strjoinv("", parts);
    gsize from = 0;
    for (guint i = 0; parts[i]; i++) {
        gsize end = jd_sentence_end(text, from);
        g_autofree char *got = g_strndup(text + from, end - from);
        g_assert_cmpstr(got, ==, parts[i]);
        from = end;
    }
    g_assert_cmpuint(from, ==, strlen(text));
}

static void test_ends(void)
{
    check("One. |Two! |Three? |Four");
    check("He said \"No.\" |Then he left.");
    check("Really?! |Yes... |Well… |\"Quoted.\" |(In brackets.) |End");
    check("“Why?” he asked. |Nobody knew.");
    check("A line of 12 words? |3 more.");
    check("ends without a stop");
}

static void test_no_ends(void)
{
    check("Pi is 3.14 and version v1.2.3 of example.com works.");
    check("Dr. Smith met J. R. Jones, e.g. Fig. 3 and No. 5, vs. Mr. Brown. |Next.");
    check("See Radford et al. (2021) for that. |It works.");
    check("Bread, milk, etc. |The shop was open.");
    check("The U.S. army came.");
    check("1. First point of a list.");
    check("Am 12. Mai kam z.B. Frau Dr. Kunz, d.h. gestern. |Danach nicht.");
    check("It was in 2020. |Then it ended.");
    check("and so on... and on.");
}

static void test_scripts(void)
{
    check("今日は晴れです。|明日は雨！|本当？|「はい。」|終わり");
    check("你好。|他说：“好！”|完");
    check("هل هذا صحيح؟ |نعم.");
    check("यह पहला है। |दूसरा.");
}

static void test_words(void)
{
    g_assert_cmpuint(jd_words_end("one two three", 0, 8), ==, 8);
    g_assert_cmpuint(jd_words_end("one two three", 0, 10), ==, 8);
    g_assert_cmpuint(jd_words_end("one two three", 4, 100), ==, 13);
    g_assert_cmpuint(jd_words_end("onetwothree", 0, 5), ==, 5);
    g_assert_cmpuint(jd_words_end("ääääää", 0, 3), ==, 6);
    g_assert_cmpuint(jd_words_end("one two", 0, 3), ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chunk/sentence/ends", test_ends);
    g_test_add_func("/chunk/sentence/no-ends", test_no_ends);
    g_test_add_func("/chunk/sentence/scripts", test_scripts);
    g_test_add_func("/chunk/sentence/words", test_words);
    return g_test_run();
}
