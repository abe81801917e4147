#include "retrieve/test_base.h"

#include <glib/gstdio.h>

void test_base_init(test_base *base)
{
    g_autoptr(GError) error = NULL;
    base->folder = g_dir_make_tmp("jackdaw-XXXXXX", &error);
    g_assert_no_error(error);
    base->path = g_build_filename(base->folder, "kb.db", NULL);
    base->store = jd_store_open(base->path, &(jd_store_options){.mode = JD_KB_WRITE}, &error);
    g_assert_no_error(error);
}

void test_base_clear(test_base *base)
{
    jd_store_close(base->store);
    g_autoptr(GDir) folder = g_dir_open(base->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(folder));) {
        g_autofree char *path = g_build_filename(base->folder, name, NULL);
        g_unlink(path);
    }
    g_rmdir(base->folder);
    g_free(base->folder);
    g_free(base->path);
}

gint64 test_base_add(test_base *base, const char *title, const test_item *items, gsize n)
{
    g_autoptr(jd_document_info) info = jd_document_info_new();
    info->collection = g_strdup("default");
    info->uri = g_strconcat("/docs/", title, NULL);
    info->title = g_strdup(title);
    info->media_type = g_strdup("text/html");
    info->sha256 = g_strnfill(64, '0');
    info->language = g_strdup("en");
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    int ordinals[2] = {0};
    for (gsize i = 0; i < n; i++) {
        jd_item *item = jd_item_new(items[i].kind);
        item->ordinal = ordinals[items[i].kind]++;
        item->start = items[i].end ? items[i].start : -1;
        item->end = items[i].end ? items[i].end : -1;
        item->language = g_strdup("en");
        g_strfreev(item->section);
        item->section = g_strsplit(items[i].section ? items[i].section : "", "|", -1);
        char **words = items[i].kind == JD_ITEM_TEXT ? &item->text : &item->caption;
        *words = g_strdup(items[i].words);
        g_ptr_array_add(list, item);
    }
    g_autoptr(GError) error = NULL;
    gint64 id = 0;
    jd_store_document document = {.info = info, .items = list, .settings = "test"};
    jd_store_put_document(base->store, &document, &id, &error);
    g_assert_no_error(error);
    return id;
}

void test_base_add_vectors(test_base *base, const char *model, int dimension, jd_vectors vectors)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strdup(model);
    jd_space space = {.model = name, .revision = name + strlen(name), .dimension = dimension};
    jd_store_ensure_space(base->store, &space, &vectors.space, &error);
    g_assert_no_error(error);
    jd_store_put_vectors(base->store, &vectors, &error);
    g_assert_no_error(error);
}
