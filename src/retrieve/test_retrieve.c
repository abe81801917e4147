/* Both profiles over a small knowledge base. */
#include "base/limits.h"
#include "retrieve/retrieve.h"
#include "retrieve/test_base.h"

#include <string.h>

static const test_item clip[] = {
    {JD_ITEM_TEXT, "Contrastive learning",
     "CLIP is trained with a contrastive loss: matching pairs of pictures and captions are pulled "
     "together, all others are pushed apart.",
     0, 200},
    {JD_ITEM_IMAGE, "Contrastive learning", "The matrix of similarities that the loss sees.", 210,
     300},
    {JD_ITEM_TEXT, "Tokens", "The tokenizer splits the text into pieces of words.", 400, 500},
    {JD_ITEM_IMAGE, "Tokens", "Pieces of a word.", 510, 600},
};
static const test_item index_items[] = {
    {JD_ITEM_TEXT, "Scanning", "Every vector is compared with the question, one after another.", 0,
     100},
    {JD_ITEM_TEXT, "Scanning", "A scan of a million vectors reads two gigabytes of memory.", 120,
     220},
    {JD_ITEM_IMAGE, "Scanning", "Speed of the scan by number of threads.", 230, 300},
};

static void fill(test_base *base)
{
    test_base_init(base);
    test_base_add(base, "Embedding models", clip, G_N_ELEMENTS(clip));
    test_base_add(base, "Vector search", index_items, G_N_ELEMENTS(index_items));
}

static jd_results *ask(test_base *base, const char *text, const jd_search_options *options)
{
    g_autoptr(GError) error = NULL;
    jd_results *results = jd_retrieve(base->store, &(jd_query){.text = text}, options, &error);
    g_assert_no_error(error);
    return results;
}

static gint64 id_at(const GPtrArray *list, guint i)
{
    return i < list->len ? ((jd_evidence *)list->pdata[i])->item->id : 0;
}

static double score_at(const GPtrArray *list, guint i)
{
    return ((jd_evidence *)list->pdata[i])->score;
}

static gboolean has_note(const jd_results *results, const char *part)
{
    for (guint i = 0; i < results->notes->len; i++)
        if (strstr(results->notes->pdata[i], part))
            return TRUE;
    return FALSE;
}

/* ---- the default profile ---- */

static void test_words(void)
{
    test_base base;
    fill(&base);
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) results = ask(&base, "What is CLIP's contrastive loss?", &options);
    g_assert_cmpint(id_at(results->text, 0), ==, 1);
    g_assert_cmpint(id_at(results->images, 0), ==, 1);
    g_assert_true(has_note(results, "words only"));
    for (guint i = 0; i < results->text->len; i++) {
        const jd_evidence *evidence = results->text->pdata[i];
        g_assert_cmpint(evidence->rank, ==, (int)i + 1);
        g_assert_true(evidence->score > 0 && evidence->score <= 1);
        g_assert_true(evidence->keyword > 0 && isnan(evidence->dense));
        g_assert_true(i == 0 || evidence->score <= score_at(results->text, i - 1));
    }
    g_assert_true(score_at(results->text, 0) > 0.5);
    test_base_clear(&base);
}

static void test_stems(void)
{
    test_base base;
    fill(&base);
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) results = ask(&base, "scanned vectors", &options);
    g_assert_cmpint(id_at(results->text, 0), ==, 4);
    test_base_clear(&base);
}

/* The rare words are nowhere, common ones are: nothing relevant. */
static void test_nothing_relevant(void)
{
    test_base base;
    fill(&base);
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    const char *questions[] = {"Which fertiliser do bananas need?",
                               "How many gigabytes does the bakery's oven timer weigh on Tuesdays?",
                               "quetzalcoatlus"};
    for (gsize i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autoptr(jd_results) results = ask(&base, questions[i], &options);
        g_assert_cmpuint(results->text->len, ==, 0);
        g_assert_cmpuint(results->images->len, ==, 0);
    }
    test_base_clear(&base);
}

static void test_odd_questions(void)
{
    test_base base;
    fill(&base);
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) punctuation = ask(&base, "?!", &options);
    g_assert_cmpuint(punctuation->text->len, ==, 0);
    g_assert_true(has_note(punctuation, "no words"));
    options.threshold_text = 0;
    g_autoptr(jd_results) stopwords = ask(&base, "of the", &options);
    g_assert_cmpuint(stopwords->text->len, ==, 0);
    g_assert_true(has_note(stopwords, "too common"));
    g_autoptr(GString) repeated = g_string_new(NULL);
    while (repeated->len < 30000)
        g_string_append_printf(repeated, "word%zu loss ", repeated->len);
    g_autoptr(jd_results) many = ask(&base, repeated->str, &options);
    g_assert_true(has_note(many, "first 64 words"));
    test_base_clear(&base);
}

static void test_threshold_and_k(void)
{
    test_base base;
    fill(&base);
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.threshold_text = options.threshold_images = 0;
    g_autoptr(jd_results) all = ask(&base, "vectors words loss", &options);
    g_assert_cmpuint(all->text->len, ==, 4);
    options.k_text = 2;
    g_autoptr(jd_results) two = ask(&base, "vectors words loss", &options);
    g_assert_cmpuint(two->text->len, ==, 2);
    g_assert_cmpint(id_at(two->text, 1), ==, id_at(all->text, 1));
    options.k_text = -1;
    options.threshold_text = score_at(all->text, 2);
    g_autoptr(jd_results) three = ask(&base, "vectors words loss", &options);
    g_assert_cmpuint(three->text->len, >=, 3);
    options.images = FALSE;
    g_autoptr(jd_results) text = ask(&base, "loss", &options);
    g_assert_cmpuint(text->images->len, ==, 0);
    test_base_clear(&base);
}

static void test_filter(void)
{
    test_base base;
    fill(&base);
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.threshold_text = options.threshold_images = 0;
    options.filter.title = "vector";
    g_autoptr(jd_results) results = ask(&base, "loss words scan", &options);
    g_assert_cmpuint(results->text->len, >, 0);
    for (guint i = 0; i < results->text->len; i++)
        g_assert_cmpint(id_at(results->text, i), >=, 3);
    for (guint i = 0; i < results->images->len; i++)
        g_assert_cmpint(id_at(results->images, i), ==, 3);
    test_base_clear(&base);
}

/* A picture without a fitting word is found for the passage that it stands beside. */
static void test_picture_beside_passage(void)
{
    test_base base;
    test_base_init(&base);
    const test_item items[] = {{JD_ITEM_TEXT, "Birds", "The jackdaw nests in chimneys.", 0, 100},
                               {JD_ITEM_IMAGE, "Birds", "Photograph by the author", 110, 150},
                               {JD_ITEM_IMAGE, "Fish", "Photograph by the author", 900, 950},
                               {JD_ITEM_TEXT, "Fish", "Trout live in cold water.", 960, 990},
                               {JD_ITEM_TEXT, "Trees", "Oaks grow slowly.", 1000, 1100}};
    test_base_add(&base, "Nature", items, G_N_ELEMENTS(items));
    const jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    g_autoptr(jd_results) results = ask(&base, "Where do jackdaws nest?", &options);
    g_assert_cmpint(id_at(results->text, 0), ==, 1);
    g_assert_cmpuint(results->images->len, ==, 1);
    g_assert_cmpint(id_at(results->images, 0), ==, 1);
    g_assert_true(isnan(((jd_evidence *)results->images->pdata[0])->keyword));
    test_base_clear(&base);
}

static void test_like_without_vectors(void)
{
    test_base base;
    fill(&base);
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.like = "t4";
    options.threshold_text = 0;
    g_autoptr(jd_results) results = ask(&base, NULL, &options);
    g_assert_cmpint(id_at(results->text, 0), ==, 3);
    for (guint i = 0; i < results->text->len; i++)
        g_assert_cmpint(id_at(results->text, i), !=, 4);
    test_base_clear(&base);
}

/* ---- vectors ---- */

static const gint64 ids[] = {1, 2, 3, 4};
static const float vectors[] = {1, 0, 0, 0.6F, 0.8F, 0, 0, 1, 0, 0.6F, 0.8F, 0};

static void add_vectors(test_base *base, const char *model)
{
    test_base_add_vectors(
        base, model, 3, (jd_vectors){.kind = JD_ITEM_TEXT, .ids = ids, .values = vectors, .n = 4});
    test_base_add_vectors(
        base, model, 3, (jd_vectors){.kind = JD_ITEM_IMAGE, .ids = ids, .values = vectors, .n = 3});
}

static void test_article_scores(void)
{
    test_base base;
    fill(&base);
    add_vectors(&base, "m");
    const float query[] = {3, 4, 0};
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.profile = JD_PROFILE_ARTICLE;
    options.embedding = query;
    options.embedding_size = 3;
    options.temperature = 2;
    options.threshold_text = 0;
    options.threshold_images = 0.5;
    g_autoptr(jd_results) results = ask(&base, NULL, &options);
    const gint64 order[] = {2, 4, 3, 1};
    const double dots[] = {5, 5, 4, 3};
    double sum = 2 * exp(2.5) + exp(2) + exp(1.5);
    g_assert_cmpuint(results->text->len, ==, 4);
    for (guint i = 0; i < 4; i++) {
        const jd_evidence *evidence = results->text->pdata[i];
        g_assert_cmpint(evidence->item->id, ==, order[i]);
        g_assert_cmpfloat_with_epsilon(evidence->score, exp(dots[i] / 2) / sum, 1e-7);
        g_assert_cmpfloat_with_epsilon(evidence->dense, dots[i], 1e-6);
    }
    /* Of the images 2 alone has more than half: exp(2.5) of exp(2.5) + exp(2) + exp(1.5). */
    g_assert_cmpuint(results->images->len, ==, 1);
    g_assert_cmpint(id_at(results->images, 0), ==, 2);
    test_base_clear(&base);
}

static void test_article_extremes(void)
{
    test_base base;
    fill(&base);
    add_vectors(&base, "m");
    const float query[] = {3e38F, -3e38F, 0};
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.profile = JD_PROFILE_ARTICLE;
    options.embedding = query;
    options.embedding_size = 3;
    options.temperature = JD_LIMIT_TEMPERATURE_MIN;
    g_autoptr(jd_results) results = ask(&base, NULL, &options);
    g_assert_cmpuint(results->text->len, ==, 1);
    g_assert_cmpfloat(score_at(results->text, 0), ==, 1.0);
    g_assert_cmpint(id_at(results->text, 0), ==, 1);
    test_base_clear(&base);
}

static void test_cosine(void)
{
    test_base base;
    fill(&base);
    add_vectors(&base, "m");
    const float query[] = {0, 7, 0};
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.embedding = query;
    options.embedding_size = 3;
    g_autoptr(jd_results) results = ask(&base, NULL, &options);
    g_assert_cmpint(id_at(results->text, 0), ==, 3);
    g_assert_cmpfloat_with_epsilon(score_at(results->text, 0), 1, 1e-7);
    g_assert_cmpfloat_with_epsilon(score_at(results->text, 1), 0.8, 1e-7);
    options.embedding = NULL;
    options.embedding_size = 0;
    options.like = "t2";
    g_autoptr(jd_results) like = ask(&base, NULL, &options);
    g_assert_cmpint(id_at(like->text, 0), ==, 4);
    g_assert_cmpuint(like->text->len, ==, 3);
    /* The image of the same number is another item. */
    g_assert_cmpint(id_at(like->images, 0), ==, 2);
    test_base_clear(&base);
}

/* ---- what is refused ---- */

static void assert_refused(test_base *base, const char *text, const jd_search_options *options,
                           int code)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_retrieve(base->store, &(jd_query){.text = text}, options, &error));
    g_assert_error(error, JD_ERROR, code);
}

static void test_refused(void)
{
    test_base base;
    fill(&base);
    const jd_search_options plain = JD_SEARCH_OPTIONS_INIT;
    g_autofree char *long_text = g_strnfill(100000, 'a');
    assert_refused(&base, NULL, &plain, JD_ERROR_USAGE);
    assert_refused(&base, " \n", &plain, JD_ERROR_USAGE);
    assert_refused(&base, long_text, &plain, JD_ERROR_LIMIT);
    jd_search_options options = plain;
    options.text = options.images = FALSE;
    assert_refused(&base, "loss", &options, JD_ERROR_USAGE);
    options = plain;
    options.k_text = 0;
    assert_refused(&base, "loss", &options, JD_ERROR_USAGE);
    options.k_text = JD_LIMIT_K + 1;
    assert_refused(&base, "loss", &options, JD_ERROR_USAGE);
    options = plain;
    options.profile = JD_PROFILE_ARTICLE;
    assert_refused(&base, "loss", &options, JD_ERROR_UNAVAILABLE);
    options.like = "t1";
    assert_refused(&base, NULL, &options, JD_ERROR_NOT_FOUND);
    options.like = "d1";
    assert_refused(&base, NULL, &options, JD_ERROR_USAGE);
    options.like = "t99";
    assert_refused(&base, NULL, &options, JD_ERROR_NOT_FOUND);
    options.like = "t1";
    options.temperature = 0;
    assert_refused(&base, NULL, &options, JD_ERROR_USAGE);
    test_base_clear(&base);
}

static void test_refused_vectors(void)
{
    test_base base;
    fill(&base);
    const float query[] = {1, NAN, 0}, zero[] = {0, 0, 0};
    jd_search_options options = JD_SEARCH_OPTIONS_INIT;
    options.embedding = zero;
    options.embedding_size = 3;
    assert_refused(&base, NULL, &options, JD_ERROR_INVALID); /* no vectors to compare with */
    add_vectors(&base, "m");
    assert_refused(&base, NULL, &options, JD_ERROR_INVALID); /* a vector without direction */
    options.embedding = query;
    assert_refused(&base, NULL, &options, JD_ERROR_INVALID);
    options.embedding_size = 1;
    assert_refused(&base, NULL, &options, JD_ERROR_INVALID);
    options.embedding_size = 3;
    options.like = "t1";
    assert_refused(&base, NULL, &options, JD_ERROR_USAGE);
    add_vectors(&base, "other");
    const float good[] = {1, 0, 0};
    options.like = NULL;
    options.embedding = good;
    assert_refused(&base, NULL, &options, JD_ERROR_USAGE); /* two spaces of that dimension */
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(base.store, NULL);
    jd_query query_in_space = {
        .embedding = good, .embedding_size = 3, .space = ((jd_space *)spaces->pdata[1])->id};
    options.embedding = NULL;
    g_autoptr(jd_results) results = jd_retrieve(base.store, &query_in_space, &options, NULL);
    g_assert_cmpint(id_at(results->text, 0), ==, 1);
    query_in_space.space = 999;
    g_autoptr(GError) error = NULL;
    g_assert_null(jd_retrieve(base.store, &query_in_space, &options, &error));
    g_assert_error(error, JD_ERROR, JD_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "999"));
    test_base_clear(&base);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retrieve/default/words", test_words);
    g_test_add_func("/retrieve/default/stems", test_stems);
    g_test_add_func("/retrieve/default/nothing", test_nothing_relevant);
    g_test_add_func("/retrieve/default/odd", test_odd_questions);
    g_test_add_func("/retrieve/default/cut", test_threshold_and_k);
    g_test_add_func("/retrieve/default/filter", test_filter);
    g_test_add_func("/retrieve/default/beside", test_picture_beside_passage);
    g_test_add_func("/retrieve/default/like", test_like_without_vectors);
    g_test_add_func("/retrieve/default/cosine", test_cosine);
    g_test_add_func("/retrieve/article/scores", test_article_scores);
    g_test_add_func("/retrieve/article/extremes", test_article_extremes);
    g_test_add_func("/retrieve/refused", test_refused);
    g_test_add_func("/retrieve/refused/vectors", test_refused_vectors);
    return g_test_run();
}
