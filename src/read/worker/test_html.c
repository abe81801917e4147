/* What HTML pages say about themselves, their encodings, the article's blocks, and hostile pages.
 */
#include "base/limits.h"
#include "read/worker/charset.h"
#include "read/worker/declared.h"
#include "read/worker/test_dump.h"

#include <string.h>

static const test_case meta_cases[] = {
    {"title, language, author and date of meta elements",
     "<html lang=\"en-US\"><head><title> The\n"
     " title </title><meta name=\"author\" content=\"Ann Lee\"><meta "
     "property=\"article:published_time\" content=\"2024-11-29T15:02:12.635Z\"><base "
     "href=\"https://x.org/a/\"></head><body><time datetime=\"2020-01-01\">then</time><a "
     "rel=\"author\">Bob</a>",
     "title=The title; language=en; published=2024-11-29T15:02:12.635Z; authors=Ann Lee; "
     "base=https://x.org/a/"},
    {"open graph and the first h1",
     "<meta property=\"og:title\" content=\"OG &amp; title\"><meta property=\"og:locale\" "
     "content=\"de_DE\"><h1>Heading</h1>",
     "title=OG & title; language=de"},
    {"first h1 as title", "<h1>The <i>one</i></h1><h1>Other</h1>", "title=The one"},
    {"medium's by-line",
     "<body><footer><p>By <a href=\"x\" class=\"p-author h-card\">Shaw Talebi</a> on <a "
     "href=\"y\"><time class=\"dt-published\" datetime=\"2024-11-29T15:02:12.635Z\">November 29, "
     "2024</time></a>.</p></footer>",
     "published=2024-11-29T15:02:12.635Z; authors=Shaw Talebi"},
    {"marked time before any other",
     "<time datetime=\"2001-02-03\">x</time><time pubdate datetime=\"2004-05-06\">y</time>",
     "published=2004-05-06"},
    {"dates that are none",
     "<meta name=\"date\" content=\"yesterday\"><time datetime=\"P2D\">2 days</time><meta "
     "name=\"date\" content=\"2024-13-01\">",
     ""},
    {"several authors, none twice",
     "<meta name=\"author\" content=\"Ann\"><meta name=\"author\" content=\"Bob\"><meta "
     "name=\"author\" content=\"Ann\"><meta property=\"article:author\" "
     "content=\"https://facebook.com/ann\">",
     "authors=Ann, Bob"},
    {"declared by http-equiv and xml:lang",
     "<meta http-equiv=\"Content-Language\" content=\"fr\"><title>T</title>",
     "title=T; language=fr"},
    {"language of a part", "<div lang=\"nl\">x</div>", "language=nl"},
    {"language without a two-letter code", "<html lang=\"gsw\"><div lang=\"nl\">x</div>", ""},
    {"title in svg is no title", "<svg><title>Icon</title></svg><h1>Real</h1>", "title=Real"},
    {"empty title", "<title> </title><meta property=\"og:title\" content=\"Real\">", "title=Real"},
};

static void test_meta(void)
{
    test_meta_cases(jd_html_read, meta_cases, G_N_ELEMENTS(meta_cases));
}

static void test_dates(void)
{
    const struct {
        const char *text, *expected;
    } cases[] = {{"2024-11-29", "2024-11-29"},
                 {" 2024-11-29T15:02:12.635Z ", "2024-11-29T15:02:12.635Z"},
                 {"2024-01-02 10:00:00 +0100", "2024-01-02T10:00:00+0100"},
                 {"2024-01-02T10:00", "2024-01-02T10:00"},
                 {"2024/11/29", "2024-11-29"},
                 {"2024.11.29", "2024-11-29"},
                 {"20241129", "2024-11-29"},
                 {"November 29, 2024", "2024-11-29"},
                 {"29 Nov 2024", "2024-11-29"},
                 {"Fri, 29 Nov 2024 15:02:12 GMT", "2024-11-29"},
                 {"Sept. 3, 1999", "1999-09-03"},
                 {"2023-02-29", NULL},
                 {"2024-11", NULL},
                 {"2024", NULL},
                 {"November 2024", NULL},
                 {"Mayor 1, 2024", NULL},
                 {"202411291", NULL},
                 {"", NULL},
                 {"\xFF", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = jd_declared_date(cases[i].text);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

/* ---- encodings ----------------------------------------------------------------------------- */

static void test_encodings(void)
{
    const struct {
        const char *name, *text;
        gssize length;
        const char *expected;
        gboolean warns;
    } cases[] = {
        {"nothing declared, UTF-8", "<p>\xC3\xA4</p>", -1, "P [] ä", FALSE},
        {"nothing declared, not UTF-8", "<p>\xE4\x80</p>", -1, "P [] ä€", TRUE},
        {"mark of UTF-8", "\xEF\xBB\xBF<p>\xC3\xA4</p>", -1, "P [] ä", FALSE},
        {"UTF-16 with mark", "\xFF\xFE<\0p\0>\0\xE4\0", 10, "P [] ä", FALSE},
        {"UTF-16 without mark", "<\0p\0>\0a\0b\0c\0", 12, "P [] abc", FALSE},
        {"UTF-16, big end first", "\0<\0p\0>\0a\0b\0c", 12, "P [] abc", FALSE},
        {"meta charset", "<meta charset=latin2><p>\xB1</p>", -1, "P [] ą", FALSE},
        {"meta http-equiv",
         "<META http-equiv='Content-Type' content='text/html; charset=Windows-1251'><p>\xC6", -1,
         "P [] Ж", FALSE},
        {"XML declaration", "<?xml version='1.0' encoding='ISO-8859-15'?><p>\xA4</p>", -1, "P [] €",
         FALSE},
        {"declared wrongly, UTF-8", "<meta charset=iso-8859-1><p>\xC3\xA4</p>", -1, "P [] ä",
         FALSE},
        {"declared UTF-8, bad byte", "<meta charset=utf-8><p>a\xE4z</p>", -1, "P [] a\xEF\xBF\xBDz",
         TRUE},
        {"declared UTF-16 in ASCII", "<meta charset=utf-16><p>a</p>", -1, "P [] a", FALSE},
        {"Japanese", "<meta charset=Shift_JIS><p>\x93\xFA\x96\x7B</p>", -1, "P [] 日本", FALSE},
        {"Chinese", "<meta charset=gb2312><p>\xD6\xD0\xCE\xC4</p>", -1, "P [] 中文", FALSE},
        {"Korean", "<meta charset=euc-kr><p>\xC7\xD1</p>", -1, "P [] 한", FALSE},
        {"a zero byte in UTF-8", "<p>\xC3\xA4\0b</p>", 11, "P [] äb", FALSE},
        {"unknown name", "<meta charset=x-klingon><p>\xE4</p>", -1, "P [] ä", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(jd_document) document = test_read(jd_html_read, cases[i].text, cases[i].length);
        g_autofree char *found = test_dump_blocks(document);
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_assert_cmpstr(found, ==, cases[i].expected);
        g_assert_cmpint(document->warnings->len > 0, ==, cases[i].warns);
    }
}

static void test_every_known_converter_is_there(void)
{
    const char *const labels[] = {"utf-8",      "UTF-16LE",  "utf-16be",     "utf-32le",
                                  "ISO-8859-1", "latin2",    "ISO-8859-15",  "windows-1250",
                                  "cp1251",     "Shift_JIS", "windows-1252", "koi8-r",
                                  "euc-jp",     "gb18030",   "Big5",         "euc-kr"};
    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++) {
        const char *name = jd_charset_find(labels[i], strlen(labels[i]));
        g_assert_nonnull(name);
        jd_format_input input = {.data = "ab", .size = 2};
        jd_decoded decoded;
        g_assert_true(jd_decoded_init_from(&decoded, &input, name, NULL, NULL));
        jd_decoded_clear(&decoded);
    }
    g_assert_null(jd_charset_find("utf-7", 5));
}

static void test_places_behind_a_mark(void)
{
    g_autoptr(jd_document) document = test_read(jd_html_read, "\xEF\xBB\xBF<p>text</p>", -1);
    const jd_block *block = document->blocks->pdata[0];
    g_assert_cmpint(block->start, ==, 6);
    g_assert_cmpint(block->end, ==, 10);
    g_autoptr(jd_document) converted = test_read(jd_html_read, "\xFF\xFE<\0p\0>\0a\0", 10);
    block = converted->blocks->pdata[0];
    g_assert_cmpint(block->start, ==, -1);
}

static void test_sniff(void)
{
    const struct {
        const char *text;
        gssize length;
        const char *name;
        int expected;
    } cases[] = {{"<!DOCTYPE html><p>x", -1, NULL, 2},
                 {"\n<!-- c --> <HTML>", -1, "a.md", 2},
                 {"<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'>", -1, NULL, 2},
                 {"\xFF\xFE<\0h\0t\0m\0l\0>\0", 14, NULL, 2},
                 {"<h1 align=center>x</h1>", -1, "README.md", 1},
                 {"<b>bold</b>", -1, NULL, 1},
                 {"<htmlx>", -1, NULL, 0},
                 {"text with <b>tag</b>", -1, "a.html", 1},
                 {"text with <b>tag</b>", -1, "a.txt", 0},
                 {"a < b", -1, "a.html", 0},
                 {"plain", -1, "a.html", 0},
                 {"<html>\0\0", 8, "a.html", 0},
                 {"", 0, "a.html", 0},
                 {"<!--", -1, NULL, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        jd_format_input input = {.data = cases[i].text,
                                 .size = cases[i].length < 0 ? strlen(cases[i].text)
                                                             : (gsize)cases[i].length,
                                 .name = cases[i].name};
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_assert_cmpint(jd_html_sniff(&input), ==, cases[i].expected);
    }
}

/* ---- the article's blocks -------------------------------------------------------------------- */

static jd_document *read_article(const jd_format_input *input, GError **error)
{
    jd_format_input article = *input;
    article.article = TRUE;
    return jd_html_read(&article, error);
}

static const test_case article_cases[] = {
    {"section before the first heading, h4 is none", "<p>a</p><h4>x</h4><p>b</p><h3> T </h3><p>c",
     "P [Main] a\nP [Main] b\nP [T] c"},
    {"text as it is", "<p> a\n  b&nbsp; <i>c</i>\xC2\xA0</p>", "P [Main] a\n  b\xC2\xA0 c"},
    {"white space between items",
     "<ul>\n   <li>a</li>  <li>b</li>\t\n<pre>x\n <i> \n</i>c</pre></ul>",
     "L [Main] a b\nx\n  \nc"},
    {"lists, nested ones again", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>",
     "L [Main] abc\nL [Main] c"},
    {"a paragraph in a list item", "<ul><li><p>a</p></li></ul>", "L [Main] a\nP [Main] a"},
    {"nothing of other elements", "<div>a</div><pre>b</pre><table><tr><td>c</table><p> </p>", ""},
    {"scripts and ruby are no text",
     "<p>a<script>b</script><style>c</style><ruby>d<rt>e</rt></ruby>", "P [Main] ad"},
    {"footers and navigation are", "<nav><p>a</p></nav><footer><p>b</p></footer>",
     "P [Main] a\nP [Main] b"},
    {"pictures", "<h2>S</h2><img><img src=''><img src='a.png' alt=' x '>", "I [S] a.png alt= x "},
    {"caption of the figure itself",
     "<figure><img src=a><figcaption> One </figcaption><figcaption>Two</figcaption></figure>"
     "<figure><a href=x><img src=b></a><figcaption>No</figcaption></figure>",
     "I [Main] a caption=One\nI [Main] b"},
    {"caption beside an alt text", "<figure><img src=a alt=A><figcaption>F</figcaption></figure>",
     "I [Main] a alt=A caption=F"},
};

static void test_article(void)
{
    test_read_cases(read_article, article_cases, G_N_ELEMENTS(article_cases));
    g_autoptr(jd_document) untitled = test_read(read_article, "<h1>x</h1>", -1);
    g_assert_cmpstr(untitled->title, ==, "Untitled");
    g_autoptr(jd_document) titled = test_read(read_article, "<title> a\n b </title>", -1);
    g_assert_cmpstr(titled->title, ==, "a\n b");
}

/* ---- hostile pages -----------------------------------------------------------------------------
 */

/** `piece` repeated, with `last` behind it. */
static char *repeated(const char *piece, int count, const char *last)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < count; i++)
        g_string_append(text, piece);
    g_string_append(text, last);
    return g_string_free(text, FALSE);
}

static void test_deep_nesting_is_tamed(void)
{
    const struct {
        const char *piece;
        const char *last, *expected;
        gboolean warns;
    } cases[] = {
        {"<div>", "<p>deep</p>", "P [] deep", TRUE},
        {"<div><p>", "deep", "P [] deep", TRUE},
        {"<span>", "deep", "P [] deep", TRUE},
        {"<blockquote>", "deep", "Q [] deep", TRUE},
        {"<b>", "deep", "P [] deep", FALSE},
        {"<x-y>", "deep", "P [] deep", TRUE},
        {"<p>x", "<h2>H</h2>deep", NULL, FALSE},
        {"<div></div>", "<p>deep</p>", "P [] deep", FALSE},
        {"<p><span>x", "<h2>H</h2><p>deep", NULL, FALSE},
        {"<table><tr><td>", "deep", NULL, TRUE},
        {"<ul><li>", "deep", NULL, TRUE},
        {"<svg><path/></svg>", "<p>deep</p>", "P [] deep", FALSE},
        {"</div>", "deep", "P [] deep", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = repeated(cases[i].piece, 40000, cases[i].last);
        g_autoptr(jd_document) document = test_read(jd_html_read, text, -1);
        g_test_message("case %" G_GSIZE_FORMAT, i);
        const jd_block *last = document->blocks->pdata[document->blocks->len - 1];
        if (cases[i].expected) {
            g_autofree char *found = test_dump_blocks(document);
            g_assert_cmpstr(found, ==, cases[i].expected);
        } else {
            g_assert_true(g_str_has_suffix(last->text, "deep"));
        }
        g_assert_cmpint(document->warnings->len > 0, ==, cases[i].warns);
    }
}

static void test_structure_survives_unclosed_elements(void)
{
    /* Far more of them than may nest: each is closed by what comes next, or does not matter. */
    const char *const pieces[] = {"<p><span>x</p>", "<font color=red>", "<li>x",
                                  "<tr><td>x",      "<p>x<b>y",         "<dt>x<dd>y",
                                  "<h4>x</h4><p>",  "<a name=x>"};
    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autofree char *text =
            repeated(pieces[i], 2000, "</table><h2>H</h2><ul><li>one</ul><p>end</p>");
        g_autoptr(jd_document) document = test_read(jd_html_read, text, -1);
        guint count = document->blocks->len;
        const jd_block *list = document->blocks->pdata[count - 2];
        const jd_block *last = document->blocks->pdata[count - 1];
        g_test_message("case %" G_GSIZE_FORMAT, i);
        g_assert_cmpstr(last->section[g_strv_length(last->section) - 1], ==, "H");
        g_assert_cmpint(list->kind, ==, JD_BLOCK_LIST);
        g_assert_cmpstr(list->text, ==, "- one");
        g_assert_cmpstr(last->text, ==, "end");
    }
}

static void test_too_many_attributes(void)
{
    g_autofree char *many = repeated("a b='>' c=\"x\" d=y ", 50000, "alt=last>");
    g_autofree char *text = g_strconcat("<p>a<img src=x.png ", many, "b</p>", NULL);
    g_autoptr(jd_document) document = test_read(jd_html_read, text, -1);
    g_autofree char *found = test_dump_blocks(document);
    g_assert_cmpstr(found, ==, "P [] ab\nI [] x.png");
    g_assert_cmpuint(document->warnings->len, ==, 1);
}

static void test_pages_that_end_anywhere(void)
{
    static const char page[] =
        "<!DOCTYPE html><html lang='en'><head><title>T &amp; t</title><meta charset=\"utf-8\">"
        "<style>p{}</style></head><body class=x><!-- c --><h1 id='a>b'>H</h1><p>\xC3\xA4 &eacute;"
        "<img src=\"data:image/png;base64,AA==\" srcset='a 1x, b 2x'><ul><li>x</ul><table><tr><td>"
        "c</table><pre>\nd</pre><script>var x = '</p>';</script><figure><figcaption>f</figcaption>"
        "</figure><math><mi>x</mi></math><svg><title>s</title></svg><![CDATA[x]]></body></html>";
    for (gsize size = 0; size < sizeof page; size++) {
        g_autoptr(jd_document) document = test_read(jd_html_read, page, (gssize)size);
        g_autoptr(jd_document) article = test_read(read_article, page, (gssize)size);
        g_assert_nonnull(document);
        g_assert_nonnull(article);
    }
}

static void test_self_closed_elements_of_xml(void)
{
    g_autoptr(jd_document) document =
        test_read(jd_html_read,
                  "<?xml version='1.0'?><html><head><title/><script src='x'/></head><body>"
                  "<p>a<a id='x'/></p><div/><p>b</p></body></html>",
                  -1);
    g_autofree char *found = test_dump_blocks(document);
    g_assert_cmpstr(found, ==, "P [] a\nP [] b");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    jd_charset_warm_up();
    g_test_add_func("/html/meta", test_meta);
    g_test_add_func("/html/dates", test_dates);
    g_test_add_func("/html/encodings", test_encodings);
    g_test_add_func("/html/converters", test_every_known_converter_is_there);
    g_test_add_func("/html/mark", test_places_behind_a_mark);
    g_test_add_func("/html/sniff", test_sniff);
    g_test_add_func("/html/article", test_article);
    g_test_add_func("/html/nesting", test_deep_nesting_is_tamed);
    g_test_add_func("/html/unclosed", test_structure_survives_unclosed_elements);
    g_test_add_func("/html/attributes", test_too_many_attributes);
    g_test_add_func("/html/truncated", test_pages_that_end_anywhere);
    g_test_add_func("/html/xml", test_self_closed_elements_of_xml);
    return g_test_run();
}
