#include "retrieve/calibrate.h"

#include <stdlib.h>

enum { WHOLE_WORDS = 8 };

static int compare_falling(gconstpointer a, gconstpointer b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static gboolean weigh(jd_store *store, const jd_question *question, jd_item_kind kind,
                      double *weights, GError **error)
{
    jd_keyword_query query = {
        .kind = kind, .terms = question->words, .term_count = question->count};
    return jd_store_weigh_words(store, &query, weights, error);
}

gboolean jd_calibrate_question(jd_store *store, const jd_question *question, jd_item_kind kind,
                               double *whole, GError **error)
{
    gsize n = question->count;
    g_autofree double *weights = g_new0(double, n + 1);
    g_autofree double *among_images = g_new0(double, n + 1);
    if (!weigh(store, question, JD_ITEM_TEXT, weights, error) ||
        (kind == JD_ITEM_IMAGE && !weigh(store, question, kind, among_images, error)))
        return FALSE;
    for (gsize i = 0; i < n; i++)
        weights[i] = question->compound[i] ? 0 : MAX(weights[i], among_images[i]);
    qsort(weights, n, sizeof *weights, compare_falling);
    double sum = 0;
    for (gsize i = 0; i < MIN(n, WHOLE_WORDS); i++)
        sum += weights[i];
    *whole = sum;
    return TRUE;
}

double jd_calibrate(double score, double whole)
{
    return score > 0 ? score / (score + whole / 2) : 0;
}
