#include "answer/selection.h"

#include <math.h>

static void left_out_free(gpointer data)
{
    jd_left_out_free(data);
}

void jd_left_out_free(jd_left_out *left)
{
    g_free(left->reason);
    g_free(left);
}

static GPtrArray *sources_of(const GPtrArray *list)
{
    GPtrArray *sources = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < list->len; i++) {
        jd_source *source = g_new0(jd_source, 1);
        source->evidence = g_ptr_array_index(list, i);
        g_ptr_array_add(sources, source);
    }
    return sources;
}

jd_selection *jd_selection_new(const jd_results *results)
{
    jd_selection *selection = g_new0(jd_selection, 1);
    selection->results = results;
    selection->text = sources_of(results->text);
    selection->images = sources_of(results->images);
    selection->left_out = g_ptr_array_new_with_free_func(left_out_free);
    return selection;
}

void jd_selection_free(jd_selection *selection)
{
    if (!selection)
        return;
    g_ptr_array_unref(selection->text);
    g_ptr_array_unref(selection->images);
    g_ptr_array_unref(selection->left_out);
    g_free(selection);
}

static gint64 tokens_of(const GPtrArray *sources)
{
    gint64 sum = 0;
    for (guint i = 0; i < sources->len; i++)
        sum += ((const jd_source *)g_ptr_array_index(sources, i))->tokens;
    return sum;
}

gint64 jd_selection_tokens(const jd_selection *selection)
{
    return tokens_of(selection->text) + tokens_of(selection->images);
}

guint jd_selection_size(const jd_selection *selection)
{
    return selection->text->len + selection->images->len;
}

/* The score of the list's last source as a share of its first's; infinite for an empty list. */
static double weakness(const GPtrArray *sources)
{
    if (sources->len == 0)
        return INFINITY;
    const jd_source *first = g_ptr_array_index(sources, 0);
    const jd_source *last = g_ptr_array_index(sources, sources->len - 1);
    if (first == last)
        return 1;
    double best = first->evidence->score, worst = last->evidence->score;
    if (!isfinite(best) || !isfinite(worst) || best <= 0)
        return 1.0 / sources->len;
    return CLAMP(worst / best, 0, 1);
}

gboolean jd_selection_drop(jd_selection *selection, const char *reason)
{
    if (jd_selection_size(selection) == 0)
        return FALSE;
    gboolean picture = weakness(selection->images) <= weakness(selection->text);
    GPtrArray *list = picture ? selection->images : selection->text;
    const jd_source *source = g_ptr_array_index(list, list->len - 1);
    jd_left_out *left = g_new0(jd_left_out, 1);
    left->kind = source->evidence->item->kind;
    left->item = source->evidence->item->id;
    left->reason = g_strdup(reason);
    g_ptr_array_add(selection->left_out, left);
    g_ptr_array_set_size(list, (int)list->len - 1);
    return TRUE;
}

static jd_item *copy_item(const jd_item *from)
{
    jd_item *item = jd_item_new(from->kind);
    g_strfreev(item->section);
    *item = *from;
    item->document = from->document ? jd_document_info_ref(from->document) : NULL;
    item->section = g_strdupv(from->section);
    item->language = g_strdup(from->language);
    item->text = g_strdup(from->text);
    item->caption = g_strdup(from->caption);
    item->alt = g_strdup(from->alt);
    item->ocr = g_strdup(from->ocr);
    item->nearby = g_strdup(from->nearby);
    item->source = g_strdup(from->source);
    item->sha256 = g_strdup(from->sha256);
    item->media_type = g_strdup(from->media_type);
    item->bytes = from->bytes ? g_bytes_ref(from->bytes) : NULL;
    return item;
}

static void copy_list(GPtrArray *to, const GPtrArray *sources)
{
    for (guint i = 0; i < sources->len; i++) {
        const jd_source *source = g_ptr_array_index(sources, i);
        jd_evidence *evidence = jd_evidence_new(copy_item(source->evidence->item));
        evidence->rank = source->evidence->rank;
        evidence->score = source->evidence->score;
        evidence->dense = source->evidence->dense;
        evidence->keyword = source->evidence->keyword;
        evidence->rerank = source->evidence->rerank;
        g_ptr_array_add(to, evidence);
    }
}

static void copy_strings(GPtrArray *to, const GPtrArray *from)
{
    for (guint i = 0; i < from->len; i++)
        g_ptr_array_add(to, g_strdup(g_ptr_array_index(from, i)));
}

jd_results *jd_selection_results(const jd_selection *selection)
{
    const jd_results *from = selection->results;
    jd_results *results = jd_results_new(from->query, from->profile);
    copy_list(results->text, selection->text);
    copy_list(results->images, selection->images);
    copy_strings(results->notes, from->notes);
    copy_strings(results->terms, from->terms);
    results->embed_ms = from->embed_ms;
    results->search_ms = from->search_ms;
    results->total_ms = from->total_ms;
    return results;
}
