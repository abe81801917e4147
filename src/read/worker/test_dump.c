#include "read/worker/test_dump.h"

#include <string.h>

static const char letters[] = {
    [JD_BLOCK_PARAGRAPH] = 'P', [JD_BLOCK_LIST] = 'L',  [JD_BLOCK_TABLE] = 'T',
    [JD_BLOCK_CODE] = 'C',      [JD_BLOCK_QUOTE] = 'Q', [JD_BLOCK_PICTURE] = 'I'};

static void dump_picture(GString *out, const jd_picture *picture)
{
    g_string_append(out, picture->source ? picture->source : picture->media_type);
    if (picture->bytes)
        g_string_append_printf(out, " %dx%d", picture->width, picture->height);
    if (picture->alt)
        g_string_append_printf(out, " alt=%s", picture->alt);
    if (picture->caption)
        g_string_append_printf(out, " caption=%s", picture->caption);
}

char *test_dump_blocks(const jd_document *document)
{
    GString *out = g_string_new(NULL);
    for (guint i = 0; i < document->blocks->len; i++) {
        const jd_block *block = document->blocks->pdata[i];
        g_autofree char *section = g_strjoinv(" > ", block->section);
        g_string_append_printf(out, "%s%c [%s] ", i > 0 ? "\n" : "", letters[block->kind], section);
        if (block->picture)
            dump_picture(out, block->picture);
        else
            g_string_append(out, block->text);
    }
    return g_string_free(out, FALSE);
}

char *test_dump_meta(const jd_document *document)
{
    const struct {
        const char *name, *value;
    } fields[] = {{"title", document->title},
                  {"language", document->language},
                  {"published", document->published},
                  {"authors", document->authors},
                  {"base", document->base}};
    GString *out = g_string_new(NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].value)
            g_string_append_printf(out, "%s%s=%s", out->len > 0 ? "; " : "", fields[i].name,
                                   fields[i].value);
    return g_string_free(out, FALSE);
}

jd_document *test_read(jd_read_fn read, const char *text, gssize length)
{
    gsize size = length < 0 ? strlen(text) : (gsize)length;
    /* A copy of the exact size: the sanitizers see one byte beyond. */
    g_autofree char *exact = g_memdup2(text, size);
    jd_format_input input = {.data = exact ? exact : "", .size = size};
    g_autoptr(GError) error = NULL;
    jd_document *document = read(&input, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < document->blocks->len; i++) {
        const jd_block *block = document->blocks->pdata[i];
        g_assert_cmpint(block->start, <=, block->end);
        g_assert_cmpint(block->end, <=, (gint64)size);
        if (block->text) {
            g_assert_true(g_utf8_validate(block->text, -1, NULL));
            g_assert_cmpstr(block->text, !=, "");
        }
    }
    return document;
}

static void compare(const test_case *test, const char *found)
{
    if (strcmp(found, test->expected) != 0)
        g_test_message("%s:\n--- expected\n%s\n--- found\n%s\n---", test->name, test->expected,
                       found);
    g_assert_cmpstr(found, ==, test->expected);
}

void test_read_cases(jd_read_fn read, const test_case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(jd_document) document = test_read(read, cases[i].text, -1);
        g_autofree char *found = test_dump_blocks(document);
        compare(&cases[i], found);
    }
}

void test_meta_cases(jd_read_fn read, const test_case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autoptr(jd_document) document = test_read(read, cases[i].text, -1);
        g_autofree char *found = test_dump_meta(document);
        compare(&cases[i], found);
    }
}
