/* What a server keeps: jobs, conversations, and lists a page at a time. */
#include "base/limits.h"
#include "store/records.h"
#include "store/sqlite/schema.h"
#include "store/test_util.h"

#include <string.h>

/* ---- pages ---- */

static void put_numbered(jd_store *store, int i)
{
    g_autofree char *uri = g_strdup_printf("/doc/%d", i);
    g_autofree char *title = g_strdup_printf("Title %c", 'z' - i);
    g_autoptr(test_document) document = test_document_new(uri, title);
    document->info->mtime = 1000 + (i * 7) % 5;
    g_free(document->info->collection);
    document->info->collection = g_strdup(i % 2 ? "odd" : "even");
    test_add_chunk(document, "words", NULL);
    test_put(store, document);
}

/* The URIs of a page, separated by blanks. */
static char *uris_of(jd_store *store, const jd_document_query *query, guint64 *total)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) list = jd_store_page_documents(store, query, total, &error);
    g_assert_no_error(error);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const jd_document_info *info = list->pdata[i];
        g_string_append_printf(text, "%s%s", i ? " " : "", info->uri + strlen("/doc/"));
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void test_pages(void)
{
    static const jd_filter odd = {.collection = "odd"};
    static const struct {
        jd_document_query query;
        const char *expected;
        guint64 total;
    } cases[] = {
        {{.page = {0}}, "0 1 2 3 4 5", 6},
        {{.page = {.limit = 2}}, "0 1", 6},
        {{.page = {.limit = 2, .offset = 4}}, "4 5", 6},
        {{.page = {.limit = 2, .offset = 5}}, "5", 6},
        {{.page = {.limit = 2, .offset = 60}}, "", 6},
        {{.page = {.limit = 3}, .order = JD_ORDER_NEWEST}, "5 4 3", 6},
        {{.page = {.limit = 3}, .order = JD_ORDER_TITLE}, "5 4 3", 6},
        {{.page = {0}, .order = JD_ORDER_CHANGED}, "2 4 1 3 0 5", 6},
        {{.page = {.limit = 2, .offset = 1}, .filter = &odd}, "3 5", 3},
    };
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    for (int i = 0; i < 6; i++)
        put_numbered(store, i);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint64 total = 0;
        g_autofree char *found = uris_of(store, &cases[i].query, &total);
        g_assert_cmpstr(found, ==, cases[i].expected);
        g_assert_cmpuint(total, ==, cases[i].total);
    }
}

static void test_collections(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GPtrArray) none = jd_store_list_collections(store, NULL);
    g_assert_cmpuint(none->len, ==, 0);
    for (int i = 0; i < 3; i++)
        put_numbered(store, i);
    g_autoptr(GPtrArray) list = jd_store_list_collections(store, NULL);
    g_assert_cmpuint(list->len, ==, 2);
    const jd_collection_info *even = list->pdata[0], *odd = list->pdata[1];
    g_assert_cmpstr(even->name, ==, "even");
    g_assert_cmpuint(even->documents, ==, 2);
    g_assert_cmpuint(even->chunks, ==, 2);
    g_assert_cmpstr(odd->name, ==, "odd");
    g_assert_cmpuint(odd->documents, ==, 1);
    g_assert_cmpuint(odd->images, ==, 0);
}

/* ---- jobs ---- */

static char *jobs_of(jd_store *store, const jd_page *page)
{
    g_autoptr(GPtrArray) list = jd_store_list_jobs(store, page, NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < list->len; i++) {
        const jd_job *job = list->pdata[i];
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", i ? ", " : "", job->id,
                               job->state);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static jd_job queued_job(void)
{
    return (jd_job){.kind = (char *)"ingest", .state = (char *)"queued", .request = (char *)"{}"};
}

static void test_jobs(void)
{
    g_auto(test_folder) folder = test_folder_new();
    gint64 first, second;
    g_autoptr(GError) error = NULL;
    jd_job job = queued_job();
    {
        g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
        g_assert_true(jd_store_add_job(store, &job, &first, NULL));
        g_assert_true(jd_store_add_job(store, &job, &second, NULL));
        jd_job done = {.id = first,
                       .state = (char *)"done",
                       .result = (char *)"{\"documents\":1}",
                       .started = 5,
                       .finished = 6};
        g_assert_true(jd_store_update_job(store, &done, NULL));
    }
    g_autoptr(jd_store) store = test_open(folder, JD_KB_READ);
    g_autofree char *all = jobs_of(store, &(jd_page){0});
    g_assert_cmpstr(all, ==, "2 queued, 1 done");
    g_autofree char *page = jobs_of(store, &(jd_page){.limit = 1, .offset = 1});
    g_assert_cmpstr(page, ==, "1 done");
    g_autoptr(jd_job) kept = jd_store_get_job(store, first, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(kept->kind, ==, "ingest");
    g_assert_cmpstr(kept->request, ==, "{}");
    g_assert_cmpstr(kept->result, ==, "{\"documents\":1}");
    g_assert_cmpint(kept->created, >, 0);
    g_assert_cmpint(kept->started, ==, 5);
    g_assert_cmpint(kept->finished, ==, 6);
    g_assert_null(jd_store_get_job(store, 77, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(jd_store_add_job(store, &job, &first, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_READ_ONLY);
}

static void test_old_jobs_are_forgotten(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    gint64 id;
    jd_job waiting = queued_job(), over = queued_job();
    over.finished = 1;
    g_assert_true(jd_store_add_job(store, &waiting, &id, NULL));
    g_assert_true(jd_store_begin(store, NULL));
    for (int i = 0; i < JD_LIMIT_JOBS + 10; i++)
        g_assert_true(jd_store_add_job(store, &over, &id, NULL));
    g_assert_true(jd_store_commit(store, NULL));
    g_autoptr(GPtrArray) list = jd_store_list_jobs(store, &(jd_page){0}, NULL);
    g_assert_cmpuint(list->len, ==, JD_LIMIT_JOBS + 1);
    const jd_job *oldest = list->pdata[list->len - 1];
    g_assert_cmpstr(oldest->state, ==, "queued");
}

/* ---- conversations ---- */

static void add_message(jd_store *store, gint64 conversation, const char *role, const char *text)
{
    jd_message message = {.role = (char *)role, .text = (char *)text, .content = (char *)"{}"};
    g_autoptr(GError) error = NULL;
    jd_store_add_message(store, conversation, &message, NULL, &error);
    g_assert_no_error(error);
}

static guint found(jd_store *store, const char *part)
{
    g_autoptr(GPtrArray) list = jd_store_list_conversations(store, part, &(jd_page){0}, NULL);
    return list->len;
}

static void test_conversations(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    gint64 birds, trains;
    g_assert_true(jd_store_add_conversation(store, "About birds", &birds, NULL));
    g_assert_true(jd_store_add_conversation(store, "Züge", &trains, NULL));
    add_message(store, birds, "user", "Why do cranes dance?");
    add_message(store, birds, "assistant", "In spring they bow.");
    g_assert_cmpuint(found(store, NULL), ==, 2);
    g_assert_cmpuint(found(store, "CRANES"), ==, 1);
    g_assert_cmpuint(found(store, "züGE"), ==, 1);
    g_assert_cmpuint(found(store, "zeppelin"), ==, 0);
    g_autoptr(GPtrArray) messages = jd_store_list_messages(store, birds, NULL);
    g_assert_cmpuint(messages->len, ==, 2);
    const jd_message *answer = messages->pdata[1];
    g_assert_cmpstr(answer->role, ==, "assistant");
    g_assert_true(jd_store_remove_messages(store, birds, answer->id, NULL));
    g_assert_true(jd_store_rename_conversation(store, birds, "Cranes", NULL));
    g_autoptr(jd_conversation) conversation = jd_store_get_conversation(store, birds, NULL);
    g_assert_cmpstr(conversation->title, ==, "Cranes");
    g_assert_cmpuint(conversation->messages, ==, 1);
    g_assert_true(jd_store_remove_conversation(store, birds, NULL));
    g_assert_cmpuint(found(store, NULL), ==, 1);
    test_assert_sound(store);
}

static gint64 add_picture(jd_store *store, gint64 conversation, const char *bytes)
{
    g_autoptr(jd_item) picture = jd_item_new(JD_ITEM_IMAGE);
    picture->bytes = g_bytes_new(bytes, strlen(bytes));
    picture->media_type = g_strdup("image/png");
    const jd_message message = {.role = (char *)"user",
                                .text = (char *)"What is this?",
                                .content = (char *)"{}",
                                .picture = picture};
    gint64 id = 0;
    g_assert_true(jd_store_add_message(store, conversation, &message, &id, NULL));
    return id;
}

static guint64 count_pictures(jd_store *store)
{
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(store, &stats, NULL));
    return stats.pictures;
}

/* Bytes are kept once, and until the last message and the last image that shows them is gone. */
static void test_pictures_of_messages(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GError) error = NULL;
    gint64 one, other;
    g_assert_true(jd_store_add_conversation(store, "one", &one, NULL));
    g_assert_true(jd_store_add_conversation(store, "other", &other, NULL));
    gint64 first = add_picture(store, one, "red");
    add_message(store, one, "assistant", "A red one.");
    gint64 second = add_picture(store, one, "blue");
    add_picture(store, other, "red");
    g_assert_cmpuint(count_pictures(store), ==, 2);
    g_autoptr(jd_item) kept = jd_store_get_message_picture(store, one, first, NULL);
    g_assert_cmpstr(kept->media_type, ==, "image/png");
    g_autoptr(GBytes) bytes = jd_store_get_picture(store, kept->sha256, NULL);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), "red", 3);
    g_assert_null(jd_store_get_message_picture(store, other, first, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(jd_store_get_message_picture(store, one, first + 1, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    g_assert_true(jd_store_remove_messages(store, one, second, NULL));
    g_assert_cmpuint(count_pictures(store), ==, 1);
    g_assert_true(jd_store_remove_conversation(store, other, NULL));
    g_assert_cmpuint(count_pictures(store), ==, 1);
    test_assert_sound(store);
    g_assert_true(jd_store_remove_conversation(store, one, NULL));
    g_assert_cmpuint(count_pictures(store), ==, 0);
    test_assert_sound(store);
}

static void test_no_such_conversation(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    jd_message message = {.role = (char *)"user", .text = (char *)"", .content = (char *)""};
    for (int i = 0; i < 6; i++) {
        g_autoptr(GError) error = NULL;
        gboolean done = i == 0   ? jd_store_rename_conversation(store, 9, "x", &error)
                        : i == 1 ? jd_store_remove_conversation(store, 9, &error)
                        : i == 2 ? jd_store_add_message(store, 9, &message, NULL, &error)
                        : i == 3 ? jd_store_remove_messages(store, 9, 1, &error)
                        : i == 4 ? jd_store_list_messages(store, 9, &error) != NULL
                                 : jd_store_get_conversation(store, 9, &error) != NULL;
        g_assert_false(done);
        g_assert_error(error, JD_ERROR, JD_ERROR_NOT_FOUND);
    }
}

/* A base of the version before there were any. */
static void test_older_base(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    gint64 id;
    jd_job job = queued_job();
    jd_store_close(test_open(folder, JD_KB_WRITE));
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db,
                                 "DROP TABLE job; DROP TABLE message; DROP TABLE conversation;"
                                 "PRAGMA user_version = 1",
                                 NULL, NULL, NULL),
                    ==, SQLITE_OK);
    sqlite3_close(db);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_assert_true(jd_store_add_job(store, &job, &id, NULL));
    test_assert_sound(store);
}

/* A base of the version before messages had pictures: what was said is still there. */
static void test_base_without_pictures(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autofree char *path = g_build_filename(folder, "kb.db", NULL);
    gint64 id;
    jd_store *older = test_open(folder, JD_KB_WRITE);
    g_assert_true(jd_store_add_conversation(older, "birds", &id, NULL));
    jd_store_close(older);
    sqlite3 *db = NULL;
    g_assert_cmpint(sqlite3_open(path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db,
                                 TEST_BEFORE_PICTURES_OF_MESSAGES
                                 "INSERT INTO message(conversation, role, created, text, content)"
                                 " SELECT id, 'user', 1, 'Why do cranes dance?', '{}'"
                                 " FROM conversation; PRAGMA user_version = 3",
                                 NULL, NULL, NULL),
                    ==, SQLITE_OK);
    sqlite3_close(db);
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GPtrArray) messages = jd_store_list_messages(store, id, NULL);
    g_assert_cmpuint(messages->len, ==, 1);
    g_assert_cmpstr(((jd_message *)messages->pdata[0])->text, ==, "Why do cranes dance?");
    add_picture(store, id, "red");
    g_assert_cmpuint(count_pictures(store), ==, 1);
    test_assert_sound(store);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/records/pages", test_pages);
    g_test_add_func("/store/records/collections", test_collections);
    g_test_add_func("/store/records/jobs", test_jobs);
    g_test_add_func("/store/records/old-jobs", test_old_jobs_are_forgotten);
    g_test_add_func("/store/records/conversations", test_conversations);
    g_test_add_func("/store/records/pictures-of-messages", test_pictures_of_messages);
    g_test_add_func("/store/records/base-without-pictures", test_base_without_pictures);
    g_test_add_func("/store/records/no-such-conversation", test_no_such_conversation);
    g_test_add_func("/store/records/older-base", test_older_base);
    return g_test_run();
}
