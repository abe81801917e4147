/* What the store's tests share: stores in a folder of their own, and documents to put into them. */
#ifndef JD_STORE_TEST_UTIL_H
#define JD_STORE_TEST_UTIL_H

#include "store/store.h"

/* A new empty folder, removed with all in it by test_folder_free(). */
typedef char *test_folder;

char *test_folder_new(void);
void test_folder_free(char *folder);
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(test_folder, test_folder_free, NULL)

/** Opens folder/kb.db; fails the test where that fails. */
jd_store *test_open(const char *folder, jd_kb_mode mode);

/** Checks that jd_store_verify() finds nothing. */
void test_assert_sound(jd_store *store);

/** A document of its own making; add items, put it. */
typedef struct test_document {
    jd_document_info *info;
    GPtrArray *items;
} test_document;

test_document *test_document_new(const char *uri, const char *title);
void test_document_free(test_document *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(test_document, test_document_free)

/** Adds a chunk; `section` may be NULL. The item stays the document's. */
jd_item *test_add_chunk(test_document *document, const char *text, const char *section);
/** Adds an image whose picture has these bytes (may be NULL). */
jd_item *test_add_image(test_document *document, const char *caption, const char *bytes);

/** Puts it, which must work; its id. */
gint64 test_put(jd_store *store, const test_document *document);
/** Puts a document of one chunk. */
gint64 test_put_text(jd_store *store, const char *uri, const char *text);

/** Ids found by a search for one term in texts, best first. */
GArray *test_search(jd_store *store, const char *term, const jd_filter *filter, gsize limit);

/** SQL that takes a base without conversations back to before version 4. */
#define TEST_BEFORE_PICTURES_OF_MESSAGES                                                           \
    "DROP TABLE message; CREATE TABLE message(id INTEGER PRIMARY KEY AUTOINCREMENT,"               \
    " conversation INTEGER NOT NULL REFERENCES conversation(id), role TEXT NOT NULL,"              \
    " created INTEGER NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL) STRICT;"                \
    "CREATE INDEX message_place ON message(conversation);"

#endif
