/* What happens to a text before a model sees it: repair, normal forms, clusters, patterns. */
#include "embed/tokenizer_bytes.h"
#include "embed/tokenizer_cut.h"
#include "embed/tokenizer_forms.h"
#include "embed/tokenizer_rewrite.h"
#include "embed/tokenizer_unicode.h"

#include <jackdaw.h>
#include <string.h>

/* ---- repair ---- */

static void test_repair(void)
{
    /* As Python's bytes.decode("utf-8", "replace"): one U+FFFD for each maximal part. */
    static const struct {
        const char *bytes;
        gsize length;
        const char *expected;
    } cases[] = {
        {"plain", 5, "plain"},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, "é€😀"},
        {"a\xFF"
         "b",
         3,
         "a\xEF\xBF\xBD"
         "b"},
        {"\xE2\x82", 2, "\xEF\xBF\xBD"},
        {"\xE2\x82"
         "A",
         3,
         "\xEF\xBF\xBD"
         "A"},
        {"\xF0\x9F\x98", 3, "\xEF\xBF\xBD"},
        {"\xC0\xAF", 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xF4\x90\x80\x80", 4, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xE0\x9F\xBF", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"12345678\x80", 9, "12345678\xEF\xBF\xBD"},
        {"\xC3", 1, "\xEF\xBF\xBD"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        jd_utf8_repair(cases[i].bytes, cases[i].length, out);
        g_assert_cmpstr(out->str, ==, cases[i].expected);
        g_assert_cmpuint(jd_utf8_valid(out->str, out->len), ==, out->len);
    }
    g_autoptr(GString) nul = g_string_new(NULL);
    jd_utf8_repair("a\0b", 3, nul);
    g_assert_cmpuint(nul->len, ==, 3);
}

/* ---- normal forms ---- */

static char *form_of(jd_form form, const char *text)
{
    g_auto(jd_text_buffer) buffer;
    jd_text_buffer_init(&buffer);
    g_string_assign(buffer.now, text);
    jd_form_apply(form, &buffer);
    return g_strdup(buffer.now->str);
}

static void test_forms(void)
{
    static const struct {
        jd_form form;
        const char *text, *expected;
    } cases[] = {
        {JD_FORM_NFC, "cafe\u0301", "café"},
        {JD_FORM_NFC, "a\u0301\u0323", "ạ\u0301"},
        {JD_FORM_NFC, "é\u0323", "ẹ\u0301"},
        {JD_FORM_NFC, "\u1112\u1161\u11ab", "한"},
        {JD_FORM_NFC, "하\u11ab", "한"},
        {JD_FORM_NFC, "\u0958", "\u0915\u093c"}, /* excluded from composition */
        {JD_FORM_NFC, "e\u0334\u0301", "é\u0334"},
        {JD_FORM_NFD, "한é", "\u1112\u1161\u11abe\u0301"},
        {JD_FORM_NFD, "ﬁ①", "ﬁ①"},
        {JD_FORM_NFKD, "ﬁ①", "fi1"},
        {JD_FORM_NFKC, "ｶﾞ", "ガ"},
        /* A mark that is newer than the reference's tables stays where it is, as a barrier. */
        {JD_FORM_NFC, "e\u08ca\u0301", "e\u08ca\u0301"},
        {JD_FORM_NFC, "", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = form_of(cases[i].form, cases[i].text);
        g_assert_cmpstr(out, ==, cases[i].expected);
    }
}

static void test_forms_many_marks(void)
{
    /* More than insertion handles: sorted by class all the same, and in linear time. */
    g_autoptr(GString) text = g_string_new("a");
    for (int i = 0; i < 200000; i++)
        g_string_append(text, i % 2 ? "\u0323" : "\u0301");
    g_autofree char *out = form_of(JD_FORM_NFD, text->str);
    g_assert_cmpuint(strlen(out), ==, text->len);
    g_assert_true(g_str_has_prefix(out, "a\u0323\u0323"));
    g_assert_true(g_str_has_suffix(out, "\u0301\u0301"));
}

/* ---- clusters ---- */

static void test_clusters(void)
{
    /* Clusters are separated by "|". */
    static const char *const cases[] = {
        "a|b",
        "e\u0301|x",
        "\r\n|\n|\r",
        "\U0001F469\u200D\U0001F469\u200D\U0001F467|x",
        "\U0001F1E9\U0001F1EA|\U0001F1EB\U0001F1F7|\U0001F1E9",
        "\u1100\u1161\u11A8|\uAC00\u11A8|\u1100",
        "\u0915\u094D\u0937|\u0915", /* Indic conjunct */
        "\u06001|a",                 /* prepended */
        "\u200B|\u0301",             /* nothing joins a control character */
        "\U0001F44D\U0001F3FD|\u2764\uFE0F",
        "a\u200D|\U0001F469",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(cases[i], "|", -1);
        g_autofree char *text = g_strjoinv("", parts);
        const char *p = text, *end = text + strlen(text);
        for (gsize j = 0; parts[j]; j++) {
            const char *next = jd_cluster_end(p, end);
            g_autofree char *cluster = g_strndup(p, (gsize)(next - p));
            g_assert_cmpstr(cluster, ==, parts[j]);
            p = next;
        }
        g_assert_true(p == end);
    }
}

/* ---- patterns ---- */

/* The words that a cut makes of `text`, with "|" between. */
static char *cut_text(const char *expression, jd_cut_behavior behavior, gboolean invert,
                      const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_pattern) pattern = jd_pattern_from_regex(expression, &error);
    g_assert_no_error(error);
    const jd_cut cut = {pattern, behavior, invert};
    g_auto(jd_wordlist) words;
    jd_wordlist_init(&words);
    jd_wordlist_set(&words, text, strlen(text), TRUE);
    jd_cut_run(&cut, &words);
    g_autoptr(GString) out = g_string_new(NULL);
    for (guint i = 0; i < words.list->len; i++) {
        const jd_word *word = &g_array_index(words.list, jd_word, i);
        g_string_append(out, i > 0 ? "|" : "");
        g_string_append_len(out, words.text->str + word->start, word->length);
        g_assert_cmpint(word->origin, ==, word->start == 0);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static void test_behaviors(void)
{
    static const struct {
        jd_cut_behavior behavior;
        gboolean invert;
        const char *expected;
    } cases[] = {
        {JD_CUT_REMOVED, FALSE, "the|final|countdown"},
        {JD_CUT_REMOVED, TRUE, "-|-|-|-"},
        {JD_CUT_ISOLATED, FALSE, "the|-|final|-|-|countdown|-"},
        {JD_CUT_PREVIOUS, FALSE, "the-|final-|-|countdown-"},
        {JD_CUT_NEXT, FALSE, "the|-final|-|-countdown|-"},
        {JD_CUT_CONTIGUOUS, FALSE, "the|-|final|--|countdown|-"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out =
            cut_text("-", cases[i].behavior, cases[i].invert, "the-final--countdown-");
        g_assert_cmpstr(out, ==, cases[i].expected);
    }
}

static void test_expressions(void)
{
    static const char CLIP[] = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
    static const struct {
        const char *expression, *text, *expected;
    } cases[] = {
        {CLIP, "it's 42!'s", "it|'s|4|2|!'|s"},
        {CLIP, "  a\u00a0b\n", "a|b"},
        {CLIP, "don't'll", "don|'t|'ll"},
        {JD_PATTERN_GPT2, "it's  42 !! \n x ", "it|'s| | 42| !!| \n| x| "},
        {JD_PATTERN_GPT2, "\n\nx", "\n|\n|x"},
        {JD_PATTERN_GPT2, "a   ", "a|   "},
        {"\\s+", "a b\u3000\tc", " |\u3000\t"},
        {" {2,}", "a  b c   d", "  |   "},
        {"[^\\s]+", "a b\u180e\u2003c", "a|b\u180e|c"}, /* U+180E is no space to the reference */
        {"^b$", "a\nb\nc", "b"},
        {"[]x]", "a]bxc", "]|x"},
        {"(?i:'S)|\\d", "a's1", "'s|1"},
        {"x*", "axxb", "xx"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = cut_text(cases[i].expression, JD_CUT_REMOVED, TRUE, cases[i].text);
        g_assert_cmpstr(out, ==, cases[i].expected);
    }
}

static void test_expressions_refused(void)
{
    static const char *const cases[] = {"[a[bc]]", "[a&&b]", "(",
                                        "\\C",     "a{2,1}", "[\\p{Nonsense}]"};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(jd_pattern_from_regex(cases[i], &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_UNSUPPORTED);
        g_assert_nonnull(strstr(error->message, cases[i]));
    }
    g_autofree char *pattern = g_strnfill(5000, 'a');
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_pattern_from_regex(pattern, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_LIMIT);
}

/* ---- rewriting ---- */

static void test_replace(void)
{
    static const struct {
        const char *expression, *content, *text, *expected;
        gboolean origin;
    } cases[] = {
        {"\\s+", " ", "a \t b", "a b", TRUE}, {"[!?]", "", "!a?b", "ab", FALSE},
        {"[!?]", "-", "!a?b", "-a-b", TRUE},  {"[!?]+", "-", "!?a", "-a", FALSE},
        {"x*", "-", "ab", "-a-b-", TRUE},     {"z", "-", "ab", "ab", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(jd_pattern) pattern = jd_pattern_from_regex(cases[i].expression, NULL);
        g_auto(jd_text_buffer) buffer;
        jd_text_buffer_init(&buffer);
        buffer.origin = TRUE;
        g_string_assign(buffer.now, cases[i].text);
        jd_rewrite_replace(pattern, cases[i].content, &buffer);
        g_assert_cmpstr(buffer.now->str, ==, cases[i].expected);
        g_assert_cmpint(buffer.origin, ==, cases[i].origin);
    }
}

static void test_lower(void)
{
    g_auto(jd_text_buffer) buffer;
    jd_text_buffer_init(&buffer);
    g_string_assign(buffer.now, "AÉİΣǅẞ\u023A\u023E");
    jd_rewrite_lower(&buffer);
    g_assert_cmpstr(buffer.now->str, ==, "aéi\u0307σǆß\u2C65\u2C66");
}

static void test_bytes(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    jd_bytes_expand("a é\n\0\xAD\x7F", 8, out);
    g_assert_cmpstr(out->str, ==, "a\u0120\u00c3\u00a9\u010a\u0100\u0143\u0121");
    for (int byte = 0; byte < 256; byte++) {
        const char text = (char)byte;
        g_string_truncate(out, 0);
        jd_bytes_expand(&text, 1, out);
        const gunichar c = g_utf8_get_char(out->str);
        g_assert_true(g_unichar_isgraph(c) && c < 0x144);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tokenizer/repair", test_repair);
    g_test_add_func("/tokenizer/forms", test_forms);
    g_test_add_func("/tokenizer/forms/many-marks", test_forms_many_marks);
    g_test_add_func("/tokenizer/clusters", test_clusters);
    g_test_add_func("/tokenizer/behaviors", test_behaviors);
    g_test_add_func("/tokenizer/expressions", test_expressions);
    g_test_add_func("/tokenizer/expressions/refused", test_expressions_refused);
    g_test_add_func("/tokenizer/replace", test_replace);
    g_test_add_func("/tokenizer/lower", test_lower);
    g_test_add_func("/tokenizer/bytes", test_bytes);
    return g_test_run();
}
