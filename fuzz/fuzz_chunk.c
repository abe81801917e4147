/* Any blocks: two bytes of options, then blocks, each a byte of kind and section and a text up to a
 * NUL. No chunk is longer than allowed, broken UTF-8, or empty. */
#include "base/limits.h"
#include "base/text.h"
#include "chunk/chunk.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_block(jd_document *document, uint8_t what, const char *text, gsize length)
{
    char heading[] = {(char)('A' + (what >> 4)), '\0'};
    const char *const section[] = {heading, NULL};
    jd_block_kind kind = (jd_block_kind)(what % (JD_BLOCK_PICTURE + 1));
    jd_block *block = jd_document_add(document, kind, (char *const *)section);
    if (kind != JD_BLOCK_PICTURE) {
        block->text = g_utf8_make_valid(text, (gssize)length);
        return;
    }
    block->picture = jd_picture_new();
    block->picture->source = g_strdup("a.png");
}

static void check(const jd_item *item, gsize max)
{
    g_assert_true(!item->nearby || g_utf8_validate(item->nearby, -1, NULL));
    if (item->kind != JD_ITEM_TEXT)
        return;
    g_assert_true(g_utf8_validate(item->text, -1, NULL));
    g_assert_cmpuint(jd_text_chars(item->text), <=, max);
    g_assert_cmpuint(strlen(item->text), >, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    jd_chunk_options options = {.target_chars = 50 + 10 * data[0], .overlap_chars = data[1]};
    g_autoptr(jd_document) document = jd_document_new();
    for (gsize at = 2; at < size;) {
        const char *text = (const char *)data + at + 1;
        gsize length = strnlen(text, size - at - 1);
        add_block(document, data[at], text, length);
        at += length + 2;
    }
    g_autoptr(GPtrArray) items = jd_chunk_document(document, &options);
    for (guint i = 0; i < items->len; i++)
        check(items->pdata[i], (gsize)MAX(JD_CHUNK_MAX_CHARS, options.target_chars));
    return 0;
}
