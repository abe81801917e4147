#include "embed/tokenizer_cut.h"

#include <string.h>

/* Cutting one word. */
typedef struct cutting {
    const jd_cut *cut;
    const jd_word *word;
    jd_wordlist *words;
    gboolean any;      /* a part of this word was added */
    gboolean previous; /* the last part was a match */
} cutting;

gboolean jd_cut_behavior_parse(const char *name, jd_cut_behavior *behavior)
{
    static const char *const names[] = {
        [JD_CUT_REMOVED] = "Removed",
        [JD_CUT_ISOLATED] = "Isolated",
        [JD_CUT_PREVIOUS] = "MergedWithPrevious",
        [JD_CUT_NEXT] = "MergedWithNext",
        [JD_CUT_CONTIGUOUS] = "Contiguous",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *behavior = (jd_cut_behavior)i;
            return TRUE;
        }
    return FALSE;
}

static gboolean joins_last(const cutting *c, gboolean match)
{
    switch (c->cut->behavior) {
    case JD_CUT_CONTIGUOUS:
        return match == c->previous;
    case JD_CUT_PREVIOUS:
        return match && !c->previous;
    case JD_CUT_NEXT:
        return !match && c->previous;
    default:
        return FALSE;
    }
}

/* Takes the next part of the word, a match or what is between two. */
static void take(cutting *c, gsize start, gsize end, gboolean match)
{
    if (match && c->cut->behavior == JD_CUT_REMOVED)
        return;
    if (c->any && joins_last(c, match)) {
        GArray *list = c->words->next_list;
        g_array_index(list, jd_word, list->len - 1).length += (guint32)(end - start);
    } else {
        jd_wordlist_add(c->words, c->word->start + start, end - start,
                        start == 0 && c->word->origin);
    }
    c->any = TRUE;
    c->previous = match;
}

void jd_cut_word(const jd_cut *cut, const char *text, const jd_word *word, jd_wordlist *words)
{
    cutting c = {.cut = cut, .word = word, .words = words};
    g_auto(jd_matcher) matcher = JD_MATCHER_INIT(cut->pattern, text + word->start, word->length);
    gsize done = 0, start, end;
    while (jd_matcher_next(&matcher, &start, &end)) {
        if (start > done)
            take(&c, done, start, cut->invert);
        take(&c, start, end, !cut->invert);
        done = end;
    }
    if (done < word->length)
        take(&c, done, word->length, cut->invert);
}

void jd_cut_run(const jd_cut *cut, jd_wordlist *words)
{
    for (guint i = 0; i < words->list->len; i++)
        jd_cut_word(cut, words->text->str, &g_array_index(words->list, jd_word, i), words);
    jd_wordlist_swap_list(words);
}
