/* Lists of evidence: making and freeing them (declared in jackdaw.h). */
#include <jackdaw.h>

static void evidence_free(gpointer data)
{
    jd_evidence_free(data);
}

jd_evidence *jd_evidence_new(jd_item *item)
{
    jd_evidence *evidence = g_new0(jd_evidence, 1);
    evidence->item = item;
    evidence->score = evidence->dense = evidence->keyword = evidence->rerank = NAN;
    return evidence;
}

void jd_evidence_free(jd_evidence *evidence)
{
    if (!evidence)
        return;
    jd_item_free(evidence->item);
    g_free(evidence);
}

jd_results *jd_results_new(const char *query, jd_profile profile)
{
    jd_results *results = g_new0(jd_results, 1);
    results->query = g_strdup(query);
    results->profile = profile;
    results->text = g_ptr_array_new_with_free_func(evidence_free);
    results->images = g_ptr_array_new_with_free_func(evidence_free);
    results->notes = g_ptr_array_new_with_free_func(g_free);
    results->terms = g_ptr_array_new_with_free_func(g_free);
    return results;
}

void jd_results_free(jd_results *results)
{
    if (!results)
        return;
    g_free(results->query);
    g_ptr_array_unref(results->text);
    g_ptr_array_unref(results->images);
    g_ptr_array_unref(results->notes);
    g_ptr_array_unref(results->terms);
    g_free(results);
}
