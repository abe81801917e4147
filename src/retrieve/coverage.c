/*
 * Calibration of word search. For a question with words t of weight
 *
 *     w(t) = ln(1 + (N - n + 1/2) / (n + 1/2)),   N items, n of them with the word
 *
 * (BM25's idf; a word that no item has weighs the most), an item with BM25 score s that has the
 * words M of the question has
 *
 *     coverage  c = sum of w over M / W,  at most 1
 *     strength  x = s / sum of w over M
 *     relevance   = c * x / (x + 1/2)
 *
 * A compound whose parts are words too (llama3.2 beside llama and 3.2) does not count in c: an item
 * that writes it otherwise covers the question as well. W is the sum of the 8 largest weights
 * (COVERAGE_WORDS): of a long question no passage has all words. The strength is the mean of BM25's
 * saturating term-frequency factor, which is about 1 where each word occurs once in a passage of
 * average length, so that a passage with all words of the question scores about 0.67 and, with many
 * occurrences, towards 0.85; for the same words it rises with s. What matters for saying "nothing
 * relevant" is c: a question whose rare words occur nowhere has most of its weight in them, and no
 * item can score more than the rest.
 */
#include "retrieve/coverage.h"

#include "base/analyze.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { COVERAGE_WORDS = 8 };
#define HALF_STRENGTH 0.5

struct jd_coverage {
    const jd_question *question;
    double *weights;       /* one a word */
    double whole;          /* W */
    GHashTable *forms;     /* form -> index of its word + 1 */
    GHashTable *analyzers; /* language ("" for none) -> jd_analyzer * */
    gboolean *has;         /* scratch: which words the item at hand has */
};

static int compare_falling(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static double sum_of_largest(const double *weights, gsize n)
{
    g_autofree double *sorted = g_memdup2(weights, n * sizeof *weights);
    if (n > 0)
        qsort(sorted, n, sizeof *sorted, compare_falling);
    double sum = 0;
    for (gsize i = 0; i < MIN(n, COVERAGE_WORDS); i++)
        sum += sorted[i];
    return sum;
}

static void analyzer_free(gpointer data)
{
    jd_analyzer_free(data);
}

jd_coverage *jd_coverage_new(jd_store *store, const jd_question *question, jd_item_kind kind,
                             GError **error)
{
    g_autofree double *weights = g_new0(double, question->count + 1);
    jd_keyword_query query = {
        .kind = kind, .terms = question->words, .term_count = question->count};
    if (!jd_store_weigh_words(store, &query, weights, error))
        return NULL;
    jd_coverage *coverage = g_new0(jd_coverage, 1);
    coverage->question = question;
    coverage->weights = g_steal_pointer(&weights);
    coverage->has = g_new0(gboolean, question->count + 1);
    coverage->forms = g_hash_table_new(g_str_hash, g_str_equal);
    coverage->analyzers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, analyzer_free);
    for (gsize i = 0; i < question->count; i++) {
        if (question->compound[i])
            coverage->weights[i] = 0;
        for (char **form = question->words[i].forms; *form; form++)
            g_hash_table_insert(coverage->forms, *form, GSIZE_TO_POINTER(i + 1));
    }
    coverage->whole = sum_of_largest(coverage->weights, question->count);
    return coverage;
}

void jd_coverage_free(jd_coverage *coverage)
{
    if (!coverage)
        return;
    g_free(coverage->weights);
    g_free(coverage->has);
    g_hash_table_unref(coverage->forms);
    g_hash_table_unref(coverage->analyzers);
    g_free(coverage);
}

static jd_analyzer *analyzer_for(jd_coverage *coverage, const char *language)
{
    const char *key = language ? language : "";
    jd_analyzer *analyzer = g_hash_table_lookup(coverage->analyzers, key);
    if (!analyzer) {
        analyzer = jd_analyzer_new(language);
        g_hash_table_insert(coverage->analyzers, g_strdup(key), analyzer);
    }
    return analyzer;
}

static gboolean mark_word(const jd_token *token, void *user)
{
    jd_coverage *coverage = user;
    gsize index = GPOINTER_TO_SIZE(g_hash_table_lookup(coverage->forms, token->term));
    if (index > 0)
        coverage->has[index - 1] = TRUE;
    return TRUE;
}

/* The fields that the word index has. */
static void mark_item(jd_coverage *coverage, const jd_item *item)
{
    g_autofree char *section = jd_text_section(item->section);
    const char *fields[] = {item->document ? item->document->title : NULL,
                            section,
                            item->text,
                            item->caption,
                            item->alt,
                            item->ocr,
                            item->nearby};
    jd_analyzer *analyzer = analyzer_for(coverage, item->language);
    for (gsize i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i])
            jd_analyzer_run(analyzer, fields[i], strlen(fields[i]), mark_word, coverage);
}

double jd_coverage_relevance(jd_coverage *coverage, const jd_item *item, double score)
{
    memset(coverage->has, 0, coverage->question->count * sizeof *coverage->has);
    mark_item(coverage, item);
    double matched = 0;
    for (gsize i = 0; i < coverage->question->count; i++)
        if (coverage->has[i])
            matched += coverage->weights[i];
    if (matched <= 0 || score <= 0)
        return 0;
    double strength = score / matched;
    return MIN(matched / coverage->whole, 1.0) * strength / (strength + HALF_STRENGTH);
}
