#include "chunk/article.h"

#include <string.h>

static jd_block *add_text(jd_document *document, jd_block_kind kind, const char *heading,
                          const char *text)
{
    char *section[] = {(char *)"Outer", (char *)heading, NULL};
    jd_block *block = jd_document_add(document, kind, heading ? section : NULL);
    block->text = g_strdup(text);
    return block;
}

static jd_picture *add_picture(jd_document *document, const char *alt, const char *caption)
{
    char *section[] = {(char *)"Pictures", NULL};
    jd_block *block = jd_document_add(document, JD_BLOCK_PICTURE, section);
    block->picture = jd_picture_new();
    block->picture->source = g_strdup("images/a.png");
    block->picture->alt = g_strdup(alt);
    block->picture->caption = g_strdup(caption);
    return block->picture;
}

static void test_text_is_kept_from_thirty_characters(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    document->language = g_strdup("en");
    add_text(document, JD_BLOCK_PARAGRAPH, NULL, "012345678901234567890123456789");
    add_text(document, JD_BLOCK_PARAGRAPH, "Loss", "01234567890123456789012345678");
    add_text(document, JD_BLOCK_LIST, "Loss", "ää ää ää ää ää ää ää ää ää ää");
    add_text(document, JD_BLOCK_LIST, "Loss", "ää ää ää ää ää ää ää ää ää ää ")->start = 7;
    g_autoptr(GPtrArray) items = jd_chunk_article(document);
    g_assert_cmpuint(items->len, ==, 2);
    const jd_item *first = items->pdata[0];
    const jd_item *second = items->pdata[1];
    g_assert_cmpstr(first->section[0], ==, "Main");
    g_assert_null(first->section[1]);
    g_assert_cmpint(first->ordinal, ==, 0);
    g_assert_cmpstr(first->language, ==, "en");
    g_assert_cmpstr(second->section[0], ==, "Loss");
    g_assert_null(second->section[1]);
    g_assert_cmpint(second->ordinal, ==, 1);
    g_assert_cmpint(second->start, ==, 7);
    g_assert_true(g_str_has_suffix(second->text, "ää "));
}

static void test_caption_comes_from_alt_then_figcaption(void)
{
    const struct {
        const char *alt, *caption, *expected;
    } cases[] = {{"Alt", "Figure", "Alt"},
                 {"", "Figure", "Figure"},
                 {NULL, "Figure", "Figure"},
                 {NULL, NULL, "No caption available"},
                 {"", "", "No caption available"}};
    g_autoptr(jd_document) document = jd_document_new();
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        add_picture(document, cases[i].alt, cases[i].caption);
    g_autoptr(GPtrArray) items = jd_chunk_article(document);
    g_assert_cmpuint(items->len, ==, G_N_ELEMENTS(cases));
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        const jd_item *item = items->pdata[i];
        g_assert_cmpint(item->kind, ==, JD_ITEM_IMAGE);
        g_assert_cmpstr(item->caption, ==, cases[i].expected);
        g_assert_cmpint(item->ordinal, ==, (int)i);
        g_assert_cmpstr(item->source, ==, "images/a.png");
        g_assert_cmpstr(item->section[0], ==, "Pictures");
    }
}

static void test_image_shares_bytes_and_knows_its_neighbours(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    char *section[] = {(char *)"Pictures", NULL};
    jd_document_add(document, JD_BLOCK_PARAGRAPH, NULL)->text = g_strdup("of another section");
    jd_document_add(document, JD_BLOCK_PARAGRAPH, section)->text = g_strdup("before");
    jd_picture *picture = add_picture(document, NULL, NULL);
    picture->bytes = g_bytes_new_static("png", 3);
    picture->width = 5;
    add_picture(document, NULL, NULL);
    jd_document_add(document, JD_BLOCK_PARAGRAPH, section)->text = g_strdup("after");
    g_autoptr(GPtrArray) items = jd_chunk_article(document);
    g_assert_cmpuint(items->len, ==, 2);
    const jd_item *item = items->pdata[0];
    g_assert_true(item->bytes == picture->bytes);
    g_assert_cmpint(item->width, ==, 5);
    g_assert_cmpstr(item->nearby, ==, "before\nafter");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chunk/article/text", test_text_is_kept_from_thirty_characters);
    g_test_add_func("/chunk/article/caption", test_caption_comes_from_alt_then_figcaption);
    g_test_add_func("/chunk/article/image", test_image_shares_bytes_and_knows_its_neighbours);
    return g_test_run();
}
