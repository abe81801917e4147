/* The sources that the program sets. */
#include "answer/cite.h"
#include "answer/test_fixture.h"
#include "answer/words.h"

static void check_sentences(const char *text, const char *expected)
{
    g_autoptr(GArray) spans = jd_sentences(text);
    g_autoptr(GString) got = g_string_new(NULL);
    for (guint i = 0; i < spans->len; i++) {
        jd_span span = g_array_index(spans, jd_span, i);
        g_string_append_printf(got, "<%.*s>", (int)(span.end - span.start), text + span.start);
    }
    g_assert_cmpstr(got->str, ==, expected);
}

static void test_sentences(void)
{
    check_sentences("", "");
    check_sentences(" \n\n ", "");
    check_sentences("One. Two!  Three", "<One.><Two!><Three>");
    check_sentences("One. [1] Two [2]. [3][4]\nThree", "<One. [1]><Two [2]. [3][4]><Three>");
    check_sentences("A bill of 3.5 € by Dr. Who, e.g. this. Yes.",
                    "<A bill of 3.5 € by Dr. Who, e.g. this.><Yes.>");
    check_sentences("Steps:\n- one\n- two\n\nEnd.", "<Steps:><- one><- two><End.>");
    check_sentences("第一句。第二句。", "<第一句。><第二句。>");
}

static void check_numbers(const char *text, gsize length, const char *expected)
{
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int));
    g_assert_cmpuint(jd_source_numbers(text, numbers), ==, length);
    g_autoptr(GString) got = g_string_new(NULL);
    for (guint i = 0; i < numbers->len; i++)
        g_string_append_printf(got, "%d ", g_array_index(numbers, int, i));
    g_assert_cmpstr(got->str, ==, expected);
}

static void test_numbers(void)
{
    check_numbers("[1] x", 3, "1 ");
    check_numbers("[1, 2;3]", 8, "1 2 3 ");
    check_numbers("[ 2 - 4 ]", 9, "2 3 4 ");
    check_numbers("[2–4]", 7, "2 3 4 ");
    check_numbers("【7】", 7, "7 ");
    check_numbers("[1", 0, "");
    check_numbers("[]", 0, "");
    check_numbers("[a]", 0, "");
    check_numbers("[1,]", 0, "");
    check_numbers("[4-2]", 0, "");
    check_numbers("[1-900]", 0, "");
    check_numbers("[1234]", 0, "");
    check_numbers("(1)", 0, "");
}

static jd_answer *answer_of(const char *text)
{
    jd_answer *answer = g_new0(jd_answer, 1);
    answer->text = g_strdup(text);
    answer->citations = g_array_new(FALSE, FALSE, sizeof(jd_citation));
    answer->notes = g_ptr_array_new_with_free_func(g_free);
    answer->left_out = g_ptr_array_new();
    answer->evidence = jd_results_new("q", JD_PROFILE_DEFAULT);
    fixture_add(answer->evidence,
                fixture_text(11, "Accounts", "May", "Two invoices were paid in May by cheque."), 1);
    fixture_add(
        answer->evidence,
        fixture_text(12, "Accounts", "Open", "A café bill over thirty euros is still open."), 0.8);
    fixture_add(answer->evidence, fixture_image(13, "Accounts", "Open", "Photograph of the bill"),
                0.7);
    return answer;
}

/* "n:item:sentence" a citation, then the notes. */
static void check(const char *text, const char *expected)
{
    g_autoptr(jd_answer) answer = answer_of(text);
    jd_answer_cite(answer);
    g_autoptr(GString) got = g_string_new(NULL);
    for (guint i = 0; i < answer->citations->len; i++) {
        jd_citation c = g_array_index(answer->citations, jd_citation, i);
        g_string_append_printf(got, "%d:%d:%.*s\n", c.n, (int)c.item, (int)(c.end - c.start),
                               answer->text + c.start);
    }
    for (guint i = 0; i < answer->notes->len; i++)
        g_string_append_printf(got, "%s\n", (char *)g_ptr_array_index(answer->notes, i));
    g_assert_cmpstr(got->str, ==, expected);
}

static void test_named(void)
{
    check("Two invoices were paid [1]. The café bill is open. [2]",
          "1:11:Two invoices were paid [1].\n2:12:The café bill is open. [2]\n");
    check("Both are known: invoices paid, bill open [1, 2][1].",
          "1:11:Both are known: invoices paid, bill open [1, 2][1].\n"
          "2:12:Both are known: invoices paid, bill open [1, 2][1].\n");
    check("Picture 3 shows a crumpled paper.", "3:13:Picture 3 shows a crumpled paper.\n");
    check("Two invoices were paid [9].", "1:11:Two invoices were paid [9].\n"
                                         "the answer names [9], which is none of its sources\n");
}

static void test_found(void)
{
    check("In May two invoices were paid.", "1:11:In May two invoices were paid.\n");
    check("Sure.\nThe café's bill of thirty euros is open.",
          "2:12:The café's bill of thirty euros is open.\n");
}

static void test_unfounded(void)
{
    check("Elephants migrate across savannas every winter.",
          "no source supports: \"Elephants migrate across savannas every winter.\"\n");
    check("Elephants migrate across savannas every winter [1].",
          "1:11:Elephants migrate across savannas every winter [1].\n"
          "no source supports: \"Elephants migrate across savannas every winter [1].\"\n");
    check("", "");
    check("Yes. No.", "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/answer/cite/sentences", test_sentences);
    g_test_add_func("/answer/cite/numbers", test_numbers);
    g_test_add_func("/answer/cite/named", test_named);
    g_test_add_func("/answer/cite/found", test_found);
    g_test_add_func("/answer/cite/unfounded", test_unfounded);
    return g_test_run();
}
