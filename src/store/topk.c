#include "store/topk.h"

#include <math.h>

void jd_topk_init(jd_topk *top, gsize k)
{
    top->k = k;
    top->heap = g_array_new(FALSE, FALSE, sizeof(jd_hit));
}

void jd_topk_clear(jd_topk *top)
{
    g_clear_pointer(&top->heap, g_array_unref);
}

static gboolean is_worse(const jd_hit *a, const jd_hit *b)
{
    return a->score < b->score || (a->score == b->score && a->id > b->id);
}

static void swap(jd_hit *a, jd_hit *b)
{
    jd_hit kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(jd_hit *heap, gsize i)
{
    while (i > 0 && is_worse(&heap[i], &heap[(i - 1) / 2])) {
        swap(&heap[i], &heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(jd_hit *heap, gsize n)
{
    for (gsize i = 0;;) {
        gsize worst = i;
        for (gsize child = 2 * i + 1; child <= 2 * i + 2 && child < n; child++)
            if (is_worse(&heap[child], &heap[worst]))
                worst = child;
        if (worst == i)
            return;
        swap(&heap[i], &heap[worst]);
        i = worst;
    }
}

void jd_topk_add(jd_topk *top, gint64 id, double score)
{
    jd_hit scored = {.id = id, .score = score};
    jd_hit *heap = (jd_hit *)(void *)top->heap->data;
    if (top->heap->len < top->k) {
        g_array_append_val(top->heap, scored);
        sift_up((jd_hit *)(void *)top->heap->data, top->heap->len - 1);
    } else if (top->k > 0 && is_worse(&heap[0], &scored)) {
        heap[0] = scored;
        sift_down(heap, top->heap->len);
    }
}

void jd_topk_join(jd_topk *top, const jd_topk *other)
{
    for (guint i = 0; i < other->heap->len; i++) {
        const jd_hit *hit = &g_array_index(other->heap, jd_hit, i);
        jd_topk_add(top, hit->id, hit->score);
    }
}

double jd_topk_floor(const jd_topk *top)
{
    if (top->k == 0)
        return INFINITY;
    return top->heap->len < top->k ? -INFINITY : g_array_index(top->heap, jd_hit, 0).score;
}

static int compare_best_first(gconstpointer a, gconstpointer b)
{
    if (is_worse(b, a))
        return -1;
    return is_worse(a, b) ? 1 : 0;
}

GArray *jd_topk_take(jd_topk *top)
{
    GArray *best = top->heap;
    g_array_sort(best, compare_best_first);
    top->heap = g_array_new(FALSE, FALSE, sizeof(jd_hit));
    return best;
}
