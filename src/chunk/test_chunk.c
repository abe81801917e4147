#include "base/limits.h"
#include "base/sentence.h"
#include "base/text.h"
#include "chunk/chunk.h"

#include <string.h>

/* ---- building documents ---- */

static jd_block *add(jd_document *document, jd_block_kind kind, const char *section,
                     const char *text)
{
    const char *path[] = {section, NULL};
    jd_block *block = jd_document_add(document, kind, (char *const *)path);
    block->text = g_strdup(text);
    block->start = 100 * (document->blocks->len - 1);
    block->end = block->start + 50;
    return block;
}

static void add_picture(jd_document *document, const char *section, const char *caption)
{
    jd_block *block = add(document, JD_BLOCK_PICTURE, section, NULL);
    block->picture = jd_picture_new();
    block->picture->source = g_strdup("a.png");
    block->picture->caption = g_strdup(caption);
}

/* `text` so many times, "#" in it replaced by the number. */
static char *repeat(const char *text, int times)
{
    GString *out = g_string_new(NULL);
    const char *number = strchr(text, '#');
    for (int i = 0; i < times; i++) {
        if (number)
            g_string_append_printf(out, "%.*s%d%s", (int)(number - text), text, i, number + 1);
        else
            g_string_append(out, text);
    }
    return g_string_free(out, FALSE);
}

static const jd_item *item_at(const GPtrArray *items, guint i)
{
    g_assert_cmpuint(i, <, items->len);
    return items->pdata[i];
}

/* ---- examples ---- */

static void test_packs_to_target_with_overlap(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *text = repeat("This is the sentence with number # of this text. ", 60);
    add(document, JD_BLOCK_PARAGRAPH, "S", text);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, >, 2);
    for (guint i = 0; i < items->len; i++) {
        const jd_item *item = item_at(items, i);
        g_assert_cmpint(item->ordinal, ==, i);
        g_assert_cmpuint(jd_text_chars(item->text), <=, JD_CHUNK_TARGET_CHARS);
        g_assert_cmpint(item->start, ==, 0);
        if (i == 0)
            continue;
        /* It begins with whole sentences that end the chunk before. */
        gsize first = jd_sentence_end(item->text, 0);
        g_autofree char *sentence = g_strchomp(g_strndup(item->text, first));
        g_assert_nonnull(strstr(item_at(items, i - 1)->text, sentence));
    }
}

static void test_no_overlap_on_request(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *text = repeat("This is the sentence with number # of this text. ", 60);
    add(document, JD_BLOCK_PARAGRAPH, "S", text);
    jd_chunk_options options = {.target_chars = 200, .overlap_chars = 0};
    g_autoptr(GPtrArray) items = jd_chunk_document(document, &options);
    g_autoptr(GString) joined = g_string_new(NULL);
    for (guint i = 0; i < items->len; i++)
        g_string_append_printf(joined, "%s ", item_at(items, i)->text);
    g_assert_cmpstr(joined->str, ==, text);
}

static void test_never_crosses_a_section(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    add(document, JD_BLOCK_PARAGRAPH, "A", "Short one.");
    add(document, JD_BLOCK_PARAGRAPH, "B", "Short two.");
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, ==, 2);
    g_assert_cmpstr(item_at(items, 0)->text, ==, "Short one.");
    g_assert_cmpstr(item_at(items, 0)->section[0], ==, "A");
    g_assert_cmpstr(item_at(items, 1)->text, ==, "Short two.");
}

static void test_list_stays_with_its_lead_in(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *before = repeat("Something else is said here, number #. ", 20);
    add(document, JD_BLOCK_PARAGRAPH, "S", before);
    add(document, JD_BLOCK_PARAGRAPH, "S", "There are three steps:");
    g_autofree char *list = repeat("- step # of the list\n", 30);
    add(document, JD_BLOCK_LIST, "S", list);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    const jd_item *last = item_at(items, items->len - 1);
    g_assert_nonnull(strstr(last->text, "There are three steps:\n\n- step 0"));
    g_assert_true(g_str_has_suffix(last->text, "- step 29 of the list"));
}

static void test_long_table_repeats_its_header(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *rows = repeat("row # | some value that takes room\n", 120);
    g_autofree char *table = g_strconcat("name | value\n", rows, NULL);
    add(document, JD_BLOCK_TABLE, "S", table);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, >, 2);
    for (guint i = 0; i < items->len; i++) {
        g_assert_true(g_str_has_prefix(item_at(items, i)->text, "name | value\n"));
        g_assert_cmpuint(jd_text_chars(item_at(items, i)->text), <=, JD_CHUNK_MAX_CHARS);
    }
}

static void test_tiny_end_is_joined(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *text = repeat("This is the sentence with number # of it. ", 20);
    add(document, JD_BLOCK_PARAGRAPH, "S", text);
    add(document, JD_BLOCK_PARAGRAPH, "S", "The end.");
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, ==, 1);
    g_assert_true(g_str_has_suffix(item_at(items, 0)->text, "\n\nThe end."));
}

static void test_images_keep_what_is_beside_them(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    add(document, JD_BLOCK_PARAGRAPH, "A", "Another section.");
    add_picture(document, "B", "first");
    add(document, JD_BLOCK_PARAGRAPH, "B", "Between the two.");
    add_picture(document, "B", "second");
    g_autofree char *text = repeat("Words after it #. ", 100);
    add(document, JD_BLOCK_PARAGRAPH, "B", text);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    const jd_item *first = item_at(items, 1);
    g_assert_cmpint(first->kind, ==, JD_ITEM_IMAGE);
    g_assert_cmpstr(first->caption, ==, "first");
    g_assert_cmpstr(first->nearby, ==, "Between the two.");
    g_assert_cmpint(first->ordinal, ==, 0);
    g_assert_cmpint(first->start, ==, 100);
    const jd_item *second = item_at(items, 3);
    g_assert_cmpint(second->ordinal, ==, 1);
    g_assert_true(g_str_has_prefix(second->nearby, "Between the two.\n\nWords after it 0."));
    g_assert_cmpuint(jd_text_chars(second->nearby), <=, JD_CHUNK_NEARBY_CHARS + 2);
}

static void test_pages_and_boxes(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    for (int i = 0; i < 2; i++) {
        jd_block *block = add(document, JD_BLOCK_PARAGRAPH, "A", "A sentence.");
        block->page = 4;
        memcpy(block->box, (float[]){10, 20 + 50 * i, 100 + i, 60 + 50 * i}, sizeof block->box);
    }
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    const jd_item *item = item_at(items, 0);
    g_assert_cmpint(item->page, ==, 4);
    g_assert_cmpfloat(item->box[1], ==, 20);
    g_assert_cmpfloat(item->box[2], ==, 101);
    g_assert_cmpfloat(item->box[3], ==, 110);
}

static void test_declared_language_wins(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    add(document, JD_BLOCK_PARAGRAPH, "A", "This is the text of the document in English.");
    document->language = g_strdup("fr");
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpstr(item_at(items, 0)->language, ==, "fr");
    g_clear_pointer(&document->language, g_free);
    g_autoptr(GPtrArray) guessed = jd_chunk_document(document, NULL);
    g_assert_cmpstr(item_at(guessed, 0)->language, ==, "en");
}

static void test_nothing_gives_nothing(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    add(document, JD_BLOCK_PARAGRAPH, "A", "");
    add(document, JD_BLOCK_PICTURE, "A", NULL);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, ==, 0);
}

/* ---- properties, on random documents ---- */

static void random_text(GString *out, int sentences, const char *separator)
{
    static const char *const words[] = {"a",   "picture", "Übung", "日本語。", "3.5",       "e.g.",
                                        "and", "naïve",   "😀",     "Dr.",      "(brackets)"};
    for (int s = 0; s < sentences; s++) {
        int n = g_test_rand_int_range(1, g_test_rand_int_range(0, 30) ? 30 : 600);
        for (int w = 0; w < n; w++)
            g_string_append_printf(out, "%s%s", w ? (g_test_rand_int_range(0, 9) ? " " : "") : "",
                                   words[g_test_rand_int_range(0, G_N_ELEMENTS(words))]);
        g_string_append_printf(out, ".%s", separator);
    }
}

static jd_document *random_document(void)
{
    static const jd_block_kind kinds[] = {JD_BLOCK_PARAGRAPH, JD_BLOCK_LIST,  JD_BLOCK_TABLE,
                                          JD_BLOCK_CODE,      JD_BLOCK_QUOTE, JD_BLOCK_PICTURE};
    jd_document *document = jd_document_new();
    char section[] = "A";
    int blocks = g_test_rand_int_range(0, 25);
    for (int i = 0; i < blocks; i++) {
        if (g_test_rand_int_range(0, 4) == 0)
            section[0]++;
        jd_block_kind kind = kinds[g_test_rand_int_range(0, G_N_ELEMENTS(kinds))];
        if (kind == JD_BLOCK_PICTURE) {
            add_picture(document, section, NULL);
            continue;
        }
        gboolean flowing = kind == JD_BLOCK_PARAGRAPH || kind == JD_BLOCK_QUOTE;
        g_autoptr(GString) text = g_string_new(NULL);
        random_text(text, g_test_rand_int_range(1, 30), flowing ? " " : "\n");
        if (flowing && g_test_rand_int_range(0, 3) == 0)
            g_string_append(text, "The following:");
        add(document, kind, section, text->str);
    }
    return document;
}

/* White space is where text may be joined or cut: it does not count. */
static char *squeeze(const char *text)
{
    GString *out = g_string_new(NULL);
    for (const char *p = text; *p; p++)
        if (*p != ' ' && *p != '\n')
            g_string_append_c(out, *p);
    return g_string_free(out, FALSE);
}

static gboolean is_flowing(const jd_block *block)
{
    return block->kind == JD_BLOCK_PARAGRAPH || block->kind == JD_BLOCK_QUOTE;
}

/* Every sentence that fits into a chunk, and every line that is a small part of one, is whole in
 * some chunk of its section. */
static void check_block_is_kept(const jd_block *block, const GPtrArray *items, int target)
{
    gsize longest = is_flowing(block) ? MAX(JD_CHUNK_MAX_CHARS, target) : target / 4;
    for (gsize from = 0, end; block->text[from]; from = end) {
        const char *newline = strchr(block->text + from, '\n');
        end = is_flowing(block) ? jd_sentence_end(block->text, from)
                                : (gsize)(newline + 1 - block->text);
        g_autofree char *part = g_strndup(block->text + from, end - from);
        if (jd_text_chars(part) > longest)
            continue;
        g_autofree char *wanted = squeeze(part);
        gboolean found = FALSE;
        for (guint i = 0; i < items->len && !found; i++) {
            const jd_item *item = items->pdata[i];
            if (item->kind != JD_ITEM_TEXT || strcmp(item->section[0], block->section[0]) != 0)
                continue;
            g_autofree char *got = squeeze(item->text);
            found = strstr(got, wanted) != NULL;
        }
        g_assert_true(found);
    }
}

/* The chunks of a section without overlap and repeated headers hold exactly its text. */
static void check_nothing_lost(const jd_document *document, int target)
{
    jd_chunk_options options = {.target_chars = target, .overlap_chars = 0};
    g_autoptr(GPtrArray) items = jd_chunk_document(document, &options);
    g_autoptr(GString) in = g_string_new(NULL), out = g_string_new(NULL);
    for (guint i = 0; i < document->blocks->len; i++) {
        const jd_block *block = document->blocks->pdata[i];
        if (block->kind == JD_BLOCK_TABLE)
            return; /* its header may come twice */
        g_string_append(in, block->text ? block->text : "");
    }
    for (guint i = 0; i < items->len; i++) {
        const jd_item *item = items->pdata[i];
        g_string_append(out, item->text ? item->text : "");
    }
    g_autofree char *wanted = squeeze(in->str);
    g_autofree char *got = squeeze(out->str);
    g_assert_cmpstr(got, ==, wanted);
}

static void test_properties(void)
{
    for (int round = 0; round < 100; round++) {
        g_autoptr(jd_document) document = random_document();
        jd_chunk_options options = {.target_chars = g_test_rand_int_range(50, 2500),
                                    .overlap_chars = g_test_rand_int_range(0, 300)};
        g_autoptr(GPtrArray) items = jd_chunk_document(document, &options);
        gsize max = MAX(JD_CHUNK_MAX_CHARS, options.target_chars);
        int ordinals[2] = {0, 0};
        gint64 last_start[2] = {-1, -1};
        for (guint i = 0; i < items->len; i++) {
            const jd_item *item = items->pdata[i];
            g_assert_cmpint(item->ordinal, ==, ordinals[item->kind]++);
            g_assert_cmpint(item->start, >=, last_start[item->kind]);
            last_start[item->kind] = item->start;
            if (item->kind == JD_ITEM_IMAGE)
                continue;
            g_assert_true(g_utf8_validate(item->text, -1, NULL));
            g_assert_cmpuint(jd_text_chars(item->text), <=, max);
            g_assert_cmpuint(strlen(item->text), >, 0);
        }
        for (guint i = 0; i < document->blocks->len; i++) {
            const jd_block *block = document->blocks->pdata[i];
            if (block->kind != JD_BLOCK_PICTURE)
                check_block_is_kept(block, items, options.target_chars);
        }
        check_nothing_lost(document, options.target_chars);
    }
}

/* What would be quadratic takes minutes here. */
static void test_large_input(void)
{
    g_autoptr(jd_document) document = jd_document_new();
    g_autofree char *line = g_strnfill(2 << 20, 'x');
    add(document, JD_BLOCK_CODE, "A", line);
    g_autofree char *stops = repeat("a. ", 1 << 18);
    add(document, JD_BLOCK_PARAGRAPH, "A", stops);
    for (int i = 0; i < 20000; i++)
        add_picture(document, "A", NULL);
    g_autoptr(GPtrArray) items = jd_chunk_document(document, NULL);
    g_assert_cmpuint(items->len, >, 20000 + (2 << 20) / JD_CHUNK_MAX_CHARS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chunk/target-and-overlap", test_packs_to_target_with_overlap);
    g_test_add_func("/chunk/no-overlap", test_no_overlap_on_request);
    g_test_add_func("/chunk/sections", test_never_crosses_a_section);
    g_test_add_func("/chunk/lead-in", test_list_stays_with_its_lead_in);
    g_test_add_func("/chunk/table-header", test_long_table_repeats_its_header);
    g_test_add_func("/chunk/tiny-end", test_tiny_end_is_joined);
    g_test_add_func("/chunk/images", test_images_keep_what_is_beside_them);
    g_test_add_func("/chunk/pages", test_pages_and_boxes);
    g_test_add_func("/chunk/language", test_declared_language_wins);
    g_test_add_func("/chunk/nothing", test_nothing_gives_nothing);
    g_test_add_func("/chunk/properties", test_properties);
    g_test_add_func("/chunk/large", test_large_input);
    return g_test_run();
}
