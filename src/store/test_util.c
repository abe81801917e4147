#include "store/test_util.h"

#include <glib/gstdio.h>
#include <string.h>

char *test_folder_new(void)
{
    g_autoptr(GError) error = NULL;
    char *folder = g_dir_make_tmp("jackdaw-store-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

void test_folder_free(char *folder)
{
    if (!folder)
        return;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

jd_store *test_open(const char *folder, jd_kb_mode mode)
{
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    g_autoptr(GError) error = NULL;
    jd_store *store = jd_store_open(path, &(jd_store_options){.mode = mode}, &error);
    g_assert_no_error(error);
    g_assert_nonnull(store);
    return store;
}

void test_assert_sound(jd_store *store)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = jd_store_verify(store, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < problems->len; i++)
        g_test_message("verify: %s", (char *)problems->pdata[i]);
    g_assert_cmpuint(problems->len, ==, 0);
}

test_document *test_document_new(const char *uri, const char *title)
{
    test_document *document = g_new0(test_document, 1);
    document->info = jd_document_info_new();
    document->info->collection = g_strdup("default");
    document->info->uri = g_strdup(uri);
    document->info->title = g_strdup(title);
    document->info->media_type = g_strdup("text/html");
    document->info->sha256 = g_strnfill(64, 'a');
    document->info->mtime = 1000;
    document->items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    return document;
}

void test_document_free(test_document *document)
{
    if (!document)
        return;
    jd_document_info_unref(document->info);
    g_ptr_array_unref(document->items);
    g_free(document);
}

static jd_item *add_item(test_document *document, jd_item_kind kind)
{
    jd_item *item = jd_item_new(kind);
    for (guint i = 0; i < document->items->len; i++)
        item->ordinal += ((jd_item *)document->items->pdata[i])->kind == kind;
    item->language = g_strdup("en");
    g_ptr_array_add(document->items, item);
    return item;
}

jd_item *test_add_chunk(test_document *document, const char *text, const char *section)
{
    jd_item *item = add_item(document, JD_ITEM_TEXT);
    item->text = g_strdup(text);
    if (section) {
        g_strfreev(item->section);
        item->section = g_strsplit(section, " > ", -1);
    }
    return item;
}

jd_item *test_add_image(test_document *document, const char *caption, const char *bytes)
{
    jd_item *item = add_item(document, JD_ITEM_IMAGE);
    item->caption = g_strdup(caption);
    if (bytes) {
        item->bytes = g_bytes_new(bytes, strlen(bytes));
        item->media_type = g_strdup("image/png");
    }
    return item;
}

gint64 test_put(jd_store *store, const test_document *document)
{
    g_autoptr(GError) error = NULL;
    gint64 id = 0;
    jd_store_document stored = {
        .info = document->info, .items = document->items, .settings = "chunking=default"};
    gboolean ok = jd_store_put_document(store, &stored, &id, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    g_assert_cmpint(id, >, 0);
    return id;
}

gint64 test_put_text(jd_store *store, const char *uri, const char *text)
{
    g_autoptr(test_document) document = test_document_new(uri, "Untitled");
    test_add_chunk(document, text, NULL);
    return test_put(store, document);
}

GArray *test_search(jd_store *store, const char *term, const jd_filter *filter, gsize limit)
{
    g_autoptr(GError) error = NULL;
    char *forms[] = {(char *)term, NULL};
    jd_query_term terms[] = {{.forms = forms}};
    jd_keyword_query query = {
        .kind = JD_ITEM_TEXT, .terms = terms, .term_count = 1, .filter = filter, .limit = limit};
    GArray *hits = jd_store_search_words(store, &query, &error);
    g_assert_no_error(error);
    g_assert_nonnull(hits);
    return hits;
}
