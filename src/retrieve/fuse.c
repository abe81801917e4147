#include "retrieve/fuse.h"

#include <math.h>

static const double dense_weight = 0.6;

static double logit(double p)
{
    const double least = 0.05;
    p = CLAMP(p, least, 1 - least);
    return log(p / (1 - p));
}

double jd_fuse_relevance(double cosine, double words, const jd_cosine_scale *scale)
{
    if (isnan(cosine))
        return words;
    double odds =
        dense_weight * (cosine - scale->middle) / scale->width + (1 - dense_weight) * logit(words);
    return 1 / (1 + exp(-odds));
}

static int compare_best_first(gconstpointer a, gconstpointer b)
{
    const jd_fuse_item *x = a;
    const jd_fuse_item *y = b;
    if (x->fused != y->fused)
        return x->fused > y->fused ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static void fuse_scores(GArray *items)
{
    double least = INFINITY, greatest = -INFINITY, most_words = 0;
    for (guint i = 0; i < items->len; i++) {
        const jd_fuse_item *item = &g_array_index(items, jd_fuse_item, i);
        if (!isnan(item->dense)) {
            least = MIN(least, item->dense);
            greatest = MAX(greatest, item->dense);
        }
        if (!isnan(item->keyword))
            most_words = MAX(most_words, item->keyword);
    }
    for (guint i = 0; i < items->len; i++) {
        jd_fuse_item *item = &g_array_index(items, jd_fuse_item, i);
        double words = most_words > 0 && !isnan(item->keyword) ? item->keyword / most_words : 0;
        double dense = greatest > least ? (item->dense - least) / (greatest - least) : 0;
        if (isnan(item->dense))
            dense = words;
        item->fused = dense_weight * dense + (1 - dense_weight) * words;
    }
}

/* Pool adjacent violators: runs of items that were merged have one mean. */
static void make_falling(GArray *items)
{
    typedef struct run {
        double sum;
        guint n;
    } run;
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(run));
    for (guint i = 0; i < items->len; i++) {
        run last = {g_array_index(items, jd_fuse_item, i).relevance, 1};
        while (runs->len > 0) {
            const run *before = &g_array_index(runs, run, runs->len - 1);
            if (before->sum * last.n >= last.sum * before->n)
                break;
            last = (run){last.sum + before->sum, last.n + before->n};
            g_array_set_size(runs, runs->len - 1);
        }
        g_array_append_val(runs, last);
    }
    for (guint r = 0, i = 0; r < runs->len; r++) {
        const run *merged = &g_array_index(runs, run, r);
        for (guint n = 0; n < merged->n; n++)
            g_array_index(items, jd_fuse_item, i++).relevance = merged->sum / merged->n;
    }
}

void jd_fuse(GArray *items, const jd_cosine_scale *scale)
{
    fuse_scores(items);
    for (guint i = 0; i < items->len; i++) {
        jd_fuse_item *item = &g_array_index(items, jd_fuse_item, i);
        item->relevance = jd_fuse_relevance(item->dense, item->words, scale);
    }
    g_array_sort(items, compare_best_first);
    make_falling(items);
}
