/*
 * Answers without a model: the best passages of the evidence, quoted, and the pictures.
 *
 * A sentence scores
 *
 *     0.50 share of the question's words that it holds, by weight (words.h, over all sentences)
 *     0.20 the same for title, section and sentence together
 *     0.30 its chunk's score, as a share of the best chunk's
 *
 * and where there is an encoder, the best JD_EXTRACT_COMPARED by that are scored anew:
 *
 *     0.35 cosine of question and sentence, 0.15 of question and "section: sentence"
 *     0.25 share of words, 0.25 its chunk's score
 *
 * which answered 22 of 30 questions of a small collection (three single sentences: 19). Without
 * cosines the share of words stands in for the first and the share with title and section for the
 * second.
 *
 * Around the best sentence a window of up to JD_EXTRACT_WINDOW_CHARS grows within its chunk, then
 * around the next best outside of it. A sentence that announces something (a colon at its end,
 * "below", "following") takes along what follows it, an item of a list what announces it.
 */
#include "answer/backend.h"
#include "answer/words.h"
#include "base/limits.h"
#include "base/text.h"
#include "retrieve/json.h"

#include <math.h>
#include <string.h>

/* A sentence of a chunk. */
typedef struct sentence {
    guint chunk;  /* index into the results' texts */
    guint at;     /* index into the chunk's spans */
    double share; /* of the question's words */
    double score;
} sentence;

/* A part of a chunk that is quoted: spans first to last. */
typedef struct window {
    guint chunk, first, last;
} window;

typedef struct extraction {
    const jd_results *results;
    const char *question;
    GPtrArray *spans;  /* GArray * of jd_span, one a chunk */
    GArray *sentences; /* sentence */
    GArray *windows;   /* window */
} extraction;

static const jd_item *chunk_item(const extraction *x, guint chunk)
{
    return ((const jd_evidence *)g_ptr_array_index(x->results->text, chunk))->item;
}

static const jd_span *span_at(const extraction *x, guint chunk, guint at)
{
    return &g_array_index((GArray *)g_ptr_array_index(x->spans, chunk), jd_span, at);
}

static guint span_count(const extraction *x, guint chunk)
{
    return ((GArray *)g_ptr_array_index(x->spans, chunk))->len;
}

/* Characters from the start of one span to the end of another. */
static gsize width(const extraction *x, guint chunk, guint first, guint last)
{
    const char *text = chunk_item(x, chunk)->text;
    gsize start = span_at(x, chunk, first)->start, end = span_at(x, chunk, last)->end;
    return (gsize)g_utf8_strlen(text + start, (gssize)(end - start));
}

/* ---- scoring ---- */

static GHashTable *span_terms(const extraction *x, jd_lexicon *lexicon, const sentence *s)
{
    const jd_span *span = span_at(x, s->chunk, s->at);
    return jd_lexicon_terms(lexicon, chunk_item(x, s->chunk)->text + span->start,
                            (gssize)(span->end - span->start));
}

/* 1 for the best chunk; where scores are missing, falling with the rank. */
static double chunk_share(const extraction *x, guint chunk)
{
    const jd_evidence *best = g_ptr_array_index(x->results->text, 0);
    const jd_evidence *this = g_ptr_array_index(x->results->text, chunk);
    if (!isfinite(best->score) || !isfinite(this->score) || best->score <= 0)
        return 1.0 / (chunk + 1);
    return CLAMP(this->score / best->score, 0, 1);
}

static void add_all(GHashTable *to, GHashTable *from)
{
    GHashTableIter iter;
    gpointer term;
    g_hash_table_iter_init(&iter, from);
    while (g_hash_table_iter_next(&iter, &term, NULL))
        g_hash_table_add(to, g_strdup(term));
}

static GHashTable *heading_terms(jd_lexicon *lexicon, const jd_item *item)
{
    g_autofree char *section = jd_text_section(item->section);
    g_autofree char *heading =
        g_strdup_printf("%s %s", item->document ? item->document->title : "", section);
    return jd_lexicon_terms(lexicon, heading, -1);
}

static void score_sentence(const extraction *x, jd_lexicon *lexicon, GHashTable *question,
                           sentence *s)
{
    const double w_sentence = 0.50, w_heading = 0.20, w_chunk = 0.30;
    g_autoptr(GHashTable) own = span_terms(x, lexicon, s);
    g_autoptr(GHashTable) with_heading = heading_terms(lexicon, chunk_item(x, s->chunk));
    add_all(with_heading, own);
    s->share = jd_lexicon_share(lexicon, question, own);
    s->score = w_sentence * s->share +
               w_heading * jd_lexicon_share(lexicon, question, with_heading) +
               w_chunk * chunk_share(x, s->chunk);
}

static int by_score(gconstpointer a, gconstpointer b)
{
    const sentence *s = a, *t = b;
    if (s->score != t->score)
        return s->score > t->score ? -1 : 1;
    if (s->chunk != t->chunk)
        return s->chunk < t->chunk ? -1 : 1;
    return s->at < t->at ? -1 : s->at > t->at;
}

static void score_all(extraction *x)
{
    g_autoptr(jd_lexicon) lexicon = jd_lexicon_new(jd_results_language(x->results));
    for (guint c = 0; c < x->results->text->len; c++) {
        g_ptr_array_add(x->spans, jd_sentences(chunk_item(x, c)->text));
        for (guint i = 0; i < span_count(x, c); i++) {
            sentence s = {.chunk = c, .at = i};
            g_autoptr(GHashTable) terms = span_terms(x, lexicon, &s);
            jd_lexicon_count(lexicon, terms);
            g_array_append_val(x->sentences, s);
        }
    }
    g_autoptr(GHashTable) question = jd_lexicon_terms(lexicon, x->question, -1);
    for (guint i = 0; i < x->sentences->len; i++)
        score_sentence(x, lexicon, question, &g_array_index(x->sentences, sentence, i));
    g_array_sort(x->sentences, by_score);
}

/* ---- meaning ---- */

/* The first n sentences, then each with its section in front. */
static GPtrArray *texts_to_compare(const extraction *x, guint n)
{
    GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < 2 * n; i++) {
        const sentence *s = &g_array_index(x->sentences, sentence, i % n);
        const jd_item *item = chunk_item(x, s->chunk);
        const jd_span *span = span_at(x, s->chunk, s->at);
        guint depth = i < n ? 0 : g_strv_length(item->section);
        const char *section = depth > 0 ? item->section[depth - 1] : "";
        g_ptr_array_add(texts,
                        g_strdup_printf("%s%s%.*s", section, depth > 0 ? ": " : "",
                                        (int)(span->end - span->start), item->text + span->start));
    }
    return texts;
}

/* Where the encoder fails, which the search would have met before, the words decide. */
static void score_by_meaning(extraction *x, const jd_meaning *meaning)
{
    const double w_sentence = 0.35, w_section = 0.15, w_words = 0.25, w_chunk = 0.25;
    guint n = MIN(x->sentences->len, JD_EXTRACT_COMPARED);
    g_autoptr(GPtrArray) texts = texts_to_compare(x, n);
    g_autofree double *cosines = g_new0(double, 2 * n + 1);
    if (n == 0 || !meaning->compare((const char *const *)texts->pdata, texts->len, cosines,
                                    meaning->user, NULL))
        return;
    g_array_set_size(x->sentences, n);
    for (guint i = 0; i < n; i++) {
        sentence *s = &g_array_index(x->sentences, sentence, i);
        s->score = w_sentence * cosines[i] + w_section * cosines[n + i] + w_words * s->share +
                   w_chunk * chunk_share(x, s->chunk);
    }
    g_array_sort(x->sentences, by_score);
}

/* ---- windows ---- */

static gboolean announces(const extraction *x, guint chunk, guint at)
{
    const jd_span *span = span_at(x, chunk, at);
    g_autofree char *text =
        g_strndup(chunk_item(x, chunk)->text + span->start, span->end - span->start);
    return g_str_has_suffix(text, ":") || g_str_has_suffix(text, "below.") ||
           g_str_has_suffix(text, "following.") || g_str_has_suffix(text, "as follows.");
}

/* "- ", "* ", "• ", "3. ", "3) " */
static gboolean is_list_item(const extraction *x, guint chunk, guint at)
{
    const char *text = chunk_item(x, chunk)->text + span_at(x, chunk, at)->start;
    if (g_str_has_prefix(text, "- ") || g_str_has_prefix(text, "* ") ||
        g_str_has_prefix(text, "• "))
        return TRUE;
    gsize digits = strspn(text, "0123456789");
    return digits > 0 && digits < 4 && (text[digits] == '.' || text[digits] == ')') &&
           text[digits + 1] == ' ';
}

/* Grows by whole sentences, forward before backward, while it stays within `chars`. */
static void grow(const extraction *x, window *w, gsize chars)
{
    gboolean grown = TRUE;
    while (grown) {
        grown = FALSE;
        if (w->last + 1 < span_count(x, w->chunk) &&
            width(x, w->chunk, w->first, w->last + 1) <= chars) {
            w->last++;
            grown = TRUE;
        }
        if (w->first > 0 && width(x, w->chunk, w->first - 1, w->last) <= chars) {
            w->first--;
            grown = TRUE;
        }
    }
}

/* What is announced goes with what announces it. */
static void complete(const extraction *x, window *w)
{
    guint first = w->first;
    while (first > 0 && is_list_item(x, w->chunk, first) &&
           width(x, w->chunk, first - 1, w->last) <= JD_EXTRACT_FOLLOW_CHARS)
        first--;
    if (!is_list_item(x, w->chunk, first))
        w->first = first;
    gboolean open = announces(x, w->chunk, w->last);
    while ((open || is_list_item(x, w->chunk, w->last)) && w->last + 1 < span_count(x, w->chunk) &&
           width(x, w->chunk, w->first, w->last + 1) <= JD_EXTRACT_FOLLOW_CHARS) {
        if (!open && !is_list_item(x, w->chunk, w->last + 1))
            break;
        w->last++;
        open = FALSE;
    }
}

static gboolean is_taken(const extraction *x, const sentence *s)
{
    for (guint i = 0; i < x->windows->len; i++) {
        const window *w = &g_array_index(x->windows, window, i);
        if (w->chunk == s->chunk && s->at >= w->first && s->at <= w->last)
            return TRUE;
    }
    return FALSE;
}

/* A window that grew into one that is there already ends where that begins. */
static void keep_apart(const extraction *x, window *w, guint at)
{
    for (guint i = 0; i < x->windows->len; i++) {
        const window *other = &g_array_index(x->windows, window, i);
        if (other->chunk != w->chunk)
            continue;
        if (other->first > at)
            w->last = MIN(w->last, other->first - 1);
        else
            w->first = MAX(w->first, other->last + 1);
    }
}

static void choose_windows(extraction *x)
{
    const double worth = 0.6; /* of the best sentence's score */
    for (guint i = 0; i < x->sentences->len && x->windows->len < JD_EXTRACT_WINDOWS; i++) {
        const sentence *s = &g_array_index(x->sentences, sentence, i);
        if (s->score < worth * g_array_index(x->sentences, sentence, 0).score)
            break;
        if (is_taken(x, s))
            continue;
        window w = {s->chunk, s->at, s->at};
        grow(x, &w, JD_EXTRACT_WINDOW_CHARS);
        complete(x, &w);
        keep_apart(x, &w, s->at);
        g_array_append_val(x->windows, w);
    }
}

static extraction *extraction_new(const jd_answer_request *request)
{
    extraction *x = g_new0(extraction, 1);
    x->results = request->results;
    x->question = request->stands_for ? request->stands_for : request->question;
    x->spans = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    x->sentences = g_array_new(FALSE, FALSE, sizeof(sentence));
    x->windows = g_array_new(FALSE, FALSE, sizeof(window));
    score_all(x);
    if (request->meaning)
        score_by_meaning(x, request->meaning);
    choose_windows(x);
    return x;
}

static void extraction_free(extraction *x)
{
    g_ptr_array_unref(x->spans);
    g_array_unref(x->sentences);
    g_array_unref(x->windows);
    g_free(x);
}

/* ---- the answer ---- */

static char *window_text(const extraction *x, const window *w)
{
    gsize start = span_at(x, w->chunk, w->first)->start;
    gsize end = span_at(x, w->chunk, w->last)->end;
    g_autofree char *text = g_strndup(chunk_item(x, w->chunk)->text + start, end - start);
    return jd_text_shorten(text, JD_EXTRACT_FOLLOW_CHARS);
}

/* Adds a paragraph that source `n` supports. */
static void say(jd_session *session, int n, const jd_item *item, const char *text)
{
    jd_talk *talk = &session->talk;
    if (talk->text->len > 0)
        jd_talk_add(talk, "\n\n", 2);
    jd_citation citation = {.n = n, .kind = item->kind, .item = item->id, .start = talk->text->len};
    jd_talk_add(talk, text, strlen(text));
    citation.end = talk->text->len;
    g_array_append_val(session->answer->citations, citation);
}

static void say_pictures(jd_session *session)
{
    const jd_results *results = session->request->results;
    for (guint i = 0; i < MIN(results->images->len, JD_EXTRACT_PICTURES); i++) {
        const jd_item *item = ((jd_evidence *)g_ptr_array_index(results->images, i))->item;
        int n = (int)(results->text->len + i + 1);
        const char *caption = item->caption ? item->caption : item->alt;
        if (!caption)
            caption = item->document ? item->document->title : "without a caption";
        g_autofree char *flat = jd_text_collapse(caption, -1);
        g_autofree char *text = g_strdup_printf("Picture [%d]: %s", n, flat);
        say(session, n, item, text);
    }
}

static gboolean extract_chat(jd_session *session, const jd_prompt *prompt, GError **error)
{
    extraction *x = extraction_new(session->request);
    for (guint i = 0; i < x->windows->len; i++) {
        const window *w = &g_array_index(x->windows, window, i);
        g_autofree char *text = window_text(x, w);
        g_autofree char *quoted = g_strdup_printf("“%s” [%u]", text, w->chunk + 1);
        say(session, (int)w->chunk + 1, chunk_item(x, w->chunk), quoted);
    }
    extraction_free(x);
    say_pictures(session);
    jd_talk_end(&session->talk);
    session->answer->complete = TRUE;
    return TRUE;
}

static json_t *extract_show(const jd_session *session, const jd_prompt *prompt)
{
    extraction *x = extraction_new(session->request);
    json_t *passages = json_array();
    for (guint i = 0; i < x->windows->len; i++) {
        const window *w = &g_array_index(x->windows, window, i);
        const jd_item *item = chunk_item(x, w->chunk);
        g_autofree char *text = window_text(x, w);
        g_autofree char *id = jd_item_id(item->kind, item->id);
        json_array_append_new(passages, json_pack("{s:i, s:s, s:o}", "n", (int)w->chunk + 1, "id",
                                                  id, "text", jd_json_string(text)));
    }
    extraction_free(x);
    return json_pack("{s:o}", "passages", passages);
}

static gboolean extract_choose(jd_session *session, GError **error)
{
    return TRUE;
}

const jd_backend jd_backend_extract = {
    .name = "extract", .choose = extract_choose, .chat = extract_chat, .show = extract_show};
