#include "retrieve/question.h"

#include "base/analyze.h"
#include "base/language.h"
#include "base/limits.h"

#include <string.h>

/* A word at one place of the question: the same bytes are the same word in every language. */
typedef struct word_place {
    gsize start, end;
    GPtrArray *forms; /* char *: its terms in all languages */
    gboolean stopword;
} word_place;

/* One pass over the question in one language. */
typedef struct language_pass {
    GArray *places; /* place, by rising start */
    guint at;       /* where the next token is looked for: tokens come in order */
    gboolean stopwords;
} language_pass;

static void place_clear(gpointer data)
{
    g_ptr_array_unref(((word_place *)data)->forms);
}

/* The place with the token's bytes; made where it is absent. */
static word_place *find_place(language_pass *pass, const jd_token *token)
{
    GArray *places = pass->places;
    while (pass->at < places->len &&
           g_array_index(places, word_place, pass->at).start < token->start)
        pass->at++;
    for (guint i = pass->at; i < places->len; i++) {
        word_place *place = &g_array_index(places, word_place, i);
        if (place->start > token->start)
            break;
        if (place->end == token->end)
            return place;
    }
    word_place made = {
        .start = token->start, .end = token->end, .forms = g_ptr_array_new_with_free_func(g_free)};
    g_array_insert_val(places, pass->at, made);
    return &g_array_index(places, word_place, pass->at);
}

static gboolean add_token(const jd_token *token, void *user)
{
    language_pass *pass = user;
    word_place *place = find_place(pass, token);
    g_ptr_array_add(place->forms, g_strdup(token->term));
    if (pass->stopwords && token->stopword)
        place->stopword = TRUE;
    return TRUE;
}

static void read_in(GArray *places, const char *text, const char *language, gboolean stopwords)
{
    g_autoptr(jd_analyzer) analyzer = jd_analyzer_new(language);
    language_pass pass = {.places = places, .stopwords = stopwords};
    jd_analyzer_run(analyzer, text, strlen(text), add_token, &pass);
}

/* In the base's commonest languages, in the question's own, and unstemmed, as items of unknown
 * language are indexed. Only the question's own language has stopwords in it. */
static GArray *find_places(const char *text, const GPtrArray *languages)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(word_place));
    g_array_set_clear_func(places, place_clear);
    const char *own = jd_language_guess(text, strlen(text));
    if (!own && languages->len > 0)
        own = languages->pdata[0];
    read_in(places, text, NULL, FALSE);
    if (own)
        read_in(places, text, own, TRUE);
    for (guint i = 0; i < languages->len && i < JD_LIMIT_QUERY_LANGUAGES; i++)
        if (g_strcmp0(languages->pdata[i], own) != 0)
            read_in(places, text, languages->pdata[i], FALSE);
    return places;
}

/* TRUE where other words that count lie within this one: the parts of top_k, of llama3.2. */
static gboolean has_parts(const GArray *places, guint at, gboolean stopwords)
{
    const word_place *whole = &g_array_index(places, word_place, at);
    guint i = at;
    while (i > 0 && g_array_index(places, word_place, i - 1).start == whole->start)
        i--;
    for (; i < places->len; i++) {
        const word_place *part = &g_array_index(places, word_place, i);
        if (part->start >= whole->end)
            return FALSE;
        if (i != at && part->end <= whole->end && (stopwords || !part->stopword))
            return TRUE;
    }
    return FALSE;
}

typedef struct question_word {
    GPtrArray *forms; /* char * */
    gboolean compound;
} question_word;

static void question_word_free(gpointer data)
{
    question_word *word = data;
    g_ptr_array_unref(word->forms);
    g_free(word);
}

/* Puts the words of `places` together, one for all places that share a form. */
static GPtrArray *gather(const GArray *places, gboolean stopwords, gboolean *cut)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(question_word_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < places->len; i++) {
        const word_place *at = &g_array_index(places, word_place, i);
        if (at->stopword && !stopwords)
            continue;
        question_word *word = NULL;
        for (guint f = 0; f < at->forms->len && !word; f++)
            word = g_hash_table_lookup(seen, at->forms->pdata[f]);
        if (!word && words->len == JD_LIMIT_QUERY_TERMS) {
            *cut = TRUE;
            break;
        }
        if (!word) {
            word = g_new0(question_word, 1);
            word->forms = g_ptr_array_new_with_free_func(g_free);
            word->compound = has_parts(places, i, stopwords);
            g_ptr_array_add(words, word);
        }
        for (guint f = 0; f < at->forms->len; f++) {
            if (g_hash_table_contains(seen, at->forms->pdata[f]))
                continue;
            char *form = g_strdup(at->forms->pdata[f]);
            g_ptr_array_add(word->forms, form);
            g_hash_table_insert(seen, form, word);
        }
    }
    return words;
}

jd_question *jd_question_new(jd_store *store, const char *text, GError **error)
{
    g_autoptr(GPtrArray) languages = jd_store_languages(store, error);
    if (!languages)
        return NULL;
    g_autoptr(GArray) places = find_places(text, languages);
    gboolean cut = FALSE;
    g_autoptr(GPtrArray) words = gather(places, FALSE, &cut);
    gboolean stopwords = words->len == 0;
    if (stopwords) {
        g_ptr_array_unref(words);
        words = gather(places, TRUE, &cut);
    }
    jd_question *question = g_new0(jd_question, 1);
    question->count = words->len;
    question->cut = cut;
    question->stopwords = stopwords;
    question->words = g_new0(jd_query_term, words->len + 1);
    question->compound = g_new0(gboolean, words->len + 1);
    for (guint i = 0; i < words->len; i++) {
        question_word *word = words->pdata[i];
        g_ptr_array_add(word->forms, NULL);
        question->words[i].forms = (char **)g_ptr_array_steal(word->forms, NULL);
        question->compound[i] = word->compound;
    }
    return question;
}

void jd_question_free(jd_question *question)
{
    if (!question)
        return;
    for (gsize i = 0; i < question->count; i++)
        g_strfreev(question->words[i].forms);
    g_free(question->words);
    g_free(question->compound);
    g_free(question);
}
