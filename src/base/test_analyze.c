#include "base/analyze.h"
#include "base/limits.h"
#include "base/stopwords.h"

#include <string.h>

/* "term term* ..." with * after stopwords. */
static gboolean append_term(const jd_token *token, void *user)
{
    g_assert_cmpuint(strlen(token->term), ==, token->length);
    g_assert_cmpuint(token->start, <, token->end);
    g_string_append_printf(user, "%s%s%s", ((GString *)user)->len ? " " : "", token->term,
                           token->stopword ? "*" : "");
    return TRUE;
}

static char *analyze(const char *language, const char *text, gsize length)
{
    g_autoptr(jd_analyzer) analyzer = jd_analyzer_new(language);
    GString *terms = g_string_new(NULL);
    g_assert_true(jd_analyzer_run(analyzer, text, length, append_term, terms));
    return g_string_free(terms, FALSE);
}

static void test_terms(void)
{
    const struct {
        const char *language, *text, *terms;
    } cases[] = {
        /* stems, stopwords, case */
        {"en", "The Models were learning representations", "the* model were* learn represent"},
        {NULL, "The Models were learning", "the models were learning"},
        {"de", "Die Häuser der Straße", "die* haus der* strass"},
        {"es", "¿Dónde están los niños?", "dond* estan* los* nin"},
        {"xx", "Models", "models"},
        /* apostrophes */
        {"en",
         "dog's dogs\xE2\x80\x99 don't O\xE2\x80\x99"
         "Brien",
         "dog dog don* t* o* brien"},
        {"en", "'s it's", "s* it*"},
        {"fr", "l'eau qu\xE2\x80\x99il", "l* eau qu* il*"},
        /* names, numbers, versions */
        {NULL, "ViT-B/16", "vit b 16"},
        {NULL, "top_k", "top_k top k"},
        {NULL, "__init__ _a a_", "init a a"},
        {NULL, "a__b", "a__b a b"},
        {NULL, "llama3.2-vision", "llama3.2 llama 3.2 vision"},
        {NULL, "v2 h264 mp3 2nd", "v2 h264 mp3 mp 3 2nd"},
        {NULL, "3.2 3. .5 192.168.0.1", "3.2 3 5 192.168.0.1"},
        {NULL, "C++ C# C c++11 a+b", "c++ c# c c 11 a b"},
        {NULL, "e.g. U.S.A.", "e g u s a"},
        /* folding */
        {NULL, "ﬁle ＡＢＣ Ⅷ", "file abc viii"},
        {NULL, "Ærø Łódź Đà ŒUVRE", "aero lodz da oeuvre"},
        {"en", "naïve résumés", "naiv resum"},
        {NULL, "co\xC2\xADoperate", "cooperate"},
        {NULL, "e\xCC\x81t\xC3\xA9", "ete"}, /* decomposed and composed */
        {"tr", "IŞIK İstanbul", "isik istanbul"},
        {"ru", "ёлка", "елк"},
        {"el", "Ὀδυσσεύς", "οδυσσε"},
        /* scripts whose marks are vowels keep them */
        {NULL, "हिन्दी", "हिन्दी"},
        {NULL, "שָׁלוֹם", "שלום"},
        {NULL, "مُحَمَّد", "محمد"},
        /* scripts without spaces */
        {NULL, "日本語", "日本 本語"},
        {NULL, "猫", "猫"},
        {NULL, "第3章", "第 3 章"},
        {NULL, "CLIPモデル", "clip モデ デル"},
        {NULL, "ｶﾞｲﾄﾞ", "ガイ イド"},
        {NULL, "한국어", "한국 국어"},
        {NULL, "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x80\xE1\x85\xAE\xE1\x86\xA8", "한국"},
        {NULL, "ภาษา", "ภา าษ ษา"},
        /* nothing */
        {"en", "", ""},
        {"en", " .,;!? \n", ""},
        {NULL, "\xC2\xAD", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *terms = analyze(cases[i].language, cases[i].text, strlen(cases[i].text));
        g_assert_cmpstr(terms, ==, cases[i].terms);
    }
}

static void test_invalid_bytes_separate(void)
{
    g_autofree char *terms = analyze(NULL, "one\xFFtwo\xC3\0three\xE2\x82", 14);
    g_assert_cmpstr(terms, ==, "one two three");
}

static void test_long_words_are_cut(void)
{
    for (gsize length = 1; length < 400; length++) {
        g_autofree char *word = g_strnfill(length, 'X');
        g_autofree char *terms = analyze(NULL, word, length);
        g_assert_cmpuint(strlen(terms), ==, MIN(length, JD_LIMIT_TERM_BYTES));
    }
    /* Never in the middle of a character, and the same with every offset. */
    for (gsize offset = 0; offset < 4; offset++) {
        g_autoptr(GString) word = g_string_new(NULL);
        for (gsize i = 0; i < offset; i++)
            g_string_append_c(word, 'a');
        for (gsize i = 0; i < 200; i++)
            g_string_append(word, "\xE0\xA4\x95"); /* Devanagari ka */
        g_autofree char *terms = analyze(NULL, word->str, word->len);
        g_assert_true(g_utf8_validate(terms, -1, NULL));
        g_assert_cmpuint(strlen(terms), <=, JD_LIMIT_TERM_BYTES);
        g_assert_cmpuint(strlen(terms), >, JD_LIMIT_TERM_BYTES - 4);
    }
}

static gboolean append_range(const jd_token *token, void *user)
{
    gsize range[] = {token->start, token->end};
    g_array_append_vals(user, range, 2);
    return TRUE;
}

/* Whatever the language, the words are the same. */
static void test_ranges_do_not_depend_on_language(void)
{
    static const char text[] = "The cat's llama3.2 top_k l'eau Größe IŞIK 日本語 don't C++ ภาษา x.";
    g_autoptr(GArray) first = NULL;
    for (int i = -1; i < 0 || jd_stopword_language((guint)i); i++) {
        g_autoptr(jd_analyzer) analyzer =
            jd_analyzer_new(i < 0 ? NULL : jd_stopword_language((guint)i));
        g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(gsize));
        jd_analyzer_run(analyzer, text, strlen(text), append_range, ranges);
        if (!first)
            first = g_array_ref(ranges);
        g_assert_cmpmem(ranges->data, ranges->len * sizeof(gsize), first->data,
                        first->len * sizeof(gsize));
    }
    g_assert_cmpuint(first->len, >, 20);
}

static gboolean stop_at_second(const jd_token *token, void *user)
{
    return ++*(int *)user < 2;
}

static void test_stopping(void)
{
    g_autoptr(jd_analyzer) analyzer = jd_analyzer_new("en");
    int calls = 0;
    g_assert_false(jd_analyzer_run(analyzer, "a b c d", 7, stop_at_second, &calls));
    g_assert_cmpint(calls, ==, 2);
}

/* A word that the cache knows becomes what it became the first time. */
static void test_cache(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 60000; i++)
        g_string_append_printf(text, "%s%xing ", i % 3 ? "wörd" : "word", i * 7919 % 60000);
    g_autoptr(jd_analyzer) analyzer = jd_analyzer_new("en");
    g_autoptr(GString) once = g_string_new(NULL), again = g_string_new(NULL);
    jd_analyzer_run(analyzer, text->str, text->len, append_term, once);
    jd_analyzer_run(analyzer, text->str, text->len, append_term, again);
    g_assert_cmpstr(once->str, ==, again->str);
    for (const char *p = text->str; *p; p = strchr(p, ' ') + 1) {
        g_autofree char *alone = analyze("en", p, strchr(p, ' ') - p);
        g_assert_nonnull(strstr(once->str, alone));
        p += 4000; /* some of them are enough */
        if (p >= text->str + text->len)
            break;
    }
}

static void test_stopwords(void)
{
    g_assert_cmpuint(jd_stopword_find("the"), ==, jd_stopword_language_set("en"));
    g_assert_true(jd_stopword_find("die") & jd_stopword_language_set("de"));
    g_assert_false(jd_stopword_find("die") & jd_stopword_language_set("en"));
    g_assert_cmpuint(jd_stopword_find("model"), ==, 0);
    g_assert_cmpuint(jd_stopword_language_set("xx"), ==, 0);
    g_assert_cmpuint(jd_stopword_language_set(NULL), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/analyze/terms", test_terms);
    g_test_add_func("/base/analyze/invalid", test_invalid_bytes_separate);
    g_test_add_func("/base/analyze/long", test_long_words_are_cut);
    g_test_add_func("/base/analyze/ranges", test_ranges_do_not_depend_on_language);
    g_test_add_func("/base/analyze/stopping", test_stopping);
    g_test_add_func("/base/analyze/cache", test_cache);
    g_test_add_func("/base/analyze/stopwords", test_stopwords);
    return g_test_run();
}
