/* Erasing, giving space back, copying a live base, and finding what is wrong with one. */
#include "store/test_util.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

static char *kb_path(const char *folder)
{
    return g_build_filename(folder, "kb.db", NULL);
}

/* ---- erasing ---- */

/* Whether any file of the folder holds these bytes. */
static gboolean is_on_disk(const char *folder, const char *bytes)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *text = NULL;
        gsize length = 0;
        g_assert_true(g_file_get_contents(path, &text, &length, NULL));
        if (memmem(text, length, bytes, strlen(bytes)))
            return TRUE;
    }
    return FALSE;
}

static const char *const secrets[] = {"qzxjtitle",   "vqzkheading",      "jqxwpassage",
                                      "zvqjcaption", "xkqvpicturebytes", "wjzqaddress"};

static gint64 put_secret(jd_store *store, const char *uri)
{
    g_autoptr(test_document) document = test_document_new(uri, "qzxjtitle of it");
    for (int i = 0; i < 30; i++)
        test_add_chunk(document, "a jqxwpassage to be forgotten", "vqzkheading");
    test_add_image(document, "zvqjcaption", "xkqvpicturebytes");
    gint64 id = test_put(store, document);
    jd_space space = {.model = (char *)"m", .dimension = 2};
    gint64 space_id;
    g_assert_true(jd_store_ensure_space(store, &space, &space_id, NULL));
    float *secret_vector = (float *)(void *)"jqxwvec"; /* eight bytes that can be looked for */
    jd_vectors vectors = {
        .space = space_id, .kind = JD_ITEM_TEXT, .ids = &id, .values = secret_vector, .n = 1};
    g_autoptr(GArray) hits = test_search(store, "jqxwpassag", NULL, 1);
    vectors.ids = &g_array_index(hits, jd_hit, 0).id;
    g_assert_true(jd_store_put_vectors(store, &vectors, NULL));
    return id;
}

static void put_filler(jd_store *store, int from, int to)
{
    for (int i = from; i < to; i++) {
        g_autofree char *uri = g_strdup_printf("/filler/%d", i);
        g_autofree char *text = g_strdup_printf("filler number %d of many others", i);
        test_put_text(store, uri, text);
    }
}

static void check_erased(const char *folder)
{
    for (gsize i = 0; i < G_N_ELEMENTS(secrets); i++) {
        g_test_message("%s", secrets[i]);
        g_assert_false(is_on_disk(folder, secrets[i]));
    }
    g_assert_false(is_on_disk(folder, "jqxwpassag")); /* as a term */
    g_assert_false(is_on_disk(folder, "jqxwvec"));
}

static void test_removed_is_erased(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    put_filler(store, 0, 50);
    gint64 id = put_secret(store, "/wjzqaddress");
    put_filler(store, 50, 100);
    for (gsize i = 0; i < G_N_ELEMENTS(secrets); i++)
        g_assert_true(is_on_disk(folder, secrets[i]));
    g_assert_true(is_on_disk(folder, "jqxwvec"));
    g_assert_true(jd_store_remove_document(store, id, NULL));
    g_assert_true(jd_store_compact(store, NULL));
    check_erased(folder);
    test_assert_sound(store);
}

static void test_replaced_is_erased(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    put_secret(store, "/a");
    put_filler(store, 0, 50);
    test_put_text(store, "/a", "something else");
    g_assert_true(jd_store_compact(store, NULL));
    check_erased(folder);
    test_assert_sound(store);
}

static guint64 file_size(const char *path)
{
    GStatBuf info;
    g_assert_cmpint(g_stat(path, &info), ==, 0);
    return (guint64)info.st_size;
}

static void test_space_is_given_back(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder), *wal = g_strconcat(path, "-wal", NULL);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    put_filler(store, 0, 20);
    g_assert_true(jd_store_compact(store, NULL));
    guint64 small = file_size(path);
    g_autofree char *bytes = g_strnfill(3000000, 'p');
    g_autoptr(test_document) document = test_document_new("/big", "Big");
    test_add_image(document, "picture", bytes);
    for (int i = 0; i < 500; i++)
        test_add_chunk(document, "many words of which there are too many", NULL);
    gint64 id = test_put(store, document);
    g_assert_true(jd_store_compact(store, NULL));
    g_assert_cmpuint(file_size(path), >, small + 3000000);
    g_assert_true(jd_store_remove_document(store, id, NULL));
    g_assert_true(jd_store_compact(store, NULL));
    g_assert_cmpuint(file_size(path), <, small + 100000);
    g_assert_cmpuint(file_size(wal), ==, 0);
    test_assert_sound(store);
}

/* ---- copying ---- */

static void test_backup(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_auto(test_folder) other = test_folder_new();
    g_autofree char *to = g_build_filename(other, "kb.db", NULL);
    g_autoptr(jd_store) writer = test_open(folder, JD_KB_WRITE);
    put_secret(writer, "/a");
    put_filler(writer, 0, 100);
    g_autoptr(jd_store) reader = test_open(folder, JD_KB_READ);
    g_autoptr(GError) error = NULL;
    /* A write that is under way is not in the copy, and does not stop it. */
    g_assert_true(jd_store_begin(writer, NULL));
    put_filler(writer, 100, 120);
    g_assert_false(jd_store_backup(writer, to, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
    g_clear_error(&error);
    g_assert_true(jd_store_backup(reader, to, &error));
    g_assert_no_error(error);
    g_assert_true(jd_store_commit(writer, NULL));
    g_autoptr(jd_store) copy = test_open(other, JD_KB_READ);
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(copy, &stats, NULL));
    g_assert_cmpuint(stats.documents, ==, 101);
    g_assert_cmpuint(stats.vectors, ==, 1);
    test_assert_sound(copy);
    g_clear_pointer(&copy, jd_store_close);
    /* The copy is a knowledge base like any other. */
    g_autoptr(jd_store) written = test_open(other, JD_KB_WRITE);
    put_filler(written, 200, 210);
    test_assert_sound(written);
}

static void test_backup_replaces_nothing(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_auto(test_folder) other = test_folder_new();
    g_autofree char *to = g_build_filename(other, "copy.db", NULL);
    g_autofree char *nowhere = g_build_filename(other, "absent", "copy.db", NULL);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    g_assert_true(g_file_set_contents(to, "mine", -1, NULL));
    g_assert_false(jd_store_backup(store, to, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_USAGE);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(to, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "mine");
    g_clear_error(&error);
    g_assert_false(jd_store_backup(store, nowhere, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_autoptr(GDir) dir = g_dir_open(other, 0, NULL);
    g_assert_cmpstr(g_dir_read_name(dir), ==, "copy.db");
    g_assert_null(g_dir_read_name(dir)); /* nothing half made is left */
}

/* ---- finding damage ---- */

static void tamper(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    char *message = NULL;
    int rc = sqlite3_exec(db, text, NULL, NULL, &message);
    if (rc != SQLITE_OK)
        g_test_message("%s", message);
    g_assert_cmpint(rc, ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_close(db), ==, SQLITE_OK);
}

static gboolean any_contains(const GPtrArray *problems, const char *part)
{
    for (guint i = 0; i < problems->len; i++)
        if (strstr(problems->pdata[i], part))
            return TRUE;
    return FALSE;
}

static void test_verify_finds(void)
{
    static const struct {
        const char *sql, *finding;
    } cases[] = {
        {"UPDATE chunk SET text = 'other' WHERE id = 3", "word index of the texts"},
        {"UPDATE chunk SET language = 'de' WHERE id = 3", "language \"de\""},
        {"UPDATE document SET title = 'other' WHERE id = 1", "word index of the images"},
        {"DELETE FROM chunk WHERE id = 4", "word index of the texts"},
        {"DELETE FROM chunk WHERE id = 4", "number of texts"},
        {"DELETE FROM image WHERE id = 1", "number of images"},
        {"DELETE FROM image WHERE id = 1", "belongs to no image"},
        {"DELETE FROM document WHERE id = 1", "document that is not there"},
        {"UPDATE picture SET bytes = x'00'", "SHA-256"},
        {"UPDATE language SET items = 5", "number of items"},
        {"UPDATE vector_block SET items = x'0102'", "sizes that do not fit"},
        {"UPDATE vector_block SET count = 1000000000", "sizes that do not fit"},
        {"UPDATE vector_block SET data = x'0000c07f0000c07f'", "finite"},
        {"UPDATE vector_block SET first = 7", "does not begin"},
        {"UPDATE vector_block SET kind = 1, items = x'3000000000000000', first = 48",
         "item that is not there"},
        {"UPDATE space SET dimension = 0", "impossible dimension"},
        {"UPDATE space SET dimension = 2000000000", "impossible dimension"},
        {"DELETE FROM chunk_words_data WHERE id > 10", "word index"},
        {"DELETE FROM chunk_words_docsize WHERE id = 1", "lacks 1"},
        {"CREATE TABLE more(a)", "none of Jackdaw's"},
        {"DROP INDEX chunk_place", "is missing"},
        {"DROP VIEW chunk_content; CREATE VIEW chunk_content AS SELECT 1 AS id, 'a' AS title,"
         " 'b' AS section, 'c' AS text",
         "is not as Jackdaw makes it"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(test_folder) folder = test_folder_new();
        g_autofree char *path = kb_path(folder);
        jd_store *store = test_open(folder, JD_KB_WRITE);
        put_secret(store, "/a");
        jd_store_close(store);
        tamper(path, cases[i].sql);
        g_autoptr(jd_store) damaged = test_open(folder, JD_KB_READ);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) problems = jd_store_verify(damaged, &error);
        g_assert_no_error(error);
        for (guint k = 0; k < problems->len; k++)
            g_test_message("%s: %s", cases[i].sql, (char *)problems->pdata[k]);
        g_assert_true(any_contains(problems, cases[i].finding));
    }
}

/* Flipping any byte of a page gives an error or a finding, or it is one that no content is in. */
static void test_flipped_bytes(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = kb_path(folder), *good = NULL;
    gsize length;
    jd_store *store = test_open(folder, JD_KB_WRITE);
    put_secret(store, "/a");
    jd_store_close(store);
    g_assert_true(g_file_get_contents(path, &good, &length, NULL));
    g_autoptr(GRand) random = g_rand_new_with_seed(3);
    int noticed = 0;
    enum { ROUNDS = 60, BYTES = 300 };
    for (int round = 0; round < ROUNDS; round++) {
        g_autofree char *bad = g_memdup2(good, length);
        for (int i = 0; i < BYTES; i++)
            bad[g_rand_int_range(random, 100, (gint32)length)] ^=
                (char)(1 << g_rand_int_range(random, 0, 8));
        g_assert_true(g_file_set_contents(path, bad, (gssize)length, NULL));
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_store) damaged =
            jd_store_open(path, &(jd_store_options){.mode = JD_KB_READ}, &error);
        g_autoptr(GPtrArray) problems = damaged ? jd_store_verify(damaged, &error) : NULL;
        noticed += !problems || problems->len > 0;
    }
    g_assert_cmpint(noticed, >, ROUNDS / 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/keep/removed", test_removed_is_erased);
    g_test_add_func("/store/keep/replaced", test_replaced_is_erased);
    g_test_add_func("/store/keep/space", test_space_is_given_back);
    g_test_add_func("/store/keep/backup", test_backup);
    g_test_add_func("/store/keep/backup-refused", test_backup_replaces_nothing);
    g_test_add_func("/store/keep/verify", test_verify_finds);
    g_test_add_func("/store/keep/flipped", test_flipped_bytes);
    return g_test_run();
}
