/* A long random run of operations against the simplest thing that could be right: arrays in memory.
 */
#include "store/test_util.h"

#include <string.h>

enum { URIS = 12, STEPS = 600, DIMENSION = 3 };

static const char *const words[] = {"apple", "pear", "plum", "cherry", "quince", "medlar"};

/* What the store should hold. */
typedef struct model_item {
    jd_item_kind kind;
    int word;     /* its whole text */
    int picture;  /* number of its picture; -1: none */
    float vector; /* first value of its vector; 0: none */
} model_item;

typedef struct model {
    GArray *documents[URIS]; /* of model_item; NULL: not there */
} model;

static void model_clear(model *of)
{
    for (int i = 0; i < URIS; i++)
        g_clear_pointer(&of->documents[i], g_array_unref);
}

static void model_copy(model *to, const model *from)
{
    model_clear(to);
    for (int i = 0; i < URIS; i++)
        if (from->documents[i])
            to->documents[i] = g_array_copy(from->documents[i]);
}

/* A run under way. */
typedef struct run {
    char *folder;
    jd_store *store;
    GRand *random;
    gint64 space;
    model now, at_begin;
    gboolean in_batch;
} run;

static int pick(run *self, int below)
{
    return g_rand_int_range(self->random, 0, below);
}

static char *uri_of(int number)
{
    return g_strdup_printf("/%d", number);
}

/* ---- operations ---- */

static void put(run *self, int number)
{
    g_autofree char *uri = uri_of(number);
    g_autoptr(test_document) document = test_document_new(uri, "Title");
    GArray *items = g_array_new(FALSE, TRUE, sizeof(model_item));
    for (int i = pick(self, 9); i > 0; i--) {
        model_item item = {.kind = pick(self, 2) ? JD_ITEM_TEXT : JD_ITEM_IMAGE,
                           .word = pick(self, G_N_ELEMENTS(words)),
                           .picture = -1};
        if (item.kind == JD_ITEM_TEXT) {
            test_add_chunk(document, words[item.word], NULL);
        } else {
            item.picture = pick(self, 5) - 1;
            g_autofree char *bytes = g_strdup_printf("picture %d", item.picture);
            test_add_image(document, words[item.word], item.picture >= 0 ? bytes : NULL);
        }
        g_array_append_val(items, item);
    }
    test_put(self->store, document);
    if (self->now.documents[number])
        g_array_unref(self->now.documents[number]);
    self->now.documents[number] = items;
}

static gint64 id_of(run *self, int number)
{
    g_autofree char *uri = uri_of(number);
    g_autoptr(jd_document_info) info = NULL;
    g_assert_true(jd_store_find_document(self->store, "default", uri, &info, NULL));
    return info ? info->id : 0;
}

static void remove_document(run *self, int number)
{
    gint64 id = id_of(self, number);
    g_assert_true((id != 0) == (self->now.documents[number] != NULL));
    if (id == 0)
        return;
    g_assert_true(jd_store_remove_document(self->store, id, NULL));
    g_clear_pointer(&self->now.documents[number], g_array_unref);
}

static GPtrArray *items_of(run *self, int number, jd_item_kind kind)
{
    jd_item_range all = {
        .document = id_of(self, number), .kind = kind, .first = 0, .last = G_MAXINT};
    return jd_store_get_range(self->store, &all, NULL);
}

/* The place in the model of the nth item of a kind. */
static guint place_of(const GArray *items, jd_item_kind kind, guint n)
{
    for (guint i = 0; i < items->len; i++)
        if (g_array_index(items, model_item, i).kind == kind && n-- == 0)
            return i;
    g_assert_not_reached();
}

/* A random item of a document; NULL where it has none of the kind. */
static jd_item *pick_item(run *self, int number, jd_item_kind kind, guint *place)
{
    if (!self->now.documents[number])
        return NULL;
    g_autoptr(GPtrArray) items = items_of(self, number, kind);
    if (items->len == 0)
        return NULL;
    guint n = (guint)pick(self, (int)items->len);
    *place = place_of(self->now.documents[number], kind, n);
    return g_ptr_array_steal_index(items, n);
}

static void remove_item(run *self, int number)
{
    jd_item_kind kind = pick(self, 2) ? JD_ITEM_TEXT : JD_ITEM_IMAGE;
    guint place;
    g_autoptr(jd_item) item = pick_item(self, number, kind, &place);
    if (!item)
        return;
    g_assert_true(jd_store_remove_item(self->store, kind, item->id, NULL));
    g_array_remove_index(self->now.documents[number], place);
}

static void put_vector(run *self, int number)
{
    jd_item_kind kind = pick(self, 2) ? JD_ITEM_TEXT : JD_ITEM_IMAGE;
    guint place;
    g_autoptr(jd_item) item = pick_item(self, number, kind, &place);
    if (!item)
        return;
    float values[DIMENSION] = {(float)(1 + pick(self, 1000))};
    jd_vectors vectors = {
        .space = self->space, .kind = kind, .ids = &item->id, .values = values, .n = 1};
    g_assert_true(jd_store_put_vectors(self->store, &vectors, NULL));
    g_array_index(self->now.documents[number], model_item, place).vector = values[0];
}

static void begin_or_end(run *self)
{
    if (!self->in_batch) {
        g_assert_true(jd_store_begin(self->store, NULL));
        model_copy(&self->at_begin, &self->now);
    } else if (pick(self, 3)) {
        g_assert_true(jd_store_commit(self->store, NULL));
    } else {
        jd_store_rollback(self->store);
        model_copy(&self->now, &self->at_begin);
    }
    self->in_batch = !self->in_batch;
}

static void reopen(run *self)
{
    if (self->in_batch)
        return;
    jd_store_close(self->store);
    self->store = test_open(self->folder, JD_KB_WRITE);
}

static void compact(run *self)
{
    if (!self->in_batch)
        g_assert_true(jd_store_compact(self->store, NULL));
}

/* ---- comparing ---- */

static void compare_items(run *self, int number, jd_item_kind kind, GHashTable *pictures)
{
    g_autoptr(GPtrArray) items = items_of(self, number, kind);
    const GArray *wanted = self->now.documents[number];
    for (guint i = 0; i < items->len; i++) {
        const jd_item *got = items->pdata[i];
        const model_item *want = &g_array_index(wanted, model_item, place_of(wanted, kind, i));
        g_assert_cmpstr(kind == JD_ITEM_TEXT ? got->text : got->caption, ==, words[want->word]);
        g_assert_true((want->picture >= 0) == (got->sha256 != NULL));
        if (got->sha256)
            g_hash_table_add(pictures, g_strdup(got->sha256));
        g_autofree float *vector =
            jd_store_get_vector(self->store, self->space, kind, got->id, NULL);
        g_assert_cmpfloat(vector ? vector[0] : 0, ==, want->vector);
    }
}

static guint count(const GArray *items, jd_item_kind kind)
{
    guint n = 0;
    for (guint i = 0; i < items->len; i++)
        n += g_array_index(items, model_item, i).kind == kind;
    return n;
}

static void compare_search(run *self)
{
    /* As the English stemmer has them. */
    static const char *const terms[] = {"appl", "pear", "plum", "cherri", "quinc", "medlar"};
    for (gsize w = 0; w < G_N_ELEMENTS(words); w++) {
        guint wanted = 0;
        for (int d = 0; d < URIS; d++)
            for (guint i = 0; self->now.documents[d] && i < self->now.documents[d]->len; i++) {
                const model_item *item = &g_array_index(self->now.documents[d], model_item, i);
                wanted += item->kind == JD_ITEM_TEXT && item->word == (int)w;
            }
        g_autoptr(GArray) hits = test_search(self->store, terms[w], NULL, 1000);
        g_assert_cmpuint(hits->len, ==, wanted);
    }
}

static void compare(run *self)
{
    g_autoptr(GHashTable) pictures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) list = jd_store_list_documents(self->store, NULL, NULL);
    guint documents = 0;
    for (guint i = 0; i < list->len; i++) {
        const jd_document_info *info = list->pdata[i];
        int number = atoi(info->uri + 1);
        const GArray *wanted = self->now.documents[number];
        g_assert_nonnull(wanted);
        g_assert_cmpuint(info->chunk_count, ==, count(wanted, JD_ITEM_TEXT));
        g_assert_cmpuint(info->image_count, ==, count(wanted, JD_ITEM_IMAGE));
        compare_items(self, number, JD_ITEM_TEXT, pictures);
        compare_items(self, number, JD_ITEM_IMAGE, pictures);
    }
    for (int d = 0; d < URIS; d++)
        documents += self->now.documents[d] != NULL;
    g_assert_cmpuint(list->len, ==, documents);
    jd_store_stats stats;
    g_assert_true(jd_store_get_stats(self->store, &stats, NULL));
    g_assert_cmpuint(stats.pictures, ==, g_hash_table_size(pictures));
    compare_search(self);
}

static void step(run *self)
{
    int number = pick(self, URIS);
    switch (pick(self, 20)) {
    case 0:
    case 1:
    case 2:
        remove_document(self, number);
        break;
    case 3:
    case 4:
        remove_item(self, number);
        break;
    case 5:
        reopen(self);
        break;
    case 6:
        compact(self);
        break;
    case 7:
    case 8:
        begin_or_end(self);
        break;
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
        put_vector(self, number);
        break;
    default:
        put(self, number);
    }
}

static void test_random_run(void)
{
    g_auto(test_folder) folder = test_folder_new();
    run self = {.folder = folder,
                .store = test_open(folder, JD_KB_WRITE),
                .random = g_rand_new_with_seed(g_test_rand_int())};
    jd_space space = {.model = (char *)"m", .dimension = DIMENSION};
    g_assert_true(jd_store_ensure_space(self.store, &space, &self.space, NULL));
    for (int i = 0; i < STEPS; i++) {
        step(&self);
        if (i % 10 == 9)
            compare(&self);
        if (i % 100 == 99)
            test_assert_sound(self.store);
    }
    if (self.in_batch)
        jd_store_rollback(self.store);
    jd_store_close(self.store);
    g_rand_free(self.random);
    model_clear(&self.now);
    model_clear(&self.at_begin);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/model", test_random_run);
    return g_test_run();
}
