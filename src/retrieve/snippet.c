#include "base/analyze.h"
#include "base/text.h"
#include "retrieve/retrieve.h"

#include <string.h>

/* A token of the text that is a word of the question. Positions in bytes and in characters. */
typedef struct match {
    gsize start, end;
    gsize first_char, end_char;
    guint word; /* which one */
} match;

typedef struct match_finder {
    const char *text;
    GHashTable *words; /* char * -> number + 1 */
    GArray *matches;
    gsize at, at_char; /* how far characters are counted */
} match_finder;

static gsize count_to(match_finder *finder, gsize byte)
{
    finder->at_char += (gsize)g_utf8_strlen(finder->text + finder->at, (gssize)(byte - finder->at));
    finder->at = byte;
    return finder->at_char;
}

static gboolean add_match(const jd_token *token, void *user)
{
    match_finder *finder = user;
    guint word = GPOINTER_TO_UINT(g_hash_table_lookup(finder->words, token->term));
    /* Bigrams of one run overlap, and so do a compound and its parts. */
    if (word == 0 || token->start < finder->at)
        return TRUE;
    match found = {.start = token->start, .end = token->end, .word = word};
    found.first_char = count_to(finder, token->start);
    found.end_char = count_to(finder, token->end);
    g_array_append_val(finder->matches, found);
    return TRUE;
}

static GArray *find_matches(const char *text, const jd_item *item, const jd_results *results)
{
    g_autoptr(GHashTable) words = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < results->terms->len; i++)
        g_hash_table_insert(words, results->terms->pdata[i], GUINT_TO_POINTER(i + 1));
    match_finder finder = {
        .text = text, .words = words, .matches = g_array_new(FALSE, FALSE, sizeof(match))};
    if (results->terms->len > 0) {
        g_autoptr(jd_analyzer) analyzer = jd_analyzer_new(item->language);
        jd_analyzer_run(analyzer, text, strlen(text), add_match, &finder);
    }
    return finder.matches;
}

/* Value of the matches first..last: different words count most, repetitions little. */
static guint value_of(const GArray *matches, guint first, guint last)
{
    guint value = 0;
    for (guint i = first; i <= last; i++) {
        gboolean again = FALSE;
        for (guint j = first; j < i && !again; j++)
            again = g_array_index(matches, match, j).word == g_array_index(matches, match, i).word;
        value += again ? 1 : 100;
    }
    return value;
}

/* The group of matches, of those that fit `max_chars`, that says most; the earliest of equals. */
static void best_group(const GArray *matches, gsize max_chars, guint *first, guint *last)
{
    guint best = 0;
    for (guint i = 0; i < matches->len; i++) {
        guint j = i;
        while (j + 1 < matches->len && g_array_index(matches, match, j + 1).end_char -
                                               g_array_index(matches, match, i).first_char <=
                                           max_chars)
            j++;
        guint value = value_of(matches, i, j);
        if (value > best) {
            best = value;
            *first = i;
            *last = j;
        }
    }
}

/* The byte where a window that must show what begins at byte `from` begins, with `spare` characters
 * before it, moved to a word's beginning. */
static gsize window_start(const char *text, gsize from, gsize spare)
{
    const char *at = text + from;
    for (gsize i = 0; i < spare && at > text; i++)
        at = g_utf8_prev_char(at);
    if (at == text || at[-1] == ' ')
        return (gsize)(at - text);
    const char *space = memchr(at, ' ', (gsize)(text + from - at));
    return space ? (gsize)(space + 1 - text) : (gsize)(at - text);
}

/* The byte where it ends: at most `chars` characters on, moved back to a word's end after `to`. */
static gsize window_end(const char *text, gsize start, gsize to, gsize chars)
{
    gsize end = start + jd_text_prefix(text + start, chars);
    if (text[end] == '\0' || text[end] == ' ')
        return end;
    for (gsize i = end; i > to; i--)
        if (text[i - 1] == ' ')
            return i - 1;
    return end;
}

static const char *text_of(const jd_item *item)
{
    const char *texts[] = {item->text, item->caption, item->alt, item->ocr, item->nearby};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i] && *texts[i])
            return texts[i];
    return "";
}

static jd_snippet *cut(const char *text, gsize start, gsize end, const GArray *matches)
{
    jd_snippet *snippet = g_new0(jd_snippet, 1);
    const char *before = start > 0 ? "…" : "", *after = text[end] ? "…" : "";
    snippet->text = g_strdup_printf("%s%.*s%s", before, (int)(end - start), text + start, after);
    snippet->marks = g_array_new(FALSE, FALSE, sizeof(gsize));
    for (guint i = 0; i < matches->len; i++) {
        const match *at = &g_array_index(matches, match, i);
        if (at->start < start || at->end > end)
            continue;
        gsize mark[] = {at->start - start + strlen(before), at->end - start + strlen(before)};
        g_array_append_vals(snippet->marks, mark, 2);
    }
    return snippet;
}

jd_snippet *jd_snippet_new(const jd_item *item, const jd_results *results, gsize max_chars)
{
    g_autofree char *text = jd_text_collapse(text_of(item), -1);
    g_autoptr(GArray) matches = find_matches(text, item, results);
    gsize length = jd_text_chars(text);
    if (length <= max_chars)
        return cut(text, 0, strlen(text), matches);
    gsize room = max_chars > 2 ? max_chars - 2 : 1; /* an ellipsis at either end */
    if (matches->len == 0)
        return cut(text, 0, window_end(text, 0, 0, room), matches);
    guint first = 0, last = 0;
    best_group(matches, room, &first, &last);
    const match *from = &g_array_index(matches, match, first);
    const match *to = &g_array_index(matches, match, last);
    gsize shown = to->end_char - from->first_char;
    gsize spare = room > shown ? room - shown : 0;
    /* Two thirds of the spare room after the words, where what is said of them stands; all that the
     * text's end leaves unused before them. */
    gsize after = MIN(spare - spare / 3, length - to->end_char);
    gsize start = window_start(text, from->start, spare - after);
    return cut(text, start, window_end(text, start, to->end, room), matches);
}

void jd_snippet_free(jd_snippet *snippet)
{
    if (!snippet)
        return;
    g_free(snippet->text);
    g_array_unref(snippet->marks);
    g_free(snippet);
}
