#include "retrieve/candidate.h"

#include "base/text.h"

#include <string.h>

static void candidate_free(gpointer data)
{
    jd_candidate *candidate = data;
    jd_item_free(candidate->item);
    g_free(candidate);
}

GPtrArray *jd_candidates_new(void)
{
    return g_ptr_array_new_with_free_func(candidate_free);
}

jd_candidate *jd_candidates_add(GPtrArray *candidates, jd_item *item)
{
    jd_candidate *candidate = g_new0(jd_candidate, 1);
    candidate->item = item;
    candidate->dense = candidate->keyword = NAN;
    g_ptr_array_add(candidates, candidate);
    return candidate;
}

static int compare_best_first(gconstpointer a, gconstpointer b)
{
    const jd_candidate *x = *(jd_candidate *const *)a, *y = *(jd_candidate *const *)b;
    if (x->relevance != y->relevance)
        return x->relevance > y->relevance ? -1 : 1;
    return (x->item->id > y->item->id) - (x->item->id < y->item->id);
}

void jd_candidates_sort(GPtrArray *candidates)
{
    g_ptr_array_sort(candidates, compare_best_first);
}

/* ---- duplicates ---- */

static gint64 document_of(const jd_item *item)
{
    return item->document ? item->document->id : 0;
}

static gboolean ranges_overlap(const jd_item *a, const jd_item *b)
{
    if (document_of(a) != document_of(b) || a->start < 0 || b->start < 0)
        return FALSE;
    gint64 common = MIN(a->end, b->end) - MAX(a->start, b->start);
    gint64 shorter = MIN(a->end - a->start, b->end - b->start);
    return shorter > 0 && common > shorter / 2;
}

/* What two items have in common where they are the same thing; NULL where nothing can be. */
static char *identity(const jd_item *item)
{
    if (item->kind == JD_ITEM_IMAGE)
        return g_strdup(item->sha256);
    return item->text ? jd_text_collapse(item->text, -1) : NULL;
}

static gboolean overlaps_one(const GPtrArray *candidates, guint n, const jd_item *item)
{
    for (guint i = 0; item->kind == JD_ITEM_TEXT && i < n; i++)
        if (ranges_overlap(((jd_candidate *)candidates->pdata[i])->item, item))
            return TRUE;
    return FALSE;
}

void jd_candidates_drop_duplicates(GPtrArray *candidates)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    guint kept = 0;
    for (guint i = 0; i < candidates->len; i++) {
        const jd_item *item = ((jd_candidate *)candidates->pdata[i])->item;
        g_autofree char *same = identity(item);
        if ((same && g_hash_table_contains(seen, same)) || overlaps_one(candidates, kept, item))
            continue;
        if (same)
            g_hash_table_add(seen, g_steal_pointer(&same));
        gpointer swapped = candidates->pdata[kept];
        candidates->pdata[kept++] = candidates->pdata[i];
        candidates->pdata[i] = swapped;
    }
    g_ptr_array_set_size(candidates, (int)kept);
}

/* ---- pictures beside chunks ---- */

#define BESIDE_WEIGHT 0.75
#define BESIDE_BYTES 1500.0
#define BESIDE_PAGES 0.5
#define BESIDE_UNKNOWN 0.4

static double weight_of_distance(const jd_item *chunk, const jd_item *image)
{
    if (chunk->start >= 0 && image->start >= 0) {
        gint64 gap = MAX(chunk->start, image->start) - MIN(chunk->end, image->end);
        return BESIDE_WEIGHT / (1 + (double)MAX(gap, 0) / BESIDE_BYTES);
    }
    if (chunk->page > 0 && image->page > 0)
        return BESIDE_WEIGHT / (1 + abs(chunk->page - image->page) / BESIDE_PAGES);
    return BESIDE_UNKNOWN;
}

static double beside(const jd_item *image, const GPtrArray *chunks)
{
    double best = 0;
    for (guint i = 0; i < chunks->len; i++) {
        const jd_candidate *chunk = chunks->pdata[i];
        if (document_of(chunk->item) != document_of(image) ||
            !g_strv_equal((const char *const *)chunk->item->section,
                          (const char *const *)image->section))
            continue;
        best = MAX(best, chunk->relevance * weight_of_distance(chunk->item, image));
    }
    return best;
}

void jd_candidates_lift_pictures(GPtrArray *images, const GPtrArray *chunks, GPtrArray *pictures)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < images->len; i++)
        g_hash_table_add(known, &((jd_candidate *)images->pdata[i])->item->id);
    for (guint i = 0; i < pictures->len;) {
        jd_item *picture = pictures->pdata[i];
        if (g_hash_table_contains(known, &picture->id) || beside(picture, chunks) == 0) {
            i++;
            continue;
        }
        g_hash_table_add(known, &picture->id);
        jd_candidates_add(images, g_ptr_array_steal_index(pictures, i));
    }
    for (guint i = 0; i < images->len; i++) {
        jd_candidate *image = images->pdata[i];
        image->relevance = 1 - (1 - image->relevance) * (1 - beside(image->item, chunks));
    }
}
