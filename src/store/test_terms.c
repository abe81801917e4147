/* Terms made ahead are those that the index's own check makes of the stored texts. */
#include "store/terms.h"
#include "store/test_util.h"

#include <string.h>

/* A document in which languages and sections change, with headings that end and begin in scripts
 * without spaces, and with whatever an item may lack. */
static test_document *make_mixed(void)
{
    static const char *const texts[] = {"The cats were running, top_k 3.2 (C++)",
                                        "Die Häuser der Städte", "検索の結果", "",
                                        "l'eau \x1e\x1f x"};
    static const char *const languages[] = {"en", "de", "ja", NULL, "fr"};
    test_document *document = test_document_new("/mixed", "Running 検索 \x1e title");
    for (gsize i = 0; i < G_N_ELEMENTS(texts) * 3; i++) {
        const char *text = texts[i % G_N_ELEMENTS(texts)];
        jd_item *item = i % 3 == 2 ? test_add_image(document, text, text)
                                   : test_add_chunk(document, text, "検索");
        g_free(item->language);
        item->language = g_strdup(languages[(i / 2) % G_N_ELEMENTS(languages)]);
        if (i % 4 == 1) {
            g_strfreev(item->section);
            item->section = g_strsplit("First 検|索 \x1f second|", "|", -1);
        }
    }
    return document;
}

static void test_ahead(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = make_mixed();
    g_autoptr(jd_term_maker) maker = jd_term_maker_new();
    for (int again = 0; again < 2; again++) {
        g_autoptr(GPtrArray) terms = jd_terms_make(maker, document->info->title, document->items);
        g_autoptr(GError) error = NULL;
        jd_store_document stored = {
            .info = document->info, .items = document->items, .terms = terms};
        jd_store_put_document(store, &stored, NULL, &error);
        g_assert_no_error(error);
        test_assert_sound(store);
    }
    g_autoptr(GArray) hits = test_search(store, "run", NULL, 30);
    g_assert_cmpuint(hits->len, >, 0);
}

/* What the check is worth: other terms than the text's are found. */
static void test_wrong(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = make_mixed();
    g_autoptr(jd_term_maker) maker = jd_term_maker_new();
    g_autoptr(GPtrArray) terms = jd_terms_make(maker, "another title", document->items);
    jd_store_document stored = {.info = document->info, .items = document->items, .terms = terms};
    g_assert_true(jd_store_put_document(store, &stored, NULL, NULL));
    g_autoptr(GPtrArray) problems = jd_store_verify(store, NULL);
    g_assert_cmpuint(problems->len, >, 0);
}

static void test_form(void)
{
    g_autoptr(test_document) document = test_document_new("/form", "The Title");
    jd_item *item = test_add_chunk(document, "The cats ran to top_k", "Section");
    g_free(item->language);
    item->language = g_strdup("en");
    g_autoptr(jd_term_maker) maker = jd_term_maker_new();
    g_autoptr(GPtrArray) all = jd_terms_make(maker, "The Title", document->items);
    const jd_item_terms *terms = all->pdata[0];
    g_assert_cmpuint(all->len, ==, 1);
    g_assert_cmpstr(terms->fields[JD_TERMS_TITLE], ==, "\x1etitl\x1f");
    g_assert_cmpstr(terms->fields[JD_TERMS_TEXT], ==,
                    "\x1e"
                    "cat\x1fran\x1ftop_k\x1ftop\x1fk\x1f");
    g_assert_null(terms->fields[JD_TERMS_ALT]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/terms/form", test_form);
    g_test_add_func("/store/terms/ahead", test_ahead);
    g_test_add_func("/store/terms/wrong", test_wrong);
    return g_test_run();
}
