/* Markdown: the habits of blogs, READMEs and notebooks, one a case. */
#include "read/worker/test_dump.h"

#include <string.h>

static const test_case cases[] = {
    {"paragraphs and emphasis",
     "One *two* **three**\n"
     "four ~~five~~ `six`\n"
     "\n"
     "Seven\\* &amp; &eacute; &#228; <kbd>Ctrl</kbd>",
     "P [] One two three four five six\n"
     "P [] Seven* & é ä Ctrl"},
    {"headings",
     "# Title\n"
     "\n"
     "a\n"
     "\n"
     "## Setup\n"
     "\n"
     "b\n"
     "\n"
     "### Linux\n"
     "\n"
     "c\n"
     "\n"
     "Use\n"
     "---\n"
     "\n"
     "d",
     "P [] a\n"
     "P [Setup] b\n"
     "P [Setup > Linux] c\n"
     "P [Use] d"},
    {"front matter title and h1",
     "---\n"
     "title: The title\n"
     "---\n"
     "# The title\n"
     "a\n"
     "## B\n"
     "b",
     "P [] a\n"
     "P [B] b"},
    {"lists",
     "- one\n"
     "- two\n"
     "  - inner\n"
     "    1. deep\n"
     "- three\n"
     "\n"
     "3. third\n"
     "4. fourth",
     "L [] - one\n"
     "- two\n"
     "  - inner\n"
     "    1. deep\n"
     "- three\n"
     "L [] 3. third\n"
     "4. fourth"},
    {"loose list with code and quote",
     "1. One\n"
     "\n"
     "   more\n"
     "\n"
     "   ```sh\n"
     "   make\n"
     "   ```\n"
     "\n"
     "2. Two\n"
     "   > said",
     "L [] 1. One more\n"
     "C [] make\n"
     "L [] 2. Two said"},
    {"task list",
     "- [ ] open\n"
     "- [x] done",
     "L [] - [ ] open\n"
     "- [x] done"},
    {"table",
     "| Name | Age |\n"
     "|------|----:|\n"
     "| Ann  | 30  |\n"
     "| a \\| b | **x** |\n"
     "| short |",
     "T [] Name | Age\n"
     "Ann | 30\n"
     "a | b | x\n"
     "short | "},
    {"code",
     "```python\n"
     "def f():\n"
     "    return \"<b>\"\n"
     "```\n"
     "\n"
     "    indented\n"
     "      more",
     "C [] def f():\n"
     "    return \"<b>\"\n"
     "C [] indented\n"
     "  more"},
    {"unclosed fence",
     "```\n"
     "code",
     "C [] code"},
    {"quote",
     "> One\n"
     "> two\n"
     ">\n"
     "> Three\n"
     ">\n"
     "> - item",
     "Q [] One two\n"
     "Q [] Three\n"
     "L [] - item"},
    {"picture", "before ![A *cat* &amp; dog](images/a%20b.png \"The cat\") after",
     "P [] before after\n"
     "I [] images/a%20b.png alt=A cat & dog caption=The cat"},
    {"picture by reference",
     "![Alt][fig]\n"
     "\n"
     "[fig]: x.png 'Cap'",
     "I [] x.png alt=Alt caption=Cap"},
    {"picture in a link", "[![badge](b.svg)](http://x.org)", "I [] b.svg alt=badge"},
    {"italic caption below",
     "![a](a.png)\n"
     "\n"
     "*Figure 1: a cat*\n"
     "\n"
     "*just italic*",
     "I [] a.png alt=a caption=Figure 1: a cat\n"
     "P [] just italic"},
    {"italic caption in the same paragraph",
     "![a](a.png)\n"
     "*The _caption_*",
     "I [] a.png alt=a caption=The caption"},
    {"no caption: other text",
     "![a](a.png)\n"
     "\n"
     "*Not* a caption",
     "I [] a.png alt=a\n"
     "P [] Not a caption"},
    {"gallery with one caption",
     "![a](a.png) ![b](b.png)\n"
     "\n"
     "_Both_",
     "I [] a.png alt=a caption=Both\n"
     "I [] b.png alt=b caption=Both"},
    {"title beats italic",
     "![a](a.png \"T\")\n"
     "\n"
     "*text*",
     "I [] a.png alt=a caption=T\n"
     "P [] text"},
    {"html block",
     "<p align=\"center\"><img src=\"logo.png\" alt=\"Logo\"></p>\n"
     "\n"
     "<details>\n"
     "<summary>More</summary>\n"
     "\n"
     "inside **md**\n"
     "\n"
     "</details>",
     "I [] logo.png alt=Logo\n"
     "P [] More\n"
     "P [] inside md"},
    {"inline html picture and break",
     "a <img src=\"x.png\"\n"
     "alt=\"X\"> b<br>c <!-- no -->",
     "P [] a b c\n"
     "I [] x.png alt=X"},
    {"html table",
     "<table>\n"
     "<tr><th>A</th><th>B</th></tr>\n"
     "<tr><td>1</td><td>2</td></tr>\n"
     "</table>",
     "T [] A | B\n"
     "1 | 2"},
    {"logo heading",
     "# <img src=\"l.png\" alt=\"Jackdaw\" />\n"
     "\n"
     "text",
     "I [] l.png alt=Jackdaw\n"
     "P [] text"},
    {"autolinks", "See https://x.org/a_b and www.x.org, <a@b.c>",
     "P [] See https://x.org/a_b and www.x.org, a@b.c"},
    {"hard break and rule",
     "a  \n"
     "b\n"
     "\n"
     "***\n"
     "\n"
     "c",
     "P [] a b\n"
     "P [] c"},
    {"wiki links", "See [[Page|label]] ![[my_pic 1.png|300]] and ![[Note]] ![[x",
     "P [] See [[Page|label]] and ![[Note]] ![[x\n"
     "I [] my_pic 1.png"},
    {"brackets without embedding", "[[1, 2], [3, 4]]", "P [] [[1, 2], [3, 4]]"},
    {"embedded picture",
     "![dot](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAkAAAAMCAIAAAA/"
     "PgD0AAAAE0lEQVR42mM4ISCACzGMypEsBwCNsGHh415IVAAAAABJRU5ErkJggg==)",
     "I [] image/png 9x12 alt=dot"},
    {"picture without source", "![alt]() x", "P [] x"},
    {"list with pictures",
     "1. Click\n"
     "   ![a](a.png)\n"
     "2. Done",
     "L [] 1. Click\n"
     "I [] a.png alt=a\n"
     "L [] 2. Done"},
    {"entity and escape in the source", "![a](<a b&amp;c.png>)", "I [] a b&c.png alt=a"},
    {"crlf",
     "a\r\n"
     "b\r\n"
     "\r\n"
     "- c",
     "P [] a b\n"
     "L [] - c"},
};

static void test_blocks(void)
{
    test_read_cases(jd_markdown_read, cases, G_N_ELEMENTS(cases));
}

static const test_case meta_cases[] = {
    {"yaml",
     "---\n"
     "layout: post\n"
     "title:  \"Cats: a guide\"  # comment\n"
     "date:   2024-01-02 10:00:00 +0100\n"
     "author: Ann Lee\n"
     "lang: en-GB\n"
     "tags: [a, b]\n"
     "---\n"
     "text",
     "title=Cats: a guide; language=en; published=2024-01-02T10:00:00+0100; authors=Ann Lee"},
    {"lists of authors",
     "---\n"
     "title: 'It''s'\n"
     "authors:\n"
     "  - name: Ann\n"
     "    mail: a@b.c\n"
     "  - \"Bob\"\n"
     "date: November 29, 2024\n"
     "---",
     "title=It's; published=2024-11-29; authors=Ann, Bob"},
    {"inline list",
     "---\n"
     "title: T # not this\n"
     "authors: [Ann Lee, \"Bob\"]\n"
     "...",
     "title=T; authors=Ann Lee, Bob"},
    {"toml",
     "+++\n"
     "title = \"T\"\n"
     "date = 2024-05-06\n"
     "language = \"de\"\n"
     "+++\n"
     "# H",
     "title=T; language=de; published=2024-05-06"},
    {"h1 as title",
     "text\n"
     "\n"
     "# The *title*\n"
     "\n"
     "# Other",
     "title=The title"},
    {"a ruler is no front matter",
     "---\n"
     "\n"
     "title: x",
     ""},
    {"no end",
     "---\n"
     "title: x\n"
     "text",
     ""},
    {"no keys",
     "---\n"
     "just text\n"
     "---",
     ""},
    {"empty title",
     "---\n"
     "title:\n"
     "---\n"
     "# Real",
     "title=Real"},
};

static void test_front_matter(void)
{
    test_meta_cases(jd_markdown_read, meta_cases, G_N_ELEMENTS(meta_cases));
}

static void test_ranges_are_places_in_the_file(void)
{
    const char *text = "\xEF\xBB\xBF---\ntitle: x\n---\nOne *two* &amp; three\n\n- \xC3\xA4\n- b\n";
    g_autoptr(jd_document) document = test_read(jd_markdown_read, text, -1);
    const jd_block *paragraph = document->blocks->pdata[0];
    const jd_block *list = document->blocks->pdata[1];
    g_autofree char *one = g_strndup(text + paragraph->start, paragraph->end - paragraph->start);
    g_autofree char *two = g_strndup(text + list->start, list->end - list->start);
    g_assert_cmpstr(one, ==, "One *two* &amp; three");
    g_assert_cmpstr(two, ==, "\xC3\xA4\n- b");
}

static void test_sniff(void)
{
    const struct {
        const char *text, *name;
        int expected;
    } cases_of_sniffing[] = {{"plain", "a.md", 1},
                             {"plain", "a.MARKDOWN", 1},
                             {"# Title\n\n[a](b)\n", NULL, 1},
                             {"x\n# Title\n```\n", "README", 1},
                             {"# Title\n", NULL, 0},
                             {"# comment\n[a](b)\n", "a.py", 0},
                             {"text [a](b)", NULL, 0},
                             {"\x01\x02\x03", "a.md", 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases_of_sniffing); i++) {
        jd_format_input input = {.data = cases_of_sniffing[i].text,
                                 .size = strlen(cases_of_sniffing[i].text),
                                 .name = cases_of_sniffing[i].name};
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_assert_cmpint(jd_markdown_sniff(&input), ==, cases_of_sniffing[i].expected);
    }
}

static void test_hostile(void)
{
    const struct {
        const char *piece;
        int count;
    } hostile[] = {{"> ", 20000},      {"- ", 20000},      {"[", 50000},     {"![", 50000},
                   {"![[", 50000},     {"*a_", 50000},     {"<div>", 40000}, {"|a", 10000},
                   {"&amp;", 20000},   {"`", 50000},       {"[a](", 20000},  {"<img src=", 20000},
                   {"# a\n", 20000},   {"1. a\n\n", 5000}, {"\n", 50000},    {"a\n===\n", 20000},
                   {"![a](b)\n", 5000}};
    for (gsize i = 0; i < G_N_ELEMENTS(hostile); i++) {
        g_autoptr(GString) text = g_string_new("|a|b|\n|-|-|\n\n");
        for (int n = 0; n < hostile[i].count; n++)
            g_string_append(text, hostile[i].piece);
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_autoptr(jd_document) document = test_read(jd_markdown_read, text->str, (gssize)text->len);
        g_assert_cmpuint(document->blocks->len, >, 0);
    }
}

static void test_no_utf8(void)
{
    jd_format_input input = {.data = "# A\n\nb \xE9 c", .size = 10};
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_markdown_read(&input, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "byte 0xE9 at offset 7"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/markdown/blocks", test_blocks);
    g_test_add_func("/markdown/front-matter", test_front_matter);
    g_test_add_func("/markdown/ranges", test_ranges_are_places_in_the_file);
    g_test_add_func("/markdown/sniff", test_sniff);
    g_test_add_func("/markdown/hostile", test_hostile);
    g_test_add_func("/markdown/encoding", test_no_utf8);
    return g_test_run();
}
