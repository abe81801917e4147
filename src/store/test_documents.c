/* Documents and items: what is put comes back, is replaced, removed, listed and filtered. */
#include "base/hash.h"
#include "store/test_util.h"

#include <string.h>

static jd_item *get_item(jd_store *store, jd_item_kind kind, gint64 id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) items = jd_store_get_items(store, kind, &id, 1, &error);
    g_assert_no_error(error);
    return g_ptr_array_steal_index(items, 0);
}

static gboolean collect(const jd_item *item, void *user)
{
    gint64 id = item->id;
    g_array_append_val((GArray *)user, id);
    return TRUE;
}

static GArray *ids_of(jd_store *store, jd_item_kind kind, const jd_filter *filter)
{
    g_autoptr(GError) error = NULL;
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    jd_item_walk walk = {.kind = kind, .filter = filter, .each = collect, .user = ids};
    jd_store_each_item(store, &walk, &error);
    g_assert_no_error(error);
    return ids;
}

static void test_round_trip_chunk(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a/b.html", "A title");
    document->info->published = g_strdup("2024-05-06");
    document->info->authors = g_strdup("A. Author");
    document->info->language = g_strdup("en");
    document->info->size = 1234567890123;
    jd_item *put = test_add_chunk(document, "Some text.", "One > Two\x1fthree");
    put->page = 7;
    put->box[1] = 1.5f;
    put->start = 10;
    put->end = 20;
    test_add_chunk(document, "", NULL);
    gint64 id = test_put(store, document);

    g_autoptr(GArray) ids = ids_of(store, JD_ITEM_TEXT, NULL);
    g_assert_cmpuint(ids->len, ==, 2);
    g_autoptr(jd_item) got = get_item(store, JD_ITEM_TEXT, g_array_index(ids, gint64, 0));
    g_assert_cmpstr(got->text, ==, "Some text.");
    g_assert_cmpuint(g_strv_length(got->section), ==, 2);
    g_assert_cmpstr(got->section[0], ==, "One");
    g_assert_cmpstr(got->section[1], ==, "Two three");
    g_assert_cmpint(got->page, ==, 7);
    g_assert_cmpfloat(got->box[1], ==, 1.5f);
    g_assert_cmpint(got->start, ==, 10);
    g_assert_cmpint(got->end, ==, 20);
    g_assert_cmpstr(got->language, ==, "en");
    const jd_document_info *info = got->document;
    g_assert_cmpint(info->id, ==, id);
    g_assert_cmpstr(info->uri, ==, "/a/b.html");
    g_assert_cmpstr(info->title, ==, "A title");
    g_assert_cmpstr(info->published, ==, "2024-05-06");
    g_assert_cmpstr(info->authors, ==, "A. Author");
    g_assert_cmpint(info->size, ==, 1234567890123);
    g_assert_cmpint(info->mtime, ==, 1000);
    g_assert_cmpuint(info->chunk_count, ==, 2);

    g_autoptr(jd_item) bare = get_item(store, JD_ITEM_TEXT, g_array_index(ids, gint64, 1));
    g_assert_cmpstr(bare->text, ==, "");
    g_assert_nonnull(bare->section);
    g_assert_null(bare->section[0]);
    g_assert_cmpint(bare->start, ==, -1);
    g_autofree char *settings = jd_store_document_settings(store, id, NULL);
    g_assert_cmpstr(settings, ==, "chunking=default");
    test_assert_sound(store);
}

static void test_round_trip_image(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a.html", "T");
    jd_item *put = test_add_image(document, "A caption", "bytes");
    put->alt = g_strdup("alt");
    put->ocr = g_strdup("ocr");
    put->nearby = g_strdup("nearby");
    put->source = g_strdup("x.png");
    put->width = 640;
    put->height = 480;
    jd_item *without = test_add_image(document, NULL, NULL);
    without->source = g_strdup("http://example.org/y.png");
    test_put(store, document);

    g_autoptr(jd_item) got = get_item(store, JD_ITEM_IMAGE, 1);
    g_assert_cmpstr(got->caption, ==, "A caption");
    g_assert_cmpstr(got->alt, ==, "alt");
    g_assert_cmpstr(got->ocr, ==, "ocr");
    g_assert_cmpstr(got->nearby, ==, "nearby");
    g_assert_cmpstr(got->source, ==, "x.png");
    g_assert_cmpstr(got->media_type, ==, "image/png");
    g_assert_cmpint(got->width, ==, 640);
    g_assert_cmpint(got->height, ==, 480);
    g_assert_null(got->text);
    g_autoptr(GBytes) bytes = jd_store_get_picture(store, got->sha256, NULL);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "bytes", 5);

    g_autoptr(jd_item) bare = get_item(store, JD_ITEM_IMAGE, 2);
    g_assert_null(bare->caption);
    g_assert_null(bare->sha256);
    g_assert_null(bare->media_type);
    test_assert_sound(store);
}

static void test_replace(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    gint64 first = test_put_text(store, "/a", "old words");
    gint64 other = test_put_text(store, "/b", "other words");
    g_assert_cmpint(test_put_text(store, "/a", "new text"), ==, first);
    g_autoptr(GArray) ids = ids_of(store, JD_ITEM_TEXT, NULL);
    g_assert_cmpuint(ids->len, ==, 2);
    g_assert_cmpint(g_array_index(ids, gint64, 0), ==, 2);
    g_assert_cmpint(g_array_index(ids, gint64, 1), ==, 3); /* an id is never given out again */
    g_autoptr(GArray) old = test_search(store, "old", NULL, 10);
    g_assert_cmpuint(old->len, ==, 0);
    g_autoptr(GArray) new = test_search(store, "text", NULL, 10);
    g_assert_cmpuint(new->len, ==, 1);
    g_assert_cmpint(other, !=, first);
    test_assert_sound(store);
}

static void test_same_uri_in_two_collections(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a", "T");
    test_add_chunk(document, "text", NULL);
    gint64 first = test_put(store, document);
    g_free(document->info->collection);
    document->info->collection = g_strdup("other");
    gint64 second = test_put(store, document);
    g_assert_cmpint(first, !=, second);
    g_autoptr(jd_document_info) found = NULL;
    g_assert_true(jd_store_find_document(store, "other", "/a", &found, NULL));
    g_assert_cmpint(found->id, ==, second);
    jd_document_info *none = found;
    g_assert_true(jd_store_find_document(store, "third", "/a", &none, NULL));
    g_assert_null(none);
}

static void test_pictures_are_kept_once(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    jd_store_stats stats;
    g_autoptr(test_document) a = test_document_new("/a", "A");
    test_add_image(a, "one", "same");
    test_add_image(a, "two", "same");
    test_add_image(a, "three", "only here");
    g_autoptr(test_document) b = test_document_new("/b", "B");
    test_add_image(b, "four", "same");
    gint64 first = test_put(store, a), second = test_put(store, b);
    jd_store_get_stats(store, &stats, NULL);
    g_assert_cmpuint(stats.pictures, ==, 2);
    g_assert_true(jd_store_remove_document(store, first, &error));
    jd_store_get_stats(store, &stats, NULL);
    g_assert_cmpuint(stats.pictures, ==, 1);
    g_assert_true(jd_store_remove_document(store, second, &error));
    jd_store_get_stats(store, &stats, NULL);
    g_assert_cmpuint(stats.pictures, ==, 0);
    test_assert_sound(store);
}

static void test_remove_item(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    g_autoptr(test_document) document = test_document_new("/a", "A");
    test_add_chunk(document, "apple", NULL);
    test_add_chunk(document, "pear", NULL);
    test_add_image(document, "plum", "bytes");
    gint64 id = test_put(store, document);
    g_assert_true(jd_store_remove_item(store, JD_ITEM_TEXT, 1, &error));
    g_assert_true(jd_store_remove_item(store, JD_ITEM_IMAGE, 1, &error));
    g_assert_false(jd_store_remove_item(store, JD_ITEM_IMAGE, 1, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_autoptr(GPtrArray) list = jd_store_list_documents(store, NULL, NULL);
    const jd_document_info *info = list->pdata[0];
    g_assert_cmpint(info->id, ==, id);
    g_assert_cmpuint(info->chunk_count, ==, 1);
    g_assert_cmpuint(info->image_count, ==, 0);
    test_assert_sound(store);
}

static void test_pictures_shown_by_documents(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) page = test_document_new("/page.html", "Page");
    g_autoptr(test_document) file = test_document_new("/alone.png", "alone.png");
    g_free(file->info->media_type);
    file->info->media_type = g_strdup("image/png");
    const char *const shown_bytes = "shown", *const alone_bytes = "alone";
    test_add_image(page, "caption", shown_bytes);
    test_add_image(file, NULL, alone_bytes);
    test_put(store, page);
    test_put(store, file);
    g_autofree char *shown_hash = jd_sha256(shown_bytes, strlen(shown_bytes));
    g_autofree char *alone_hash = jd_sha256(alone_bytes, strlen(alone_bytes));
    gboolean shown = FALSE;
    g_assert_true(jd_store_is_shown(store, page->info->collection, shown_hash, &shown, NULL));
    g_assert_true(shown);
    g_assert_true(jd_store_is_shown(store, page->info->collection, alone_hash, &shown, NULL));
    g_assert_false(shown);
    g_assert_true(jd_store_is_shown(store, "another", shown_hash, &shown, NULL));
    g_assert_false(shown);
}

static void test_unknown_ids(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    gint64 id = 5;
    g_assert_null(jd_store_get_items(store, JD_ITEM_TEXT, &id, 1, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(jd_store_remove_document(store, 5, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(jd_store_get_picture(store, "00", &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(jd_store_document_settings(store, 5, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
}

/* ---- filters ---- */

static void put_for_filter(jd_store *store, const char *uri, const char *title, const char *type,
                           gint64 mtime)
{
    g_autoptr(test_document) document = test_document_new(uri, title);
    g_free(document->info->media_type);
    document->info->media_type = g_strdup(type);
    document->info->mtime = mtime;
    test_add_chunk(document, "common first", "Einführung > Über uns");
    test_add_chunk(document, "common second", "Other");
    test_put(store, document);
}

static void test_filters(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    put_for_filter(store, "/a.html", "Straße und Haus", "text/html", 100);
    put_for_filter(store, "/b.md", "Another", "text/markdown", 200);
    put_for_filter(store, "/c.png", "Third", "image/png", 300);
    const struct {
        jd_filter filter;
        const char *ids; /* chunks: 1 2 of the first document, 3 4, 5 6 */
        guint documents;
    } cases[] = {
        {{0}, "1 2 3 4 5 6", 3},
        {{.title = "STRASSE"}, "1 2", 1},
        {{.section = "U\xCC\x88"
                     "BER"},
         "1 3 5",
         3}, /* decomposed */
        {{.title = "th"}, "3 4 5 6", 2},
        {{.section = "über"}, "1 3 5", 3},
        {{.section = "nowhere"}, "", 0},
        {{.type = "html"}, "1 2", 1},
        {{.type = "text/"}, "1 2 3 4", 2},
        {{.type = "markdown"}, "3 4", 1},
        {{.type = "PNG"}, "5 6", 1},
        {{.type = "image/"}, "5 6", 1},
        {{.type = "pdf"}, "", 0},
        {{.since = 200}, "3 4 5 6", 2},
        {{.document = 2}, "3 4", 1},
        {{.collection = "default"}, "1 2 3 4 5 6", 3},
        {{.collection = "other"}, "", 0},
        {{.type = "text/", .section = "other", .since = 150}, "4", 1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) ids = ids_of(store, JD_ITEM_TEXT, &cases[i].filter);
        g_autoptr(GString) text = g_string_new(NULL);
        for (guint k = 0; k < ids->len; k++)
            g_string_append_printf(text, "%s%d", k ? " " : "", (int)g_array_index(ids, gint64, k));
        g_assert_cmpstr(text->str, ==, cases[i].ids);
        g_autoptr(GPtrArray) list = jd_store_list_documents(store, &cases[i].filter, NULL);
        g_assert_cmpuint(list->len, ==, cases[i].documents);
        g_autoptr(GArray) hits = test_search(store, "common", &cases[i].filter, 10);
        g_assert_cmpuint(hits->len, ==, ids->len);
    }
}

static gboolean stop_at_second(const jd_item *item, void *user)
{
    return ++*(int *)user < 2;
}

static void test_walk_and_range(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a", "A");
    for (int i = 0; i < 5; i++)
        test_add_chunk(document, "text", NULL);
    gint64 id = test_put(store, document);
    int calls = 0;
    jd_item_walk walk = {.kind = JD_ITEM_TEXT, .each = stop_at_second, .user = &calls};
    g_assert_true(jd_store_each_item(store, &walk, NULL));
    g_assert_cmpint(calls, ==, 2);
    jd_item_range range = {.document = id, .kind = JD_ITEM_TEXT, .first = 1, .last = 3};
    g_autoptr(GPtrArray) items = jd_store_get_range(store, &range, NULL);
    g_assert_cmpuint(items->len, ==, 3);
    g_assert_cmpint(((jd_item *)items->pdata[0])->ordinal, ==, 1);
    g_assert_cmpint(((jd_item *)items->pdata[2])->ordinal, ==, 3);
}

/* ---- batches ---- */

static void test_batches(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(jd_store) reader = test_open(folder, JD_KB_READ);
    g_autoptr(GError) error = NULL;
    jd_store_stats stats;
    g_assert_true(jd_store_begin(store, NULL));
    g_assert_false(jd_store_begin(store, &error));
    g_clear_error(&error);
    test_put_text(store, "/a", "one");
    test_put_text(store, "/b", "two");
    jd_store_get_stats(reader, &stats, NULL);
    g_assert_cmpuint(stats.documents, ==, 0);
    g_assert_true(jd_store_commit(store, NULL));
    jd_store_get_stats(reader, &stats, NULL);
    g_assert_cmpuint(stats.documents, ==, 2);
    g_assert_true(jd_store_begin(store, NULL));
    test_put_text(store, "/c", "three");
    jd_store_rollback(store);
    /* A reader's batch is a snapshot. */
    g_assert_true(jd_store_begin(reader, NULL));
    jd_store_get_stats(reader, &stats, NULL);
    test_put_text(store, "/d", "four");
    jd_store_get_stats(reader, &stats, NULL);
    g_assert_cmpuint(stats.documents, ==, 2);
    g_assert_true(jd_store_commit(reader, NULL));
    jd_store_get_stats(reader, &stats, NULL);
    g_assert_cmpuint(stats.documents, ==, 3);
    test_assert_sound(reader);
}

static void test_a_reader_does_not_write(void)
{
    g_auto(test_folder) folder = test_folder_new();
    jd_store_close(test_open(folder, JD_KB_WRITE));
    g_autoptr(jd_store) reader = test_open(folder, JD_KB_READ);
    g_autoptr(GError) error = NULL;
    g_autoptr(test_document) document = test_document_new("/a", "A");
    jd_store_document put = {.info = document->info, .items = document->items};
    g_assert_false(jd_store_put_document(reader, &put, NULL, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_READ_ONLY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/documents/chunk", test_round_trip_chunk);
    g_test_add_func("/store/documents/image", test_round_trip_image);
    g_test_add_func("/store/documents/replace", test_replace);
    g_test_add_func("/store/documents/collections", test_same_uri_in_two_collections);
    g_test_add_func("/store/documents/pictures", test_pictures_are_kept_once);
    g_test_add_func("/store/documents/remove-item", test_remove_item);
    g_test_add_func("/store/documents/shown", test_pictures_shown_by_documents);
    g_test_add_func("/store/documents/unknown", test_unknown_ids);
    g_test_add_func("/store/documents/filters", test_filters);
    g_test_add_func("/store/documents/walk", test_walk_and_range);
    g_test_add_func("/store/documents/batches", test_batches);
    g_test_add_func("/store/documents/reader", test_a_reader_does_not_write);
    return g_test_run();
}
