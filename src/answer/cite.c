#include "answer/cite.h"

#include "answer/words.h"
#include "base/text.h"

#include <string.h>

typedef struct sentence {
    jd_span span;
    GHashTable *terms;
    GArray *numbers; /* int, as written */
} sentence;

typedef struct citing {
    jd_answer *answer;
    jd_lexicon *lexicon;
    GPtrArray *sources;   /* GHashTable *: the terms of each source */
    GArray *sentences;    /* sentence */
    GArray *wrong;        /* int: numbers that name no source */
    GPtrArray *unfounded; /* char *: sentences that no source supports */
} citing;

static void sentence_clear(gpointer data)
{
    sentence *s = data;
    g_hash_table_unref(s->terms);
    g_array_unref(s->numbers);
}

const jd_evidence *jd_answer_source(const jd_results *evidence, int n)
{
    if (n >= 1 && (guint)n <= evidence->text->len)
        return g_ptr_array_index(evidence->text, n - 1);
    n -= (int)evidence->text->len;
    if (n >= 1 && (guint)n <= evidence->images->len)
        return g_ptr_array_index(evidence->images, n - 1);
    return NULL;
}

static gboolean has_number(const GArray *numbers, int n)
{
    for (guint i = 0; i < numbers->len; i++) {
        if (g_array_index(numbers, int, i) == n)
            return TRUE;
    }
    return FALSE;
}

static void add_number(GArray *numbers, int n)
{
    if (!has_number(numbers, n))
        g_array_append_val(numbers, n);
}

/* "Picture 4" at `text`: its number, or 0. */
static int picture_number(const char *text)
{
    static const char word[] = "picture ";
    if (g_ascii_strncasecmp(text, word, strlen(word)) != 0)
        return 0;
    text += strlen(word);
    gsize digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 3 ? (int)g_ascii_strtoll(text, NULL, 10) : 0;
}

/* The numbers in a sentence; `plain` gets the sentence without them. */
static GArray *read_numbers(const jd_results *evidence, const char *text, GString *plain)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int));
    for (const char *p = text; *p;) {
        g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int));
        gsize length = jd_source_numbers(p, found);
        for (guint i = 0; i < found->len; i++)
            add_number(numbers, g_array_index(found, int, i));
        int picture = length == 0 ? picture_number(p) : 0;
        const jd_evidence *shown = jd_answer_source(evidence, picture);
        if (shown && shown->item->kind == JD_ITEM_IMAGE)
            add_number(numbers, picture);
        if (length == 0)
            g_string_append_c(plain, *p);
        p += MAX(length, 1);
    }
    return numbers;
}

static void read_sentences(citing *c)
{
    g_autoptr(GArray) spans = jd_sentences(c->answer->text);
    for (guint i = 0; i < spans->len; i++) {
        sentence s = {.span = g_array_index(spans, jd_span, i)};
        g_autofree char *text =
            g_strndup(c->answer->text + s.span.start, s.span.end - s.span.start);
        GString *plain = g_string_new(NULL);
        s.numbers = read_numbers(c->answer->evidence, text, plain);
        s.terms = jd_lexicon_terms(c->lexicon, plain->str, (gssize)plain->len);
        g_string_free(plain, TRUE);
        jd_lexicon_count(c->lexicon, s.terms);
        g_array_append_val(c->sentences, s);
    }
}

static void read_sources(citing *c, const GPtrArray *list)
{
    for (guint i = 0; i < list->len; i++) {
        const jd_evidence *evidence = g_ptr_array_index(list, i);
        g_autofree char *text = jd_item_words(evidence->item);
        GHashTable *terms = jd_lexicon_terms(c->lexicon, text, -1);
        jd_lexicon_count(c->lexicon, terms);
        g_ptr_array_add(c->sources, terms);
    }
}

static void cite(citing *c, const sentence *s, int n)
{
    const jd_item *item = jd_answer_source(c->answer->evidence, n)->item;
    jd_citation citation = {
        .n = n, .kind = item->kind, .item = item->id, .start = s->span.start, .end = s->span.end};
    g_array_append_val(c->answer->citations, citation);
}

/* Cites what the sentence names. Returns how well its words are in what it names, 1 where a picture
 * is among that, -1 where it names nothing. */
static double cite_named(citing *c, const sentence *s)
{
    double best = -1;
    for (guint i = 0; i < s->numbers->len; i++) {
        int n = g_array_index(s->numbers, int, i);
        const jd_evidence *evidence = jd_answer_source(c->answer->evidence, n);
        if (!evidence) {
            add_number(c->wrong, n);
            continue;
        }
        cite(c, s, n);
        double share = jd_lexicon_share(c->lexicon, s->terms, g_ptr_array_index(c->sources, n - 1));
        best = MAX(best, evidence->item->kind == JD_ITEM_IMAGE ? 1 : share);
    }
    return best;
}

/* Cites the sources that hold most of the sentence. FALSE where none holds enough. */
static gboolean cite_found(citing *c, const sentence *s)
{
    enum { MOST = 2 };
    const double nearly = 0.9;
    double best = 0;
    for (guint i = 0; i < c->sources->len; i++)
        best = MAX(best, jd_lexicon_share(c->lexicon, s->terms, g_ptr_array_index(c->sources, i)));
    if (best < JD_CITE_SHARE)
        return FALSE;
    int cited = 0;
    for (guint i = 0; i < c->sources->len && cited < MOST; i++) {
        double share = jd_lexicon_share(c->lexicon, s->terms, g_ptr_array_index(c->sources, i));
        if (share >= nearly * best) {
            cite(c, s, (int)i + 1);
            cited++;
        }
    }
    return TRUE;
}

static void cite_sentence(citing *c, const sentence *s)
{
    enum { CLAIM_WORDS = 2 };
    double named = cite_named(c, s);
    if (g_hash_table_size(s->terms) < CLAIM_WORDS)
        return;
    if (named < 0 ? cite_found(c, s) : named >= JD_CITE_DOUBT)
        return;
    g_autofree char *text = g_strndup(c->answer->text + s->span.start, s->span.end - s->span.start);
    g_ptr_array_add(c->unfounded, jd_text_shorten(text, 80));
}

static void add_notes(citing *c)
{
    enum { QUOTED = 3 };
    GPtrArray *notes = c->answer->notes;
    for (guint i = 0; i < c->wrong->len; i++)
        g_ptr_array_add(notes,
                        g_strdup_printf("the answer names [%d], which is none of its sources",
                                        g_array_index(c->wrong, int, i)));
    guint n = c->unfounded->len;
    for (guint i = 0; i < MIN(n, QUOTED); i++)
        g_ptr_array_add(notes, g_strdup_printf("no source supports: \"%s\"",
                                               (char *)g_ptr_array_index(c->unfounded, i)));
    if (n > QUOTED)
        g_ptr_array_add(notes, g_strdup_printf("no source supports %u more of %u sentences",
                                               n - QUOTED, c->sentences->len));
}

void jd_answer_cite(jd_answer *answer)
{
    citing c = {.answer = answer,
                .lexicon = jd_lexicon_new(jd_results_language(answer->evidence)),
                .sources = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref),
                .sentences = g_array_new(FALSE, FALSE, sizeof(sentence)),
                .wrong = g_array_new(FALSE, FALSE, sizeof(int)),
                .unfounded = g_ptr_array_new_with_free_func(g_free)};
    g_array_set_clear_func(c.sentences, sentence_clear);
    read_sources(&c, answer->evidence->text);
    read_sources(&c, answer->evidence->images);
    read_sentences(&c);
    for (guint i = 0; i < c.sentences->len; i++)
        cite_sentence(&c, &g_array_index(c.sentences, sentence, i));
    add_notes(&c);
    g_array_unref(c.sentences);
    g_array_unref(c.wrong);
    g_ptr_array_unref(c.unfounded);
    g_ptr_array_unref(c.sources);
    jd_lexicon_free(c.lexicon);
}
