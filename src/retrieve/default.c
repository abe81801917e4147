/*
 * The default profile. A question is searched by its words and, with an encoder, its meaning
 * (words.c); with a picture beside it, by that too (mixed.c). A query vector or an item to be like
 * is searched by the cosine of its vector with the stored ones of the same space: score = max(0,
 * cosine), scores.dense = cosine, the item itself left out. An item without a vector is searched
 * for by its own words.
 */
#include "retrieve/mixed.h"
#include "retrieve/search.h"
#include "retrieve/words.h"

#include "base/text.h"

#include <math.h>

static const gsize default_k[] = {[JD_ITEM_TEXT] = 10, [JD_ITEM_IMAGE] = 5};

static gboolean search_vectors(jd_search *search, const jd_dense_query *query, jd_item_kind kind,
                               GError **error)
{
    double threshold = jd_search_threshold(search, kind, 0);
    jd_dense_request request = {.query = query,
                                .kind = kind,
                                .filter = &search->options->filter,
                                .k = jd_search_k(search, kind, default_k[kind])};
    g_autoptr(GArray) best = NULL;
    if (!jd_dense_nearest(search->store, &request, &best, error))
        return FALSE;
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < best->len; i++) {
        const jd_hit *hit = &g_array_index(best, jd_hit, i);
        jd_ranked ranked = {
            .id = hit->id, .score = CLAMP(hit->score, 0, 1), .dense = hit->score, .keyword = NAN};
        if (ranked.score < threshold)
            break;
        ok = jd_search_add(search, kind, &ranked, error);
    }
    return ok;
}

static gboolean search_both(jd_search *search, const jd_dense_query *query, GError **error)
{
    for (int kind = JD_ITEM_TEXT; kind <= JD_ITEM_IMAGE; kind++)
        if (jd_search_wants(search, (jd_item_kind)kind) &&
            !search_vectors(search, query, (jd_item_kind)kind, error))
            return FALSE;
    return TRUE;
}

static void note_words_only(jd_search *search)
{
    if (!search->meaning)
        jd_search_note(search, search->why_words
                                   ? search->why_words
                                   : "searched by words only: no text encoder is installed");
}

static gboolean search_words(jd_search *search, const jd_word_search *words, GError **error)
{
    note_words_only(search);
    return jd_search_words(search, words, error);
}

/* An item's own words stand for its vector. */
static gboolean search_like_words(jd_search *search, GError **error)
{
    char letter;
    gint64 id;
    if (!jd_id_parse(search->options->like, &letter, &id, error))
        return FALSE;
    jd_item_kind kind = letter == 't' ? JD_ITEM_TEXT : JD_ITEM_IMAGE;
    g_autoptr(GPtrArray) items = jd_store_get_items(search->store, kind, &id, 1, error);
    if (!items)
        return FALSE;
    const jd_item *item = items->pdata[0];
    g_autofree char *text =
        kind == JD_ITEM_TEXT
            ? g_strdup(item->text)
            : g_strjoin(" ", item->caption ? item->caption : "", item->alt ? item->alt : "",
                        item->ocr ? item->ocr : "", item->nearby ? item->nearby : "", NULL);
    jd_word_search words = {.text = text, .k = default_k, .except = item};
    return search_words(search, &words, error);
}

static gboolean search_words_and_picture(jd_search *search, const jd_word_search *words,
                                         GError **error)
{
    const jd_query_vector *picture = search->picture;
    const jd_given_vector given = {picture->values, picture->size, picture->space};
    g_auto(jd_dense_query) query = {0};
    note_words_only(search);
    return jd_dense_query_from_vector(search->store, &given, &query, error) &&
           jd_search_mixed(search, words, &query, error);
}

gboolean jd_search_default(jd_search *search, GError **error)
{
    g_auto(jd_dense_query) query = {0};
    if (search->options->like) {
        gboolean found;
        jd_item_vector wanted = {.id = search->options->like, .space = search->space};
        if (!jd_dense_query_from_item(search->store, &wanted, &query, &found, error))
            return FALSE;
        return found ? search_both(search, &query, error) : search_like_words(search, error);
    }
    if (search->vector.size > 0)
        return jd_dense_query_from_vector(search->store, &search->vector, &query, error) &&
               search_both(search, &query, error);
    jd_word_search words = {.text = search->text, .k = default_k};
    if (search->picture)
        return search_words_and_picture(search, &words, error);
    return search_words(search, &words, error);
}
