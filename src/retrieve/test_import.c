#include "retrieve/import_article.h"
#include "retrieve/retrieve.h"
#include "retrieve/test_base.h"

#include <glib/gstdio.h>
#include <string.h>

#define TEXTS                                                                                      \
    "[{\"article_title\":\"A\",\"section\":\"S1\",\"text\":\"one\"},"                              \
    " {\"article_title\":\"B\",\"section\":\"S2\",\"text\":\"two\",\"extra\":1},"                  \
    " {\"article_title\":\"A\",\"section\":\"S3\",\"text\":\"three\"}]"
#define IMAGES                                                                                     \
    "[{\"article_title\":\"A\",\"section\":\"S1\",\"image_path\":\"images/x.png\","                \
    "\"caption\":\"a picture\"},"                                                                  \
    " {\"article_title\":\"C\",\"section\":\"S2\",\"image_path\":\"../../etc/y.png\","             \
    "\"caption\":\"No caption available\"}]"
#define TEXT_VECTORS "[[1,0],[0,1],[0.6,0.8]]"
#define IMAGE_VECTORS "[[1,0],[0,1]]"

typedef struct article_test {
    test_base base;
    char *paths[4]; /* text, images, text vectors, image vectors */
    jd_article_import import;
} article_test;

static char *write_file(const test_base *base, const char *name, const char *text)
{
    char *path = g_build_filename(base->folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* Takes what is called x.png; refuses what else. */
static gboolean load_picture(const char *path, jd_item *image, void *user, GError **error)
{
    g_assert_true(g_path_is_absolute(path));
    if (!g_str_has_suffix(path, "/images/x.png")) {
        g_set_error(error, JD_ERROR, JD_ERROR_NOT_FOUND, "no such picture");
        return FALSE;
    }
    image->bytes = g_bytes_new("pixels", 6);
    image->media_type = g_strdup("image/png");
    image->width = image->height = 7;
    (*(int *)user)++;
    return TRUE;
}

static void setup(article_test *test, int *pictures)
{
    test_base_init(&test->base);
    test->paths[0] = write_file(&test->base, "text.json", TEXTS);
    test->paths[1] = write_file(&test->base, "images.json", IMAGES);
    test->paths[2] = write_file(&test->base, "text-vectors.json", TEXT_VECTORS);
    test->paths[3] = write_file(&test->base, "image-vectors.json", IMAGE_VECTORS);
    test->import = (jd_article_import){.files = {.text = test->paths[0],
                                                 .images = test->paths[1],
                                                 .text_embeddings = test->paths[2],
                                                 .image_embeddings = test->paths[3]},
                                       .picture = load_picture,
                                       .user = pictures};
}

static void teardown(article_test *test)
{
    for (gsize i = 0; i < G_N_ELEMENTS(test->paths); i++)
        g_free(test->paths[i]);
    test_base_clear(&test->base);
}

static void assert_item(article_test *test, jd_item_kind kind, gint64 id, const char *const *fields)
{
    g_autoptr(GPtrArray) items = jd_store_get_items(test->base.store, kind, &id, 1, NULL);
    g_assert_nonnull(items);
    const jd_item *item = items->pdata[0];
    g_assert_cmpstr(item->document->title, ==, fields[0]);
    g_assert_cmpstr(item->section[0], ==, fields[1]);
    g_assert_null(item->section[1]);
    g_assert_cmpstr(kind == JD_ITEM_TEXT ? item->text : item->caption, ==, fields[2]);
    g_assert_cmpstr(item->source, ==, fields[3]);
}

static void test_import(void)
{
    article_test test;
    int pictures = 0;
    setup(&test, &pictures);
    jd_article_report report;
    g_autoptr(GError) error = NULL;
    g_assert_true(jd_import_article(test.base.store, &test.import, &report, &error));
    g_assert_cmpuint(report.documents, ==, 3);
    g_assert_cmpuint(report.chunks, ==, 3);
    g_assert_cmpuint(report.images, ==, 2);
    g_assert_cmpint(pictures, ==, 1);
    g_assert_cmpuint(report.skipped->len, ==, 1);
    const jd_skipped *skipped = report.skipped->pdata[0];
    g_assert_cmpstr(skipped->uri, ==, "../../etc/y.png");
    g_assert_nonnull(strstr(skipped->reason, "leaves the folder"));
    jd_article_report_clear(&report);
    /* Ids go by document, in the order in which the titles come up. */
    assert_item(&test, JD_ITEM_TEXT, 1, (const char *[]){"A", "S1", "one", NULL});
    assert_item(&test, JD_ITEM_TEXT, 2, (const char *[]){"A", "S3", "three", NULL});
    assert_item(&test, JD_ITEM_TEXT, 3, (const char *[]){"B", "S2", "two", NULL});
    assert_item(&test, JD_ITEM_IMAGE, 1, (const char *[]){"A", "S1", "a picture", "images/x.png"});
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(test.base.store, NULL);
    g_assert_cmpuint(spaces->len, ==, 1);
    const jd_space *space = spaces->pdata[0];
    g_assert_cmpstr(space->model, ==, "article-import");
    g_assert_cmpint(space->dimension, ==, 2);
    g_assert_true(space->normalised);
    g_autofree float *third =
        jd_store_get_vector(test.base.store, space->id, JD_ITEM_TEXT, 2, NULL);
    g_assert_cmpfloat(third[0], ==, 0.6F);
    g_autoptr(GPtrArray) problems = jd_store_verify(test.base.store, NULL);
    g_assert_cmpuint(problems->len, ==, 0);
    teardown(&test);
}

/* Importing again replaces: the documents stay, nothing is there twice. */
static void test_import_again(void)
{
    article_test test;
    int pictures = 0;
    setup(&test, &pictures);
    for (int i = 0; i < 2; i++) {
        jd_article_report report;
        g_assert_true(jd_import_article(test.base.store, &test.import, &report, NULL));
        jd_article_report_clear(&report);
    }
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(test.base.store, &stats, NULL));
    g_assert_cmpuint(stats.documents, ==, 3);
    g_assert_cmpuint(stats.chunks, ==, 3);
    g_assert_cmpuint(stats.images, ==, 2);
    g_assert_cmpuint(stats.vectors, ==, 5);
    const float query[] = {1, 0};
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.profile = JD_PROFILE_ARTICLE;
    options.embedding = query;
    options.embedding_size = 2;
    g_autoptr(jd_results) results =
        jd_retrieve(test.base.store, &(jd_query){.text = NULL}, &options, NULL);
    g_assert_cmpuint(results->text->len, ==, 3);
    g_assert_cmpstr(((jd_evidence *)results->text->pdata[0])->item->text, ==, "one");
    teardown(&test);
}

static void assert_refused(int which, const char *content, const char *says)
{
    article_test test;
    int pictures = 0;
    setup(&test, &pictures);
    g_assert_true(g_file_set_contents(test.paths[which], content, -1, NULL));
    jd_article_report report = {.chunks = 77};
    g_autoptr(GError) error = NULL;
    g_assert_false(jd_import_article(test.base.store, &test.import, &report, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
    g_assert_cmpuint(report.chunks, ==, 77);
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(test.base.store, &stats, NULL));
    g_assert_cmpuint(stats.documents + stats.vectors, ==, 0);
    g_assert_cmpint(pictures, ==, 0);
    teardown(&test);
}

static void test_refused(void)
{
    enum { TEXT, IMAGE, TEXT_VECTOR, IMAGE_VECTOR };
    assert_refused(TEXT, "[{\"article_title\":\"A\",\"text\":\"one\"}]",
                   "text.json: item 0 (counted from 0) has no \"section\"");
    assert_refused(TEXT, "[{\"article_title\":\"A\",\"section\":null,\"text\":\"one\"}]",
                   "\"section\" is null; expected text");
    assert_refused(TEXT, "[7]", "item 0 (counted from 0) is a number; expected an object");
    assert_refused(TEXT, "{}", "text.json: the file holds an object; expected a list");
    assert_refused(TEXT, "[{", "text.json: line 1");
    assert_refused(IMAGE, "[{\"article_title\":\"A\",\"section\":\"S\",\"image_path\":\"x\"}]",
                   "images.json: item 0 (counted from 0) has no \"caption\"");
    assert_refused(TEXT_VECTOR, "[[1,0],[0,1]]", "text-vectors.json has 2 rows; the list has 3");
    assert_refused(TEXT_VECTOR, "[1,0,1]", "found an array of 1 dimension");
    assert_refused(TEXT_VECTOR, "[[],[],[]]", "expected one row of 1 to");
    assert_refused(TEXT_VECTOR, "[[1,0],[0,1],[0,1e40]]", "row 2");
    assert_refused(IMAGE_VECTOR, "[[1,0,0],[0,1,0]]", "vectors of 2 numbers");
    assert_refused(IMAGE_VECTOR, "", "is empty");
}

static void test_wrong_usage(void)
{
    article_test test;
    int pictures = 0;
    setup(&test, &pictures);
    jd_article_report report;
    const jd_article_files cases[] = {{.collection = "x"},
                                      {.text = test.paths[0], .image_embeddings = test.paths[3]},
                                      {.images = test.paths[1], .text_embeddings = test.paths[2]}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        test.import.files = cases[i];
        g_assert_false(jd_import_article(test.base.store, &test.import, &report, &error));
        g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
    }
    g_autoptr(GError) error = NULL;
    test.import.files = (jd_article_files){.text = "/nonexistent/list.json"};
    g_assert_false(jd_import_article(test.base.store, &test.import, &report, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    teardown(&test);
}

/* Lists alone import without vectors, and are found by their words. */
static void test_without_vectors(void)
{
    article_test test;
    int pictures = 0;
    setup(&test, &pictures);
    test.import.files.text_embeddings = test.import.files.image_embeddings = NULL;
    jd_article_report report;
    g_assert_true(jd_import_article(test.base.store, &test.import, &report, NULL));
    jd_article_report_clear(&report);
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(test.base.store, NULL);
    g_assert_cmpuint(spaces->len, ==, 0);
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) results =
        jd_retrieve(test.base.store, &(jd_query){.text = "picture"}, &options, NULL);
    g_assert_cmpuint(results->images->len, ==, 1);
    teardown(&test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/import/all", test_import);
    g_test_add_func("/retrieve/import/again", test_import_again);
    g_test_add_func("/retrieve/import/refused", test_refused);
    g_test_add_func("/retrieve/import/usage", test_wrong_usage);
    g_test_add_func("/retrieve/import/words", test_without_vectors);
    return g_test_run();
}
