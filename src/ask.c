#include "kb.h"

#include "answer/answer.h"
#include "answer/standalone.h"
#include "base/error.h"
#include "base/limits.h"
#include "compare_texts.h"
#include "picture_file.h"
#include "retrieve/question.h"

/* ---- pictures ---- */

static GPtrArray *picture_bytes(jd_kb *kb, const GPtrArray *images, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < images->len; i++) {
        const jd_item *image = images->pdata[i];
        GBytes *bytes = NULL;
        if (image->bytes)
            bytes = g_bytes_ref(image->bytes);
        else if (image->sha256)
            bytes = jd_store_get_picture(kb->store, image->sha256, error);
        else
            jd_set_error(error, JD_ERROR_NOT_FOUND, NULL,
                         "the bytes of picture i%" G_GINT64_FORMAT " are not stored", image->id);
        if (!bytes)
            return NULL;
        g_ptr_array_add(list, bytes);
    }
    return g_steal_pointer(&list);
}

static GBytes *render(const jd_picture_wish *wish, const char **media_type, void *user,
                      GError **error)
{
    jd_kb *kb = user;
    g_autoptr(GPtrArray) pictures = picture_bytes(kb, wish->images, error);
    jd_reader_pool *readers = pictures ? jd_kb_readers(kb, error) : NULL;
    if (!readers)
        return NULL;
    jd_render_request request = {
        .pictures = pictures, .labels = wish->labels, .max_side = wish->max_side};
    return jd_reader_pool_render(readers, &request, media_type, error);
}

/* Reads the picture that belongs to a question into `item`; returns it as a model server takes it.
 */
static GBytes *question_picture(jd_kb *kb, const jd_ask_options *options, jd_item *item,
                                GError **error)
{
    jd_reader_pool *readers = jd_kb_readers(kb, error);
    jd_query_picture picture = {.path = options->image_path, .bytes = options->image};
    if (!readers || !jd_query_picture_read(readers, &picture, item, error))
        return NULL;
    const char *media_type;
    g_autoptr(GPtrArray) pictures = g_ptr_array_new();
    g_ptr_array_add(pictures, item->bytes);
    jd_render_request request = {.pictures = pictures, .max_side = JD_ASK_PICTURE_SIDE};
    return jd_reader_pool_render(readers, &request, &media_type, error);
}

/* ---- what is searched for ---- */

/* What asking and showing the prompt have in common: the evidence and the request made of it. */
typedef struct question {
    jd_ask_options options;
    const char *text;
    jd_standalone standalone; /* of a question that follows up */
    jd_results *results;
    jd_item *read;   /* the question's picture, or NULL */
    GBytes *picture; /* the same as a model takes it */
    jd_picture_source source;
    jd_question_texts texts;
    jd_meaning meaning;
    jd_answer_request request;
} question;

static void question_clear(question *asked)
{
    jd_standalone_clear(&asked->standalone);
    jd_results_free(asked->results);
    g_clear_pointer(&asked->picture, g_bytes_unref);
    jd_item_free(asked->read);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(question, question_clear)

static const char *searched_for(const question *asked)
{
    return asked->standalone.question ? asked->standalone.question : asked->text;
}

static gboolean is_fragment(jd_kb *kb, const char *text, gboolean *fragment, GError **error)
{
    g_autoptr(jd_question) words = jd_question_new(kb->store, text, error);
    if (!words)
        return FALSE;
    *fragment = words->stopwords || words->count == 0;
    return TRUE;
}

/* Without a model: a question without a word of its own ("and why?") is searched for together with
 * the one before, and where that is another such, with the one before that. Questions of few words
 * are not: what was asked before would drown them. */
static gboolean complete_fragment(question *asked, jd_kb *kb, GError **error)
{
    gboolean fragment;
    if (!is_fragment(kb, asked->text, &fragment, error))
        return FALSE;
    g_autofree char *whole = g_strdup(asked->text);
    for (gsize i = asked->options.history_size; fragment && i > 0; i--) {
        const char *before = asked->options.history[i - 1].question;
        char *longer = g_strconcat(before, " ", whole, NULL);
        g_free(whole);
        whole = longer;
        if (!is_fragment(kb, before, &fragment, error))
            return FALSE;
    }
    if (!g_str_equal(whole, asked->text))
        asked->standalone.question = g_steal_pointer(&whole);
    return TRUE;
}

static gboolean follow_up(question *asked, jd_kb *kb, GError **error)
{
    const jd_search_options *search = &asked->options.search;
    gboolean by_words =
        !search->like && !search->embedding && !search->image && !search->image_path;
    if (!asked->options.rewrite || asked->options.history_size == 0 || !by_words)
        return TRUE;
    if (!jd_standalone_question(asked->text, &asked->options, &asked->standalone, error))
        return FALSE;
    if (asked->standalone.note && asked->options.on_note)
        asked->options.on_note(asked->standalone.note, asked->options.user);
    return !isnan(asked->standalone.ms) || complete_fragment(asked, kb, error);
}

/* ---- evidence ---- */

static void tell_query(const question *asked)
{
    if (asked->options.on_query)
        asked->options.on_query(searched_for(asked), asked->options.user);
}

static gboolean is_empty(const jd_results *results)
{
    return results->text->len == 0 && results->images->len == 0;
}

/* What a model made of a question may have lost what it was about: where nothing is found for it,
 * the question as it was asked has its turn. */
static gboolean find_evidence(question *asked, jd_kb *kb, GError **error)
{
    jd_standalone *standalone = &asked->standalone;
    tell_query(asked);
    asked->results = jd_kb_search(kb, searched_for(asked), &asked->options.search, error);
    if (!asked->results || !standalone->question || !is_empty(asked->results))
        return asked->results != NULL;
    g_autoptr(jd_results) plain = jd_kb_search(kb, asked->text, &asked->options.search, error);
    if (!plain || is_empty(plain))
        return plain != NULL;
    jd_results_free(asked->results);
    asked->results = g_steal_pointer(&plain);
    standalone->note =
        g_strdup_printf("the question was searched for as it is: nothing was found for \"%s\"",
                        standalone->question);
    g_clear_pointer(&standalone->question, g_free);
    tell_query(asked);
    if (asked->options.on_note)
        asked->options.on_note(standalone->note, asked->options.user);
    return TRUE;
}

/* ---- asking ---- */

/* `sends`: a model may be asked. */
static gboolean prepare(question *asked, jd_kb *kb, gboolean sends, GError **error)
{
    asked->standalone.ms = NAN;
    if (asked->options.image_path || asked->options.image) {
        asked->read = jd_item_new(JD_ITEM_IMAGE);
        asked->picture = question_picture(kb, &asked->options, asked->read, error);
        if (!asked->picture)
            return FALSE;
    }
    if ((sends && !follow_up(asked, kb, error)) || !find_evidence(asked, kb, error))
        return FALSE;
    if (asked->options.on_results)
        asked->options.on_results(asked->results, asked->options.user);
    asked->source = (jd_picture_source){.render = render, .user = kb};
    asked->texts = (jd_question_texts){.kb = kb, .question = searched_for(asked)};
    asked->meaning = (jd_meaning){.compare = jd_question_compare, .user = &asked->texts};
    gboolean has_encoder;
    if (!jd_question_can_compare(kb, &has_encoder, error))
        return FALSE;
    asked->request = (jd_answer_request){.question = asked->text,
                                         .stands_for = asked->standalone.question,
                                         .results = asked->results,
                                         .options = &asked->options,
                                         .pictures = &asked->source,
                                         .meaning = has_encoder ? &asked->meaning : NULL,
                                         .question_picture = asked->picture,
                                         .choice = asked->standalone.choice};
    return TRUE;
}

static void set_question(question *asked, const char *text, const jd_ask_options *options)
{
    static const jd_ask_options defaults = JD_ASK_OPTIONS_INIT;
    asked->options = options ? *options : defaults;
    asked->text = text;
}

/* What the answer says of its question. */
static void add_question(jd_answer *answer, question *asked)
{
    const jd_standalone *standalone = &asked->standalone;
    answer->picture = g_steal_pointer(&asked->read);
    answer->search_query = g_strdup(standalone->question);
    answer->rewrite_ms = standalone->ms;
    if (!isnan(standalone->ms))
        answer->total_ms += standalone->ms;
    if (standalone->note)
        g_ptr_array_insert(answer->notes, 0, g_strdup(standalone->note));
}

jd_answer *jd_kb_ask(jd_kb *kb, const char *text, const jd_ask_options *options, GError **error)
{
    g_auto(question) asked = {0};
    set_question(&asked, text, options);
    if (!prepare(&asked, kb, TRUE, error))
        return NULL;
    jd_answer *answer = jd_answer_question(&asked.request, error);
    if (answer)
        add_question(answer, &asked);
    return answer;
}

char *jd_kb_show_prompt(jd_kb *kb, const char *text, const jd_ask_options *options, GError **error)
{
    g_auto(question) asked = {0};
    set_question(&asked, text, options);
    if (!prepare(&asked, kb, FALSE, error))
        return NULL;
    return jd_answer_show_prompt(&asked.request, error);
}
