/* Search by words, against a plain computation of BM25F from bm25.h's formula. */
#include "base/analyze.h"
#include "base/limits.h"
#include "store/bm25.h"
#include "store/test_util.h"

#include <string.h>

/* ---- the plain computation ---- */

/* One item's fields as lists of terms. */
typedef struct plain_item {
    gint64 id;
    GPtrArray *fields[JD_BM25_MAX_FIELDS];
} plain_item;

typedef struct plain_index {
    jd_item_kind kind;
    gsize n_fields;
    GPtrArray *items; /* plain_item * */
} plain_index;

static void plain_item_free(gpointer data)
{
    plain_item *item = data;
    for (gsize f = 0; f < JD_BM25_MAX_FIELDS; f++)
        if (item->fields[f])
            g_ptr_array_unref(item->fields[f]);
    g_free(item);
}

static gboolean add_term(const jd_token *token, void *user)
{
    if (!token->stopword)
        g_ptr_array_add(user, g_strndup(token->term, token->length));
    return TRUE;
}

static GPtrArray *terms_of(const char *language, const char *text)
{
    GPtrArray *terms = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(jd_analyzer) analyzer = jd_analyzer_new(language);
    if (text)
        jd_analyzer_run(analyzer, text, strlen(text), add_term, terms);
    return terms;
}

static gboolean add_plain(const jd_item *item, void *user)
{
    plain_index *index = user;
    g_autofree char *section = g_strjoinv("\n", item->section);
    const char *chunk[] = {item->document->title, section, item->text};
    const char *image[] = {item->document->title, section, item->caption, item->alt, item->ocr,
                           item->nearby};
    plain_item *plain = g_new0(plain_item, 1);
    plain->id = item->id;
    for (gsize f = 0; f < index->n_fields; f++)
        plain->fields[f] =
            terms_of(item->language, index->kind == JD_ITEM_TEXT ? chunk[f] : image[f]);
    g_ptr_array_add(index->items, plain);
    return TRUE;
}

static plain_index *plain_index_new(jd_store *store, jd_item_kind kind)
{
    plain_index *index = g_new0(plain_index, 1);
    index->kind = kind;
    jd_bm25_fields(kind, &index->n_fields);
    index->items = g_ptr_array_new_with_free_func(plain_item_free);
    jd_item_walk walk = {.kind = kind, .each = add_plain, .user = index};
    g_assert_true(jd_store_each_item(store, &walk, NULL));
    return index;
}

static void plain_index_free(plain_index *index)
{
    g_ptr_array_unref(index->items);
    g_free(index);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(plain_index, plain_index_free)

static gboolean term_matches(const char *term, const jd_query_term *query)
{
    for (char **form = query->forms; *form; form++)
        if (query->prefix ? g_str_has_prefix(term, *form) : strcmp(term, *form) == 0)
            return TRUE;
    return FALSE;
}

static double plain_count(const plain_item *item, gsize field, const jd_query_term *query)
{
    double n = 0;
    for (guint i = 0; i < item->fields[field]->len; i++)
        n += term_matches(item->fields[field]->pdata[i], query);
    return n;
}

static double plain_average(const plain_index *index, gsize field)
{
    double total = 0;
    for (guint i = 0; i < index->items->len; i++)
        total += ((plain_item *)index->items->pdata[i])->fields[field]->len;
    return total / index->items->len;
}

static double plain_idf(const plain_index *index, const jd_query_term *query)
{
    double having = 0, items = index->items->len;
    for (guint i = 0; i < index->items->len; i++) {
        double n = 0;
        for (gsize f = 0; f < index->n_fields; f++)
            n += plain_count(index->items->pdata[i], f, query);
        having += n > 0;
    }
    return log(1 + (items - having + 0.5) / (having + 0.5));
}

static double plain_score(const plain_index *index, const plain_item *item,
                          const jd_keyword_query *query)
{
    gsize n;
    const jd_bm25_field *fields = jd_bm25_fields(index->kind, &n);
    double score = 0;
    for (gsize t = 0; t < query->term_count; t++) {
        double frequency = 0;
        for (gsize f = 0; f < n; f++) {
            double count = plain_count(item, f, &query->terms[t]);
            double length = item->fields[f]->len;
            if (count > 0)
                frequency += fields[f].weight * count /
                             (1 - fields[f].b + fields[f].b * length / plain_average(index, f));
        }
        score += plain_idf(index, &query->terms[t]) * 3 * frequency / (2 + frequency);
    }
    return score;
}

static int compare_hits(gconstpointer a, gconstpointer b)
{
    const jd_hit *x = a, *y = b;
    if (fabs(x->score - y->score) > 1e-9)
        return x->score > y->score ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Every item with a score, best first. */
static GArray *plain_search(const plain_index *index, const jd_keyword_query *query)
{
    GArray *hits = g_array_new(FALSE, FALSE, sizeof(jd_hit));
    for (guint i = 0; i < index->items->len; i++) {
        const plain_item *item = index->items->pdata[i];
        jd_hit hit = {.id = item->id, .score = plain_score(index, item, query)};
        if (hit.score > 0)
            g_array_append_val(hits, hit);
    }
    g_array_sort(hits, compare_hits);
    return hits;
}

static void check_query(jd_store *store, const plain_index *index, jd_keyword_query *query)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) wanted = plain_search(index, query);
    g_autoptr(GArray) got = jd_store_search_words(store, query, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(got->len, ==, MIN(wanted->len, query->limit));
    for (guint i = 0; i < got->len; i++) {
        const jd_hit *g = &g_array_index(got, jd_hit, i), *w = &g_array_index(wanted, jd_hit, i);
        g_assert_cmpfloat_with_epsilon(g->score, w->score, 1e-9);
        g_assert_cmpint(g->id, ==, w->id);
    }
}

/* ---- random texts ---- */

static const char *const vocabulary[] = {
    "the",    "cat",     "dogs", "running", "picture", "encoder", "models", "loss",
    "search", "ranking", "of",   "learned", "Größe",   "3.2",     "top_k",  "日本語"};

static char *random_text(GRand *random, int most)
{
    GString *text = g_string_new(NULL);
    int n = g_rand_int_range(random, 0, most + 1);
    for (int i = 0; i < n; i++) {
        /* Low numbers are more common. */
        int a = g_rand_int_range(random, 0, G_N_ELEMENTS(vocabulary));
        int b = g_rand_int_range(random, 0, G_N_ELEMENTS(vocabulary));
        g_string_append_printf(text, "%s ", vocabulary[MIN(a, b)]);
    }
    return g_string_free(text, FALSE);
}

static void put_random(jd_store *store, GRand *random, int documents)
{
    static const char *const languages[] = {"en", "de", NULL};
    for (int d = 0; d < documents; d++) {
        g_autofree char *uri = g_strdup_printf("/%d", d), *title = random_text(random, 4);
        g_autoptr(test_document) document = test_document_new(uri, title);
        for (int i = g_rand_int_range(random, 0, 6); i > 0; i--) {
            g_autofree char *text = random_text(random, 30), *section = random_text(random, 3);
            jd_item *item = i % 2 ? test_add_chunk(document, text, section)
                                  : test_add_image(document, text, NULL);
            g_free(item->language);
            item->language = g_strdup(languages[g_rand_int_range(random, 0, 3)]);
            if (item->kind == JD_ITEM_IMAGE) {
                item->alt = random_text(random, 5);
                item->nearby = random_text(random, 20);
            }
        }
        test_put(store, document);
    }
}

static void clear_term(gpointer term)
{
    g_strfreev(((jd_query_term *)term)->forms);
}

static GArray *parse_query(const char *text)
{
    GArray *terms = g_array_new(FALSE, FALSE, sizeof(jd_query_term));
    g_array_set_clear_func(terms, clear_term);
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);
    for (char **part = parts; *part; part++) {
        jd_query_term term = {.prefix = g_str_has_suffix(*part, "*")};
        if (term.prefix)
            (*part)[strlen(*part) - 1] = '\0';
        term.forms = g_strsplit(*part, ",", -1);
        g_array_append_val(terms, term);
    }
    return terms;
}

/* ---- tests ---- */

static void test_against_plain(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GRand) random = g_rand_new_with_seed(11);
    put_random(store, random, 120);
    /* Terms separated by ";", spellings by ",", "*" after a prefix. */
    const char *const queries[] = {"cat",
                                   "run,running",
                                   "cat;run,running",
                                   "große,gross;日本;cat",
                                   "model,models*",
                                   "top_k;absent",
                                   "3.2;model,models*",
                                   "a\"b",
                                   "absent",
                                   "cat;cat",
                                   "learned,learn;rank,ranking;loss"};
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++) {
        g_autoptr(plain_index) index = plain_index_new(store, (jd_item_kind)kind);
        for (gsize q = 0; q < G_N_ELEMENTS(queries); q++) {
            g_autoptr(GArray) terms = parse_query(queries[q]);
            jd_keyword_query query = {.kind = (jd_item_kind)kind,
                                      .terms = (const jd_query_term *)(void *)terms->data,
                                      .term_count = terms->len};
            for (query.limit = 0; query.limit <= 1000;
                 query.limit = query.limit ? query.limit * 10 : 1)
                check_query(store, index, &query);
        }
    }
    test_assert_sound(store);
}

static void test_nothing_to_search(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(GArray) empty = test_search(store, "word", NULL, 10);
    g_assert_cmpuint(empty->len, ==, 0);
    jd_keyword_query query = {.kind = JD_ITEM_IMAGE, .limit = 10};
    g_autoptr(GArray) no_terms = jd_store_search_words(store, &query, NULL);
    g_assert_cmpuint(no_terms->len, ==, 0);
}

/* A title or a heading that changed is found, the old one is not. */
static void test_replaced_title(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a", "Jackdaw");
    test_add_chunk(document, "text", "Magpie");
    test_put(store, document);
    g_free(document->info->title);
    document->info->title = g_strdup("Rook");
    test_put(store, document);
    const struct {
        const char *term;
        guint hits;
    } cases[] = {{"jackdaw", 0}, {"rook", 1}, {"magpi", 1}, {"text", 1}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GArray) hits = test_search(store, cases[i].term, NULL, 10);
        g_assert_cmpuint(hits->len, ==, cases[i].hits);
    }
    test_assert_sound(store);
}

static void test_languages(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(test_document) document = test_document_new("/a", "T");
    const char *const languages[] = {"de", "en", "de", NULL, "fr", "en", "de"};
    for (gsize i = 0; i < G_N_ELEMENTS(languages); i++) {
        jd_item *item = test_add_chunk(document, "text", NULL);
        g_free(item->language);
        item->language = g_strdup(languages[i]);
    }
    gint64 id = test_put(store, document);
    g_autoptr(GPtrArray) list = jd_store_languages(store, NULL);
    g_assert_cmpuint(list->len, ==, 3);
    g_assert_cmpstr(list->pdata[0], ==, "de");
    g_assert_cmpstr(list->pdata[1], ==, "en");
    g_assert_cmpstr(list->pdata[2], ==, "fr");
    test_assert_sound(store);
    g_assert_true(jd_store_remove_item(store, JD_ITEM_TEXT, 5, NULL)); /* the French one */
    g_autoptr(GPtrArray) fewer = jd_store_languages(store, NULL);
    g_assert_cmpuint(fewer->len, ==, 2);
    g_assert_true(jd_store_remove_document(store, id, NULL));
    g_autoptr(GPtrArray) none = jd_store_languages(store, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

/* More items than JD_STORE_COMMON_ITEMS hold "common"; three of them hold "rare" too. */
static void put_common(jd_store *store)
{
    enum { DOCUMENTS = 22, CHUNKS = 1000 };
    g_assert_true(jd_store_begin(store, NULL));
    for (int d = 0; d < DOCUMENTS; d++) {
        g_autofree char *uri = g_strdup_printf("/%d", d);
        g_autoptr(test_document) document = test_document_new(uri, "T");
        for (int c = 0; c < CHUNKS; c++)
            test_add_chunk(
                document, d > 0 && c == 7 * d && d < 4 ? "common common and rare" : "common", NULL);
        test_put(store, document);
    }
    g_assert_true(jd_store_commit(store, NULL));
    g_assert_cmpint(DOCUMENTS * CHUNKS, >, JD_STORE_COMMON_ITEMS);
}

static void test_common_words(void)
{
    g_auto(test_folder) folder = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    put_common(store);
    g_autoptr(GArray) terms = parse_query("common;rare");
    jd_keyword_query query = {.kind = JD_ITEM_TEXT,
                              .terms = (const jd_query_term *)(void *)terms->data,
                              .term_count = 2,
                              .limit = 3};
    /* As many as the rare word finds: they are scored by both words. */
    g_autoptr(GArray) few = jd_store_search_words(store, &query, NULL);
    g_assert_cmpuint(few->len, ==, 3);
    query.limit = 10;
    g_autoptr(GArray) more = jd_store_search_words(store, &query, NULL);
    g_assert_cmpuint(more->len, ==, 10);
    for (guint i = 0; i < few->len; i++) {
        g_assert_cmpint(g_array_index(few, jd_hit, i).id, ==, 1000 * (i + 1) + 7 * (i + 1) + 1);
        g_assert_cmpint(g_array_index(more, jd_hit, i).id, ==, g_array_index(few, jd_hit, i).id);
        g_assert_cmpfloat(g_array_index(more, jd_hit, i).score, ==,
                          g_array_index(few, jd_hit, i).score);
    }
    /* A filter does not make it run short. */
    jd_filter filter = {.document = 10};
    query.filter = &filter;
    g_autoptr(GArray) filtered = jd_store_search_words(store, &query, NULL);
    g_assert_cmpuint(filtered->len, ==, 10);
    g_assert_cmpint(g_array_index(filtered, jd_hit, 0).id, ==, 9001);
    /* Alone it is what is searched for. */
    g_autoptr(GArray) alone = test_search(store, "common", NULL, 5);
    g_assert_cmpuint(alone->len, ==, 5);
}

static double score_of(jd_store *store, const char *term)
{
    g_autoptr(GArray) hits = test_search(store, term, NULL, 10);
    g_assert_cmpuint(hits->len, ==, 1);
    return g_array_index(hits, jd_hit, 0).score;
}

/* Lengths of fields are remembered by id; a batch that is undone leaves its ids to others. */
static void test_undone_batch(void)
{
    static const char longer[] = "owl and many more words than the other one has in all of it";
    g_auto(test_folder) folder = test_folder_new();
    g_auto(test_folder) other = test_folder_new();
    g_autoptr(jd_store) store = test_open(folder, JD_KB_WRITE);
    g_autoptr(jd_store) fresh = test_open(other, JD_KB_WRITE);
    test_put_text(store, "/first", "a crane in spring");
    test_put_text(fresh, "/first", "a crane in spring");
    score_of(store, "crane");
    g_assert_true(jd_store_begin(store, NULL));
    test_put_text(store, "/second", "owl");
    score_of(store, "owl");
    jd_store_rollback(store);
    test_put_text(store, "/second", longer);
    test_put_text(fresh, "/second", longer);
    g_assert_cmpfloat(score_of(store, "owl"), ==, score_of(fresh, "owl"));
    g_assert_cmpfloat(score_of(store, "owl"), ==, score_of(fresh, "owl"));
    g_assert_cmpfloat(score_of(store, "crane"), ==, score_of(fresh, "crane"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/words/plain", test_against_plain);
    g_test_add_func("/store/words/nothing", test_nothing_to_search);
    g_test_add_func("/store/words/replaced", test_replaced_title);
    g_test_add_func("/store/words/languages", test_languages);
    g_test_add_func("/store/words/common", test_common_words);
    g_test_add_func("/store/words/undone-batch", test_undone_batch);
    return g_test_run();
}
