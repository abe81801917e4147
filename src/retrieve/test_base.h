/* A knowledge base of the tests' own: made in a temporary folder, erased with it. */
#ifndef JD_RETRIEVE_TEST_BASE_H
#define JD_RETRIEVE_TEST_BASE_H

#include "store/store.h"

typedef struct test_base {
    char *folder, *path;
    jd_store *store;
} test_base;

void test_base_init(test_base *base);
void test_base_clear(test_base *base);

/** A chunk or, with "caption" as its words, an image. */
typedef struct test_item {
    jd_item_kind kind;
    const char *section, *words;
    gint64 start, end;
} test_item;

/** Stores a document of these items; returns its id. */
gint64 test_base_add(test_base *base, const char *title, const test_item *items, gsize n);

/** Stores vectors of `dimension` numbers for items of a kind in the model's space. */
void test_base_add_vectors(test_base *base, const char *model, int dimension, jd_vectors vectors);

#endif
