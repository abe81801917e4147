#include "base/error.h"
#include "retrieve/json.h"
#include "retrieve/retrieve.h"

static jd_item *sample_item(jd_item_kind kind)
{
    jd_item *item = jd_item_new(kind);
    item->id = 12;
    item->document = jd_document_info_new();
    item->document->id = 3;
    item->document->uri = g_strdup("/a/b.html");
    item->document->title = g_strdup("T\xFFitle");
    item->document->media_type = g_strdup("text/html");
    g_strfreev(item->section);
    item->section = g_strsplit("One|Two", "|", -1);
    return item;
}

static void assert_json(json_t *value, const char *expected)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    g_assert_cmpstr(text, ==, expected);
    free(text);
    json_decref(value);
}

#define DOCUMENT                                                                                   \
    "\"document\":{\"id\":\"d3\",\"uri\":\"/a/b.html\",\"title\":\"T\xEF\xBF\xBDitle\","           \
    "\"media_type\":\"text/html\"},\"section\":[\"One\",\"Two\"],\"ordinal\":0,\"page\":null"

static void test_item(void)
{
    g_autoptr(jd_item) chunk = sample_item(JD_ITEM_TEXT);
    chunk->text = g_strdup("words");
    assert_json(jd_item_to_json(chunk), "{\"id\":\"t12\"," DOCUMENT ",\"text\":\"words\"}");
    g_autoptr(jd_item) image = sample_item(JD_ITEM_IMAGE);
    image->caption = g_strdup("a \"caption\"");
    image->width = 640;
    assert_json(jd_item_to_json(image),
                "{\"id\":\"i12\"," DOCUMENT ",\"caption\":\"a \\\"caption\\\"\",\"alt\":null,"
                "\"source\":null,\"sha256\":null,\"media_type\":null,\"width\":640,"
                "\"height\":null}");
}

static void test_item_without_document(void)
{
    g_autoptr(jd_item) chunk = jd_item_new(JD_ITEM_TEXT);
    chunk->page = 4;
    assert_json(jd_item_to_json(chunk), "{\"id\":\"t0\",\"document\":null,\"section\":[],"
                                        "\"ordinal\":0,\"page\":4,\"text\":null}");
}

static void test_document_full(void)
{
    g_autoptr(jd_document_info) info = jd_document_info_new();
    info->id = 1;
    info->collection = g_strdup("default");
    info->size = 7;
    info->chunk_count = 2;
    assert_json(jd_document_to_json_full(info),
                "{\"id\":\"d1\",\"uri\":null,\"title\":null,\"media_type\":null,"
                "\"collection\":\"default\",\"sha256\":null,\"language\":null,\"published\":null,"
                "\"authors\":null,\"mtime\":0,\"size\":7,\"chunks\":2,\"images\":0}");
    assert_json(jd_document_to_json_full(NULL), "null");
}

static void test_results(void)
{
    g_autoptr(jd_results) results = jd_results_new("what?", JD_PROFILE_ARTICLE);
    jd_evidence *evidence = jd_evidence_new(sample_item(JD_ITEM_TEXT));
    evidence->rank = 1;
    evidence->score = 0.5;
    evidence->dense = 2.0;
    g_ptr_array_add(results->text, evidence);
    g_ptr_array_add(results->notes, g_strdup("a note"));
    assert_json(
        jd_results_to_json(results),
        "{\"query\":\"what?\",\"profile\":\"article\",\"text\":[{\"rank\":1,\"id\":\"t12\","
        "\"score\":0.5,\"scores\":{\"dense\":2.0,\"keyword\":null,\"rerank\":null}," DOCUMENT
        ",\"text\":null}],\"images\":[],"
        "\"timings_ms\":{\"embed\":0.0,\"search\":0.0,\"total\":0.0},\"notes\":[\"a note\"]}");
}

static void test_numbers_that_are_none(void)
{
    assert_json(jd_json_real(NAN), "null");
    assert_json(jd_json_real(INFINITY), "null");
    assert_json(jd_json_real(-0.25), "-0.25");
}

static void test_id_parse(void)
{
    char kind = 0;
    gint64 number = 0;
    g_assert_true(jd_id_parse("t12", &kind, &number, NULL));
    g_assert_cmpint(kind, ==, 't');
    g_assert_cmpint(number, ==, 12);
    g_assert_true(jd_id_parse("i9223372036854775807", &kind, &number, NULL));
    g_assert_cmpint(number, ==, G_MAXINT64);
    const char *wrong[] = {"",     "t",   "12",  "x1", "t-1", "t+1",
                           "t 1",  "t1 ", "t0x", "t0", "T1",  "i9223372036854775808",
                           "\xFF", "tt1"};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(jd_id_parse(wrong[i], &kind, &number, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
    g_assert_cmpint(kind, ==, 'i');
    g_assert_cmpint(number, ==, G_MAXINT64);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/json/item", test_item);
    g_test_add_func("/retrieve/json/bare-item", test_item_without_document);
    g_test_add_func("/retrieve/json/document", test_document_full);
    g_test_add_func("/retrieve/json/results", test_results);
    g_test_add_func("/retrieve/json/numbers", test_numbers_that_are_none);
    g_test_add_func("/retrieve/id", test_id_parse);
    return g_test_run();
}
