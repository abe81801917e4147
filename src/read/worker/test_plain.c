/* Plain text: encodings, and what groups of lines are. */
#include "base/error.h"
#include "read/worker/test_dump.h"

#include <string.h>

static const test_case cases[] = {
    {"paragraphs",
     "One line\n"
     "and another.\n"
     "\n"
     "\n"
     "   Two,\n"
     "indented at first.",
     "P [] One line and another.\n"
     "P [] Two, indented at first."},
    {"markdown-like headings",
     "# Title\n"
     "\n"
     "a\n"
     "\n"
     "## Setup\n"
     "\n"
     "b\n"
     "\n"
     "#not a heading",
     "P [] a\n"
     "P [Setup] b\n"
     "P [Setup] #not a heading"},
    {"underlined headings",
     "Title\n"
     "=====\n"
     "\n"
     "a\n"
     "\n"
     "Setup\n"
     "-----\n"
     "b right below\n"
     "\n"
     "Deep\n"
     "~~~~\n"
     "\n"
     "c",
     "P [] a\n"
     "P [Setup] b right below\n"
     "P [Setup > Deep] c"},
    {"heading between rulers",
     "=====\n"
     "Title\n"
     "=====\n"
     "\n"
     "a",
     "P [] a"},
    {"rulers that underline nothing",
     "a long line of text that is no heading at all\n"
     "---\n"
     "\n"
     "-----\n"
     "\n"
     "x = 1",
     "P [] a long line of text that is no heading at all\n"
     "P [] x = 1"},
    {"rfc",
     "1.  Introduction\n"
     "\n"
     "   This memo\n"
     "   is here.\n"
     "\n"
     "2.1.  Terms and\n"
     "   rather long\n"
     "\n"
     "2.2.  Format\n"
     "\n"
     "   The format.",
     "P [1. Introduction] This memo is here.\n"
     "P [1. Introduction] 2.1. Terms and rather long\n"
     "P [1. Introduction > 2.2. Format] The format."},
    {"numbered lines that are no headings",
     "1. First thing\n"
     "\n"
     "2. Second thing\n"
     "\n"
     "3. Third thing.",
     "L [] 1. First thing\n"
     "L [] 2. Second thing\n"
     "L [] 3. Third thing."},
    {"list",
     "Shopping:\n"
     "\n"
     "- bread\n"
     "- milk\n"
     "  fresh\n"
     "  * skimmed\n"
     "- eggs",
     "P [] Shopping:\n"
     "L [] - bread\n"
     "- milk fresh\n"
     "  - skimmed\n"
     "- eggs"},
    {"numbered list",
     "3) third\n"
     "4) fourth",
     "L [] 3. third\n"
     "4. fourth"},
    {"bullets",
     "• one\n"
     "• two",
     "L [] - one\n"
     "- two"},
    {"no list",
     "- dash at first\n"
     "then text at the margin",
     "P [] - dash at first then text at the margin"},
    {"code",
     "int main(void)\n"
     "{\n"
     "    return 0;\n"
     "}",
     "C [] int main(void)\n"
     "{\n"
     "    return 0;\n"
     "}"},
    {"aligned",
     "name     age    city\n"
     "Ann       30    Rome\n"
     "Bob        4    Oslo",
     "C [] name     age    city\n"
     "Ann       30    Rome\n"
     "Bob        4    Oslo"},
    {"indented paragraph",
     "   All lines of this\n"
     "   paragraph stand\n"
     "   further in.",
     "P [] All lines of this paragraph stand further in."},
    {"pages",
     "one\n"
     "two\f\n"
     "three\n"
     "\fFour\n"
     "five",
     "P [] one two\n"
     "P [] three\n"
     "P [] Four five"},
    {"empty lines only",
     "\n"
     "   \n"
     "",
     ""},
    {"colours and overstruck letters",
     "\033[31mred\033[0m N\bNA\bAM\bM é\bx and a bel\al in a text that is long enough for one \033",
     "P [] red NAM x and a bell in a text that is long enough for one"},
};

static void test_blocks(void)
{
    test_read_cases(jd_plain_read, cases, G_N_ELEMENTS(cases));
}

static void test_files_that_are_no_prose(void)
{
    const struct {
        const char *name, *text, *expected;
    } files[] = {{"a.py", "# comment\n\ndef f():\n    x = 1\n\n\n- 1\n",
                  "C [] # comment\nC [] def f():\n    x = 1\nC [] - 1"},
                 {"a.csv", "a,b\n1,2\n", "C [] a,b\n1,2"},
                 {"a.LOG", "one\ntwo\n", "C [] one\ntwo"},
                 {"a.txt", "one\ntwo\n", "P [] one two"}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        jd_format_input input = {
            .data = files[i].text, .size = strlen(files[i].text), .name = files[i].name};
        g_autoptr(jd_document) document = jd_plain_read(&input, NULL);
        g_autofree char *found = test_dump_blocks(document);
        g_assert_cmpstr(found, ==, files[i].expected);
    }
}

static void test_pages_are_counted(void)
{
    g_autoptr(jd_document) document = test_read(jd_plain_read, "a\n\fb\n\nc\f\fd", -1);
    const int pages[] = {1, 2, 2, 4};
    g_assert_cmpuint(document->blocks->len, ==, G_N_ELEMENTS(pages));
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
        g_assert_cmpint(((jd_block *)document->blocks->pdata[i])->page, ==, pages[i]);
    g_autoptr(jd_document) without = test_read(jd_plain_read, "a", -1);
    g_assert_cmpint(((jd_block *)without->blocks->pdata[0])->page, ==, 0);
}

static void test_ranges(void)
{
    const char *text = "\xEF\xBB\xBFOne\r\ntwo\r\n\r\n- \xC3\xA4\r\n- b";
    g_autoptr(jd_document) document = test_read(jd_plain_read, text, -1);
    const jd_block *first = document->blocks->pdata[0];
    const jd_block *second = document->blocks->pdata[1];
    g_assert_cmpint(first->start, ==, 3);
    g_assert_cmpint(first->end, ==, 11);
    g_assert_cmpint(second->start, ==, 17);
    g_assert_cmpint(second->end, ==, 24);
}

static void test_encodings(void)
{
    const struct {
        const char *text;
        gssize length;
        const char *expected;
    } texts[] = {{"\xC3\xA4", 2, "P [] ä"},
                 {"\xEF\xBB\xBF\xC3\xA4", 5, "P [] ä"},
                 {"\xFF\xFE\xE4\0", 4, "P [] ä"},
                 {"\xFE\xFF\0\xE4", 4, "P [] ä"},
                 {"\xFF\xFE\0\0\xE4\0\0\0", 8, "P [] ä"},
                 {"\0\0\xFE\xFF\0\0\0\xE4", 8, "P [] ä"},
                 {"a\0b\0c\0\r\0\n\0", 10, "P [] abc"},
                 {"\0a\0b\0c", 6, "P [] abc"},
                 {"\xEF\xBB\xBF", 3, ""},
                 {"\xFF\xFE", 2, ""},
                 {" \n\t\n", 4, ""},
                 {"", 0, ""}};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(jd_document) document = test_read(jd_plain_read, texts[i].text, texts[i].length);
        g_autofree char *found = test_dump_blocks(document);
        g_assert_cmpstr(found, ==, texts[i].expected);
    }
}

static void test_what_is_no_text(void)
{
    const struct {
        const char *text;
        gssize length;
        int code;
        const char *says;
        int sniff;
    } texts[] = {
        {"caf\xE9 au lait", 12, JD_ERROR_INVALID, "neither UTF-8 nor UTF-16 or UTF-32", 1},
        {"caf\xE9 au lait", 12, JD_ERROR_INVALID, "byte 0xE9 at offset 3", 1},
        {"\xEF\xBB\xBF\xFF", 4, JD_ERROR_INVALID, "byte 0xFF at offset 3", 1},
        {"cut \xC3", 5, JD_ERROR_INVALID, "byte 0xC3 at offset 4", 1},
        {"ab\0cd", 5, JD_ERROR_UNSUPPORTED, "a zero byte at offset 2", 0},
        {"\0\0\0\0\0\0\0\0", 8, JD_ERROR_UNSUPPORTED, "a zero byte at offset 0", 0},
        {"\x01\x02\x03\x04", 4, JD_ERROR_UNSUPPORTED, "control characters", 0},
        {"\xFF\xFE\0\xD8\0\xD8\0\xD8", 8, JD_ERROR_INVALID, "begins like UTF-16LE text", 1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        jd_format_input input = {.data = texts[i].text, .size = (gsize)texts[i].length};
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(jd_plain_sniff(&input), ==, texts[i].sniff);
        g_assert_null(jd_plain_read(&input, &error));
        g_assert_error(error, JD_ERROR, texts[i].code);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, texts[i].says));
    }
}

static void test_long_line(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    while (text->len < 4000000)
        g_string_append(text, "word ");
    g_autoptr(jd_document) document = test_read(jd_plain_read, text->str, (gssize)text->len);
    g_assert_cmpuint(document->blocks->len, ==, 1);
    g_assert_cmpuint(strlen(((jd_block *)document->blocks->pdata[0])->text), ==, text->len - 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plain/blocks", test_blocks);
    g_test_add_func("/plain/verbatim", test_files_that_are_no_prose);
    g_test_add_func("/plain/pages", test_pages_are_counted);
    g_test_add_func("/plain/ranges", test_ranges);
    g_test_add_func("/plain/encodings", test_encodings);
    g_test_add_func("/plain/no-text", test_what_is_no_text);
    g_test_add_func("/plain/long-line", test_long_line);
    return g_test_run();
}
