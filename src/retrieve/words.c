#include "retrieve/words.h"

#include "base/limits.h"
#include "retrieve/calibrate.h"
#include "retrieve/find.h"
#include "retrieve/pixels.h"
#include "retrieve/question.h"

#include <limits.h>
#include <math.h>

enum { STRONG_CHUNKS = 10 }; /* chunks that lift the pictures beside them */

/* One search by words under way. */
typedef struct word_run {
    jd_search *search;
    const jd_word_search *words;
    const jd_question *question;
} word_run;

static GPtrArray *find(const word_run *run, jd_item_kind kind, GError **error)
{
    jd_find_request request = {.question = run->question,
                               .kind = kind,
                               .k = jd_search_k(run->search, kind, run->words->k[kind])};
    return jd_find_candidates(run->search, &request, error);
}

/* The item that others are to be like is not among them. */
static void drop_excepted(const jd_item *except, GPtrArray *candidates)
{
    for (guint i = 0; except && i < candidates->len; i++) {
        const jd_item *item = ((const jd_candidate *)candidates->pdata[i])->item;
        if (item->kind == except->kind && item->id == except->id)
            g_ptr_array_remove_index(candidates, i--);
    }
}

static void emit(const word_run *run, jd_item_kind kind, GPtrArray *candidates)
{
    drop_excepted(run->words->except, candidates);
    jd_search_take_best(run->search, candidates,
                        jd_search_k(run->search, kind, run->words->k[kind]),
                        jd_search_threshold(run->search, kind, JD_RELEVANT));
}

/* The pictures of the documents that the strong chunks are from. */
static GPtrArray *pictures_of(jd_search *search, const GPtrArray *chunks, GError **error)
{
    g_autoptr(GPtrArray) pictures = g_ptr_array_new_with_free_func((GDestroyNotify)jd_item_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; i < chunks->len; i++) {
        const jd_document_info *document = ((jd_candidate *)chunks->pdata[i])->item->document;
        if (!document || document->image_count == 0 ||
            !g_hash_table_add(seen, (gpointer)&document->id))
            continue;
        jd_item_range range = {
            .document = document->id, .kind = JD_ITEM_IMAGE, .first = 0, .last = INT_MAX};
        GPtrArray *found = jd_store_get_range(search->store, &range, error);
        if (!found)
            return NULL;
        g_ptr_array_extend_and_steal(pictures, found);
    }
    return g_steal_pointer(&pictures);
}

/* Pictures by their own words, and those beside the strongest chunks. */
static gboolean search_images(const word_run *run, const GPtrArray *chunks, GError **error)
{
    g_autoptr(GPtrArray) images = find(run, JD_ITEM_IMAGE, error);
    if (!images)
        return FALSE;
    g_autoptr(GPtrArray) strong = g_ptr_array_new();
    for (guint i = 0; i < chunks->len && i < STRONG_CHUNKS; i++)
        if (((jd_candidate *)chunks->pdata[i])->relevance >= JD_RELEVANT)
            g_ptr_array_add(strong, chunks->pdata[i]);
    g_autoptr(GPtrArray) pictures = pictures_of(run->search, strong, error);
    if (!pictures)
        return FALSE;
    if (!jd_pixels_lift(run->search, images, error))
        return FALSE;
    jd_candidates_lift_pictures(images, strong, pictures);
    jd_candidates_sort(images);
    jd_candidates_drop_duplicates(images);
    emit(run, JD_ITEM_IMAGE, images);
    return TRUE;
}

static gboolean run_words(const word_run *run, GError **error)
{
    g_autoptr(GPtrArray) chunks = find(run, JD_ITEM_TEXT, error);
    if (!chunks)
        return FALSE;
    jd_candidates_drop_duplicates(chunks);
    if (jd_search_wants(run->search, JD_ITEM_IMAGE) && !search_images(run, chunks, error))
        return FALSE;
    if (jd_search_wants(run->search, JD_ITEM_TEXT))
        emit(run, JD_ITEM_TEXT, chunks);
    return TRUE;
}

static void set_terms(jd_search *search, const jd_question *question)
{
    for (gsize i = 0; i < question->count; i++)
        for (char **form = question->words[i].forms; *form; form++)
            g_ptr_array_add(search->results->terms, g_strdup(*form));
}

gboolean jd_search_set_terms(jd_search *search, GError **error)
{
    g_autoptr(jd_question) question = jd_question_new(search->store, search->text, error);
    if (!question)
        return FALSE;
    set_terms(search, question);
    return TRUE;
}

gboolean jd_search_words(jd_search *search, const jd_word_search *words, GError **error)
{
    g_autoptr(jd_question) question = jd_question_new(search->store, words->text, error);
    if (!question)
        return FALSE;
    set_terms(search, question);
    if (question->count == 0 && !search->meaning) {
        jd_search_note(search, "the question has no words to search for");
        return TRUE;
    }
    if (question->stopwords)
        jd_search_note(search, "the question has only words that are too common to search for");
    if (question->cut && !words->except) {
        g_autofree char *note = g_strdup_printf(
            "the question is long: its first %d words were searched for", JD_LIMIT_QUERY_TERMS);
        jd_search_note(search, note);
    }
    word_run run = {.search = search, .words = words, .question = question};
    return run_words(&run, error);
}
