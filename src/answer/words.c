#include "answer/words.h"

#include "base/analyze.h"
#include "base/sentence.h"

#include <math.h>
#include <string.h>

enum { MAX_RANGE = 20 }; /* "[1-500]" is no list of sources */

struct jd_lexicon {
    jd_analyzer *analyzer;
    GHashTable *counts; /* term -> number of texts that hold it */
    guint texts;
};

jd_lexicon *jd_lexicon_new(const char *language)
{
    jd_lexicon *lexicon = g_new0(jd_lexicon, 1);
    lexicon->analyzer = jd_analyzer_new(language);
    lexicon->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return lexicon;
}

void jd_lexicon_free(jd_lexicon *lexicon)
{
    if (!lexicon)
        return;
    jd_analyzer_free(lexicon->analyzer);
    g_hash_table_unref(lexicon->counts);
    g_free(lexicon);
}

static gboolean take_term(const jd_token *token, void *user)
{
    if (!token->stopword)
        g_hash_table_add(user, g_strndup(token->term, token->length));
    return TRUE;
}

GHashTable *jd_lexicon_terms(jd_lexicon *lexicon, const char *text, gssize length)
{
    GHashTable *terms = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    jd_analyzer_run(lexicon->analyzer, text, length < 0 ? strlen(text) : (gsize)length, take_term,
                    terms);
    return terms;
}

void jd_lexicon_count(jd_lexicon *lexicon, GHashTable *terms)
{
    GHashTableIter iter;
    gpointer term;
    g_hash_table_iter_init(&iter, terms);
    while (g_hash_table_iter_next(&iter, &term, NULL)) {
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(lexicon->counts, term));
        g_hash_table_insert(lexicon->counts, g_strdup(term), GUINT_TO_POINTER(count + 1));
    }
    lexicon->texts++;
}

double jd_lexicon_weight(const jd_lexicon *lexicon, const char *term)
{
    double df = GPOINTER_TO_UINT(g_hash_table_lookup(lexicon->counts, term));
    return log(1 + (lexicon->texts - df + 0.5) / (df + 0.5));
}

double jd_lexicon_share(const jd_lexicon *lexicon, GHashTable *terms, GHashTable *other)
{
    double all = 0, shared = 0;
    GHashTableIter iter;
    gpointer term;
    g_hash_table_iter_init(&iter, terms);
    while (g_hash_table_iter_next(&iter, &term, NULL)) {
        double weight = jd_lexicon_weight(lexicon, term);
        all += weight;
        if (g_hash_table_contains(other, term))
            shared += weight;
    }
    return all > 0 ? shared / all : 0;
}

/* ---- source numbers ---- */

static const char *skip_blanks(const char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

/* A number of one to three digits; NULL where there is none. */
static const char *read_number(const char *p, int *number)
{
    gsize digits = strspn(p, "0123456789");
    if (digits == 0 || digits > 3)
        return NULL;
    *number = (int)g_ascii_strtoll(p, NULL, 10);
    return p + digits;
}

/* "3" or "3-5" with a hyphen or an en dash. */
static const char *read_range(const char *p, GArray *numbers)
{
    int first = 0;
    p = read_number(p, &first);
    if (!p)
        return NULL;
    int last = first;
    const char *dash = skip_blanks(p);
    gsize length = *dash == '-' ? 1 : g_str_has_prefix(dash, "–") ? strlen("–") : 0;
    if (length > 0) {
        p = read_number(skip_blanks(dash + length), &last);
        if (!p || last < first || last - first >= MAX_RANGE)
            return NULL;
    }
    for (int n = first; n <= last; n++)
        g_array_append_val(numbers, n);
    return p;
}

gsize jd_source_numbers(const char *text, GArray *numbers)
{
    gboolean wide = g_str_has_prefix(text, "【");
    if (*text != '[' && !wide)
        return 0;
    const char *close = wide ? "】" : "]";
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int));
    const char *p = skip_blanks(text + (wide ? strlen("【") : 1));
    while ((p = read_range(p, found))) {
        p = skip_blanks(p);
        if (g_str_has_prefix(p, close)) {
            if (numbers)
                g_array_append_vals(numbers, found->data, found->len);
            return p + strlen(close) - text;
        }
        if (*p != ',' && *p != ';')
            return 0;
        p = skip_blanks(p + 1);
    }
    return 0;
}

/* ---- sentences ---- */

static gsize skip_space(const char *text, gsize at)
{
    while (g_ascii_isspace(text[at]))
        at++;
    return at;
}

static void add_span(GArray *spans, const char *text, gsize start, gsize end)
{
    start = MIN(skip_space(text, start), end);
    while (end > start && g_ascii_isspace(text[end - 1]))
        end--;
    jd_span span = {start, end};
    if (end > start)
        g_array_append_val(spans, span);
}

/* Source numbers at `at`, with the blanks between and after them: the first byte behind. */
static gsize skip_numbers(const char *text, gsize at)
{
    gsize length;
    while ((length = jd_source_numbers(text + at, NULL)) > 0)
        at = skip_space(text, at + length);
    return at;
}

static void add_line(GArray *spans, const char *text, gsize start, gsize end)
{
    g_autofree char *line = g_strndup(text + start, end - start);
    gsize at = 0;
    while (line[at]) {
        gsize next = jd_sentence_end(line, at);
        gsize behind = skip_numbers(line, next);
        add_span(spans, text, start + at, start + behind);
        at = behind;
    }
}

GArray *jd_sentences(const char *text)
{
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(jd_span));
    gsize start = 0;
    while (text[start]) {
        gsize length = strcspn(text + start, "\n");
        add_line(spans, text, start, start + length);
        start += length + (text[start + length] == '\n');
    }
    return spans;
}

/* ---- items ---- */

static void add_words(GString *out, const char *text)
{
    if (text && *text)
        g_string_append_printf(out, "%s\n", text);
}

char *jd_item_words(const jd_item *item)
{
    GString *out = g_string_new(NULL);
    add_words(out, item->document ? item->document->title : NULL);
    for (char **heading = item->section; *heading; heading++)
        add_words(out, *heading);
    add_words(out, item->text);
    add_words(out, item->caption);
    add_words(out, item->alt);
    add_words(out, item->ocr);
    add_words(out, item->nearby);
    return g_string_free(out, FALSE);
}

static void count_languages(const GPtrArray *list, GHashTable *counts)
{
    for (guint i = 0; i < list->len; i++) {
        const jd_evidence *evidence = g_ptr_array_index(list, i);
        char *language = evidence->item->language;
        if (language) {
            guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, language));
            g_hash_table_insert(counts, language, GUINT_TO_POINTER(n + 1));
        }
    }
}

const char *jd_results_language(const jd_results *results)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    count_languages(results->text, counts);
    count_languages(results->images, counts);
    const char *best = NULL;
    guint most = 0;
    GHashTableIter iter;
    gpointer language, n;
    g_hash_table_iter_init(&iter, counts);
    while (g_hash_table_iter_next(&iter, &language, &n)) {
        guint count = GPOINTER_TO_UINT(n);
        if (count > most || (count == most && strcmp(language, best) < 0)) {
            most = count;
            best = language;
        }
    }
    return best;
}
