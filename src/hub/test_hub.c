/* The parts of this stage: which files make a model, names and paths, hashes, records, lists. */
#include "hub/catalog.h"
#include "hub/digest.h"
#include "hub/listing.h"
#include "hub/record.h"
#include "hub/tree.h"
#include "hub/watch.h"

#include <glib/gstdio.h>
#include <string.h>

static char *new_folder(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("jackdaw-hub-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static char *write_file(const char *folder, const char *name, const char *text)
{
    char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* ---- files ---- */

static GPtrArray *files_of(const char *list)
{
    GPtrArray *files = jd_model_files_new();
    g_auto(GStrv) names = g_strsplit(list, " ", -1);
    for (char **name = names; *name; name++)
        g_ptr_array_add(files, jd_model_file_new(*name, 1));
    return files;
}

static char *names_of(const GPtrArray *files)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; files && i < files->len; i++)
        g_string_append_printf(names, "%s%s", i ? " " : "",
                               ((const jd_model_file *)files->pdata[i])->path);
    return g_string_free(names, FALSE);
}

static void test_choose(void)
{
    static const struct {
        const char *files, *root, *chosen;
    } cases[] = {
        {"config.json model.safetensors pytorch_model.bin vocab.txt tf_model.h5", "",
         "config.json model.safetensors vocab.txt"},
        {"config.json pytorch_model.bin rust_model.ot onnx/model.onnx", "",
         "config.json pytorch_model.bin"},
        {"config.json model.safetensors.index.json model-00001-of-00002.safetensors "
         "model-00002-of-00002.safetensors model-x-of-2.safetensors pytorch_model.bin",
         "",
         "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors "
         "model.safetensors.index.json"},
        {"config.json pytorch_model.bin.index.json pytorch_model-00001-of-00001.bin", "",
         "config.json pytorch_model-00001-of-00001.bin pytorch_model.bin.index.json"},
        {"a/config.json a/model.safetensors a/1_Pooling/config.json a/2_Dense/config.json "
         "a/2_Dense/pytorch_model.bin a/2_Dense/model.safetensors a/openvino/config.json "
         "a/1_x/y/config.json b/config.json",
         "a/",
         "1_Pooling/config.json 2_Dense/config.json 2_Dense/model.safetensors config.json "
         "model.safetensors"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) files = files_of(cases[i].files);
        g_autofree char *root = jd_model_files_root(files, NULL);
        g_assert_cmpstr(root, ==, cases[i].root);
        g_autoptr(GPtrArray) chosen = jd_model_files_choose(files, root, NULL);
        g_autofree char *names = names_of(chosen);
        g_assert_cmpstr(names, ==, cases[i].chosen);
    }
}

static void test_no_model(void)
{
    static const struct {
        const char *files;
        int code;
    } cases[] = {
        {"config.json", JD_ERROR_UNSUPPORTED},
        {"model.safetensors vocab.txt", JD_ERROR_UNSUPPORTED},
        {"config.json model.gguf", JD_ERROR_UNSUPPORTED},
        {"a/config.json b/model.safetensors", JD_ERROR_UNSUPPORTED},
        {"a/config.json a/model.safetensors b/config.json b/model.safetensors", JD_ERROR_USAGE}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) files = files_of(cases[i].files);
        g_assert_null(jd_model_files_root(files, &error));
        g_assert_error(error, JD_ERROR, cases[i].code);
    }
}

static void test_paths_and_names(void)
{
    static const char *const safe[] = {"a", "a/b.json", "1_Pooling/config.json", "ä ö"};
    static const char *const unsafe[] = {"",     "/a",   "../a",  "a/..",    "a//b",
                                         "a/",   ".git", "a/.b",  "a\\b",    "a\nb",
                                         "\xff", "./a",  "a/./b", "a/\x7f/b"};
    static const char *const names[] = {"a", "A-b_c.d", "me/model", "a/b.c"};
    static const char *const no_names[] = {"",   "a/b/c", "..",  "a..b", "a--b", ".a",  "-a",
                                           "/a", "a/",    "a b", "ä",    "a\\b", "a/.b"};
    for (gsize i = 0; i < G_N_ELEMENTS(safe); i++)
        g_assert_true(jd_model_path_is_safe(safe[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(unsafe); i++)
        g_assert_false(jd_model_path_is_safe(unsafe[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_true(jd_model_name_check(names[i], NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(no_names); i++)
        g_assert_false(jd_model_name_check(no_names[i], NULL));
}

/* ---- the catalogue ---- */

static void test_catalog(void)
{
    for (const jd_known_model *model = jd_known_models; model->repository; model++) {
        const char *name = strchr(model->repository, '/') + 1;
        g_assert_true(jd_model_name_check(model->repository, NULL));
        g_assert_true(jd_known_model_find(model->repository) == model);
        g_assert_true(jd_known_model_find(name) == model);
        for (const jd_known_file *file = model->files; file && file->path; file++) {
            g_assert_true(jd_known_model_file(model, file->path) == file);
            g_assert_true(jd_known_model_by_hash(file->sha256) == model);
            g_assert_cmpuint(strspn(file->sha256, "0123456789abcdef"), ==, 64);
        }
    }
    g_assert_nonnull(jd_known_model_find("ms-marco-MiniLM-L-6-v2"));
    g_assert_null(jd_known_model_find("nobody/nothing"));
    g_assert_null(jd_known_model_file(NULL, "config.json"));
}

/* ---- hashes ---- */

/* `printf 'jackdaw\n' | sha256sum` and `printf 'jackdaw\n' | git hash-object --stdin` say so. */
static const char SHA256[] = "40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d";
static const char BLOB[] = "dee0efc183d44d6d19d1002cf107949ed51fc7a9";

static void test_digest(void)
{
    g_autofree char *folder = new_folder();
    g_autofree char *path = write_file(folder, "a", "jackdaw\n");
    g_auto(jd_digest) digest = {0};
    g_assert_true(jd_digest_file(path, TRUE, NULL, &digest, NULL));
    g_assert_cmpstr(digest.sha256, ==, SHA256);
    g_assert_cmpstr(digest.blob, ==, BLOB);
    g_assert_cmpint(digest.size, ==, 8);
    jd_remove_tree(folder);
}

static void test_digest_check(void)
{
    static const struct {
        gint64 size;
        const char *sha256, *blob;
        gboolean good;
    } cases[] = {{8, SHA256, BLOB, TRUE}, {-1, NULL, NULL, TRUE}, {-1, NULL, BLOB, TRUE},
                 {7, NULL, NULL, FALSE},  {8, BLOB, NULL, FALSE}, {8, NULL, SHA256, FALSE}};
    g_autofree char *folder = new_folder();
    g_autofree char *path = write_file(folder, "a", "jackdaw\n");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_model_file) file = jd_model_file_new("a", cases[i].size);
        file->sha256 = g_strdup(cases[i].sha256);
        file->blob = g_strdup(cases[i].blob);
        g_assert_true(jd_digest_check(path, file, NULL, &error) == cases[i].good);
        if (cases[i].good)
            g_assert_cmpstr(file->sha256, ==, SHA256);
        else
            g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    }
    jd_remove_tree(folder);
}

/* ---- records ---- */

static void test_record_round_trip(void)
{
    g_autofree char *folder = new_folder();
    g_autoptr(jd_record) record = jd_record_new();
    record->source = g_strdup("https://hub/\xff");
    record->use = g_strdup("text");
    record->family = g_strdup("bert");
    record->dimension = 384;
    record->installed = 1700000000;
    for (int i = 0; i <= JD_VERIFIED_KNOWN; i++) {
        g_autofree char *name = g_strdup_printf("%d", i);
        g_free(write_file(folder, name, name));
        jd_model_file *file = jd_model_file_new(name, 1 + (i == 2));
        file->sha256 = g_strdup(SHA256);
        file->verified = (jd_verified)i;
        g_ptr_array_add(record->files, file);
    }
    g_assert_true(jd_record_write(record, folder, NULL));
    g_autoptr(jd_record) got = jd_record_read(folder, NULL);
    g_assert_nonnull(got);
    g_assert_cmpstr(got->source, ==, "https://hub/\xEF\xBF\xBD");
    g_assert_null(got->licence);
    g_assert_cmpint(got->dimension, ==, 384);
    g_assert_cmpint(got->installed, ==, 1700000000);
    g_assert_cmpuint(got->files->len, ==, 4);
    g_assert_cmpstr(jd_record_main_file(got)->path, ==, "2");
    g_assert_cmpint(jd_record_main_file(got)->verified, ==, JD_VERIFIED_HUB);
    g_autofree char *problem = jd_record_compare(got, folder);
    g_assert_nonnull(strstr(problem, "its 2 was changed"));
    jd_remove_tree(folder);
}

/* ---- lists ---- */

static void test_listing(void)
{
    static const char text[] =
        "{\"sha\":\"0123456789ABCDEF0123456789abcdef01234567\",\"tags\":[\"x\",\"license:mit\"],"
        "\"siblings\":[{\"rfilename\":\"config.json\",\"size\":3,"
        "\"blobId\":\"0123456789abcdef0123456789abcdef01234567\"},"
        "{\"rfilename\":\"../evil\",\"size\":3},{\"size\":3},7,"
        "{\"rfilename\":\"model.safetensors\",\"size\":9,"
        "\"blobId\":\"0123456789abcdef0123456789abcdef01234567\",\"lfs\":{\"sha256\":\"zz\"}}]}";
    g_autoptr(jd_hub_listing) listing = jd_hub_listing_parse(text, strlen(text), NULL);
    g_assert_cmpuint(listing->files->len, ==, 2);
    const jd_model_file *config = listing->files->pdata[0], *weights = listing->files->pdata[1];
    g_assert_cmpstr(listing->revision, ==, "0123456789abcdef0123456789abcdef01234567");
    g_assert_cmpstr(listing->licence, ==, "mit");
    g_assert_cmpstr(config->blob, ==, "0123456789abcdef0123456789abcdef01234567");
    g_assert_cmpint(weights->size, ==, 9);
    g_assert_null(weights->blob);   /* that is the link's */
    g_assert_null(weights->sha256); /* that is none */
    g_assert_null(jd_hub_listing_parse("<html>", 6, NULL));
}

static void test_hashes_of_an_answer(void)
{
    const struct {
        const char *etag, *linked;
        const char *sha256, *blob;
    } cases[] = {{"\"x\"", NULL, NULL, NULL},
                 {"\"dee0efc183d44d6d19d1002cf107949ed51fc7a9\"", NULL, NULL,
                  "dee0efc183d44d6d19d1002cf107949ed51fc7a9"},
                 {"W/\"dee0efc183d44d6d19d1002cf107949ed51fc7a9\"", NULL, NULL,
                  "dee0efc183d44d6d19d1002cf107949ed51fc7a9"},
                 {"\"x\"", "\"40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d\"",
                  "40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d", NULL},
                 {"\"dee0efc183d44d6d19d1002cf107949ed51fc7a9\"",
                  "40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d",
                  "40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d", NULL}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(jd_model_file) file = jd_model_file_new("a", 8);
        const jd_hub_reply reply = {.etag = (char *)cases[i].etag,
                                    .linked_etag = (char *)cases[i].linked};
        g_assert_true(jd_hub_take_hashes(file, &reply, NULL));
        g_assert_cmpstr(file->sha256, ==, cases[i].sha256);
        g_assert_cmpstr(file->blob, ==, cases[i].blob);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_model_file) file = jd_model_file_new("a", 8);
    file->sha256 = g_strnfill(64, '0');
    const jd_hub_reply reply = {
        .linked_etag =
            (char *)"\"40aa6a1bfe338bc2c900643c1f4cc764d0065befd41584cfae30e7dd74d4d74d\""};
    g_assert_false(jd_hub_take_hashes(file, &reply, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
}

/* ---- URLs ---- */

static void test_urls(void)
{
    g_autofree char *plain = jd_hub_origin("HTTPS://Hub.Example:443/a?b");
    g_autofree char *port = jd_hub_origin("http://hub:8080");
    g_assert_cmpstr(plain, ==, "https://hub.example");
    g_assert_cmpstr(port, ==, "http://hub:8080");
    g_assert_null(jd_hub_origin("ftp://hub"));
    g_assert_null(jd_hub_origin("hub"));
    g_assert_true(jd_hub_is_local("http://127.0.0.1:80/"));
    g_assert_true(jd_hub_is_local("http://LOCALHOST/"));
    g_assert_true(jd_hub_is_local("http://[::1]:3/"));
    g_assert_false(jd_hub_is_local("http://127.0.0.1.example.org/"));
    g_autofree char *escaped = jd_hub_escape("1_Pooling/a b#c?.json");
    g_assert_cmpstr(escaped, ==, "1_Pooling/a%20b%23c%3F.json");
}

/* ---- how far it is ---- */

static void test_watch(void)
{
    jd_watch watch = {0};
    jd_watch_begin(&watch, "pull", 100);
    g_assert_true(jd_watch_skip(&watch, 60, NULL) && jd_watch_advance(&watch, 10, NULL));
    g_assert_cmpuint(watch.progress.done, ==, 70);
    g_assert_cmpuint(watch.progress.before, ==, 60);
    g_assert_true(jd_watch_skip(&watch, -60, NULL)); /* that was of no use */
    g_assert_cmpuint(watch.progress.done, ==, 10);
    g_assert_cmpuint(watch.progress.before, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hub/files/choose", test_choose);
    g_test_add_func("/hub/files/no-model", test_no_model);
    g_test_add_func("/hub/files/paths-and-names", test_paths_and_names);
    g_test_add_func("/hub/catalog", test_catalog);
    g_test_add_func("/hub/digest", test_digest);
    g_test_add_func("/hub/digest/check", test_digest_check);
    g_test_add_func("/hub/record", test_record_round_trip);
    g_test_add_func("/hub/watch", test_watch);
    g_test_add_func("/hub/listing", test_listing);
    g_test_add_func("/hub/listing/hashes", test_hashes_of_an_answer);
    g_test_add_func("/hub/urls", test_urls);
    return g_test_run();
}
