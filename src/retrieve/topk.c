#include "retrieve/topk.h"

void jd_topk_init(jd_topk *top, gsize k)
{
    top->k = k;
    top->heap = g_array_new(FALSE, FALSE, sizeof(jd_scored));
}

void jd_topk_clear(jd_topk *top)
{
    g_clear_pointer(&top->heap, g_array_unref);
}

static gboolean is_worse(const jd_scored *a, const jd_scored *b)
{
    return a->score < b->score || (a->score == b->score && a->id > b->id);
}

static void swap(jd_scored *a, jd_scored *b)
{
    jd_scored kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(jd_scored *heap, gsize i)
{
    while (i > 0 && is_worse(&heap[i], &heap[(i - 1) / 2])) {
        swap(&heap[i], &heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static void sift_down(jd_scored *heap, gsize n)
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
    jd_scored scored = {.id = id, .score = score};
    jd_scored *heap = (jd_scored *)(void *)top->heap->data;
    if (top->heap->len < top->k) {
        g_array_append_val(top->heap, scored);
        sift_up((jd_scored *)(void *)top->heap->data, top->heap->len - 1);
    } else if (top->k > 0 && is_worse(&heap[0], &scored)) {
        heap[0] = scored;
        sift_down(heap, top->heap->len);
    }
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
    top->heap = g_array_new(FALSE, FALSE, sizeof(jd_scored));
    return best;
}
