#include "base/text.h"
#include "retrieve/retrieve.h"

#include <string.h>

static jd_snippet *make(const char *text, const char *const *terms, gsize max_chars)
{
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_TEXT);
    item->text = g_strdup(text);
    item->language = g_strdup("en");
    g_autoptr(jd_results) results = jd_results_new("q", JD_PROFILE_DEFAULT);
    for (; *terms; terms++)
        g_ptr_array_add(results->terms, g_strdup(*terms));
    return jd_snippet_new(item, results, max_chars);
}

/* The text with [brackets] around the marks. */
static char *marked(const jd_snippet *snippet)
{
    GString *out = g_string_new(NULL);
    gsize at = 0;
    for (guint i = 0; i + 1 < snippet->marks->len; i += 2) {
        gsize start = g_array_index(snippet->marks, gsize, i);
        gsize end = g_array_index(snippet->marks, gsize, i + 1);
        g_assert_cmpuint(at, <=, start);
        g_assert_cmpuint(end, <=, strlen(snippet->text));
        g_string_append_printf(out, "%.*s[%.*s]", (int)(start - at), snippet->text + at,
                               (int)(end - start), snippet->text + start);
        at = end;
    }
    g_string_append(out, snippet->text + at);
    return g_string_free(out, FALSE);
}

static void test_whole(void)
{
    g_autoptr(jd_snippet) snippet =
        make("Losses of\n\nCLIP  and a loss.", (const char *[]){"loss", "clip", NULL}, 100);
    g_autofree char *text = marked(snippet);
    g_assert_cmpstr(text, ==, "[Losses] of [CLIP] and a [loss].");
    g_autoptr(jd_snippet) none = make("Losses", (const char *[]){NULL}, 100);
    g_assert_cmpstr(none->text, ==, "Losses");
    g_assert_cmpuint(none->marks->len, ==, 0);
    g_autoptr(jd_snippet) empty = make("", (const char *[]){"loss", NULL}, 10);
    g_assert_cmpstr(empty->text, ==, "");
}

static void test_best_window(void)
{
    g_autoptr(GString) text = g_string_new("The loss, the loss, the loss. ");
    for (int i = 0; i < 60; i++)
        g_string_append(text, "filling words ");
    g_string_append(text, "here the loss of CLIP stands. ");
    for (int i = 0; i < 60; i++)
        g_string_append(text, "more filling ");
    g_autoptr(jd_snippet) snippet = make(text->str, (const char *[]){"loss", "clip", NULL}, 80);
    g_autofree char *shown = marked(snippet);
    g_assert_nonnull(strstr(shown, "the [loss] of [CLIP] stands"));
    g_assert_true(g_str_has_prefix(snippet->text, "…") && g_str_has_suffix(snippet->text, "…"));
    g_assert_cmpuint(jd_text_chars(snippet->text), <=, 80);
    /* Cut between words, not in them. */
    g_autofree char *inner = g_strndup(snippet->text + 3, strlen(snippet->text) - 6);
    g_assert_nonnull(strstr(text->str, inner));
    char *at = strstr(text->str, inner);
    g_assert_cmpint(at[-1], ==, ' ');
    g_assert_cmpint(at[strlen(inner)], ==, ' ');
}

/* No length breaks a character or the limit. */
static void test_all_lengths(void)
{
    const char *text = "äöü ßßß loss ééé 検索する文書 loss ωωω and clip, ending here";
    for (gsize max = 0; max < 70; max++) {
        g_autoptr(jd_snippet) snippet =
            make(text, (const char *[]){"loss", "clip", "検索", "索す", NULL}, max);
        g_assert_true(g_utf8_validate(snippet->text, -1, NULL));
        g_assert_cmpuint(jd_text_chars(snippet->text), <=, MAX(max, 3));
        g_autofree char *shown = marked(snippet);
        g_assert_true(g_utf8_validate(shown, -1, NULL));
    }
}

static void test_image(void)
{
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_IMAGE);
    item->alt = g_strdup("A loss.");
    item->nearby = g_strdup("Text beside it.");
    item->caption = g_strdup("");
    g_autoptr(jd_results) results = jd_results_new("q", JD_PROFILE_DEFAULT);
    g_autoptr(jd_snippet) snippet = jd_snippet_new(item, results, 40);
    g_assert_cmpstr(snippet->text, ==, "A loss.");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/snippet/whole", test_whole);
    g_test_add_func("/retrieve/snippet/window", test_best_window);
    g_test_add_func("/retrieve/snippet/lengths", test_all_lengths);
    g_test_add_func("/retrieve/snippet/image", test_image);
    return g_test_run();
}
