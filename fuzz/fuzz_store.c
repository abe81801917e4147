/*
 * A damaged knowledge base: opened, verified, listed, searched, scanned, then written to.
 *
 * The input says what is wrong with it: records of four bytes, three for a place in the file
 * (little end first) and one to be XORed onto the byte there; 0 cuts the file off there.
 */
#include "base/hash.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static jd_store *open_store(const char *path, jd_kb_mode mode)
{
    return jd_store_open(path, &(jd_store_options){.mode = mode, .busy_timeout_ms = 1}, NULL);
}

static void put(jd_store *store, const char *uri)
{
    g_autoptr(jd_document_info) info = jd_document_info_new();
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    info->collection = g_strdup("default");
    info->uri = g_strdup(uri);
    info->title = g_strdup("Some title");
    for (int i = 0; i < 6; i++) {
        jd_item *item = jd_item_new(i % 3 ? JD_ITEM_TEXT : JD_ITEM_IMAGE);
        item->ordinal = i;
        item->language = g_strdup("en");
        item->text = i % 3 ? g_strdup("word upon word about search") : NULL;
        item->caption = i % 3 ? NULL : g_strdup("a picture of words");
        item->bytes = i % 3 ? NULL : g_bytes_new("picture", 7);
        g_ptr_array_add(items, item);
    }
    jd_store_document document = {.info = info, .items = items, .settings = "x"};
    jd_store_put_document(store, &document, NULL, NULL);
}

static void put_vectors(jd_store *store)
{
    gint64 space, ids[] = {1, 2, 3};
    float values[9] = {1, 2, 3};
    jd_space wanted = {.model = (char *)"m", .dimension = 3};
    if (!jd_store_ensure_space(store, &wanted, &space, NULL))
        return;
    jd_vectors vectors = {
        .space = space, .kind = JD_ITEM_TEXT, .ids = ids, .values = values, .n = 3};
    jd_store_put_vectors(store, &vectors, NULL);
}

static gboolean look_at_item(const jd_item *item, void *user)
{
    g_assert_nonnull(item->document);
    return TRUE;
}

static gboolean look_at_vectors(const jd_vectors *block, void *user)
{
    return block->n > 0;
}

static void drop(GPtrArray *list)
{
    if (list)
        g_ptr_array_unref(list);
}

static void search(jd_store *store, jd_item_kind kind)
{
    char word[] = "word", search_term[] = "search";
    char *forms[][2] = {{word, NULL}, {search_term, NULL}};
    jd_query_term terms[] = {{.forms = forms[0]}, {.forms = forms[1], .prefix = TRUE}};
    jd_filter filter = {.title = "title"};
    jd_keyword_query query = {
        .kind = kind, .terms = terms, .term_count = 2, .filter = &filter, .limit = 5};
    g_autoptr(GArray) hits = jd_store_search_words(store, &query, NULL);
    for (guint i = 0; hits && i < hits->len; i++) {
        gint64 id = g_array_index(hits, jd_hit, i).id;
        drop(jd_store_get_items(store, kind, &id, 1, NULL));
    }
}

static void read_all(jd_store *store)
{
    drop(jd_store_verify(store, NULL));
    drop(jd_store_list_documents(store, NULL, NULL));
    drop(jd_store_languages(store, NULL));
    drop(jd_store_list_spaces(store, NULL));
    jd_store_stats stats;
    jd_store_get_stats(store, &stats, NULL);
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        jd_item_walk walk = {.kind = (jd_item_kind)kind, .each = look_at_item};
        jd_store_each_item(store, &walk, NULL);
        search(store, (jd_item_kind)kind);
        jd_vector_scan scan = {.space = 1, .kind = (jd_item_kind)kind, .each = look_at_vectors};
        jd_store_scan_vectors(store, &scan, NULL);
        g_free(jd_store_get_vector(store, 1, (jd_item_kind)kind, 2, NULL));
    }
    g_autofree char *sha256 = jd_sha256("picture", 7);
    g_bytes_unref(jd_store_get_picture(store, sha256, NULL));
}

static void write_some(jd_store *store)
{
    put(store, "/b");
    put_vectors(store);
    jd_store_remove_item(store, JD_ITEM_TEXT, 1, NULL);
    jd_store_remove_document(store, 1, NULL);
    jd_store_compact(store, NULL);
}

/* A sound knowledge base as bytes. */
static char *make_base(const char *path, gsize *length)
{
    char *bytes = NULL;
    jd_store *store = open_store(path, JD_KB_WRITE);
    put(store, "/a");
    put(store, "/b");
    put_vectors(store);
    jd_store_close(store);
    g_assert_true(g_file_get_contents(path, &bytes, length, NULL));
    return bytes;
}

static gsize damage(char *bytes, gsize length, const uint8_t *data, size_t size)
{
    gsize end = length;
    for (; size >= 4; data += 4, size -= 4) {
        gsize place = (data[0] | (gsize)data[1] << 8 | (gsize)data[2] << 16) % length;
        if (data[3] == 0)
            end = place;
        else
            bytes[place] ^= (char)data[3];
    }
    return end;
}

static void remove_files(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *base;
    static gsize base_length;
    g_autofree char *folder = g_dir_make_tmp("jackdaw-fuzz-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    if (!base)
        base = make_base(path, &base_length);
    remove_files(folder);
    g_autofree char *bytes = g_memdup2(base, base_length);
    gsize length = damage(bytes, base_length, data, size);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
    g_autoptr(jd_store) reader = open_store(path, JD_KB_READ);
    if (reader)
        read_all(reader);
    g_clear_pointer(&reader, jd_store_close);
    g_autoptr(jd_store) writer = open_store(path, JD_KB_WRITE);
    if (writer)
        write_some(writer);
    g_clear_pointer(&writer, jd_store_close);
    remove_files(folder);
    g_rmdir(folder);
    return 0;
}
