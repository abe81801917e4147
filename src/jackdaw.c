#include "kb.h"

#include "answer/answer.h"
#include "base/error.h"
#include "base/limits.h"
#include "compare_texts.h"
#include "encode_query.h"
#include "picture_file.h"
#include "retrieve/retrieve.h"

/* ---- searching ---- */

jd_results *jd_kb_search(jd_kb *kb, const char *query, const jd_search_options *options,
                         GError **error)
{
    static const jd_search_options defaults = JD_SEARCH_OPTIONS_INIT;
    jd_search_options complete = options ? *options : defaults;
    if (!complete.filter.collection)
        complete.filter.collection = kb->collection;
    g_auto(jd_encoded_query) encoded = {0};
    if (!jd_query_encode(kb, query, &complete, &encoded, error))
        return NULL;
    jd_results *results = jd_retrieve(kb->store, &encoded.query, &complete, error);
    if (!results)
        return NULL;
    results->embed_ms = encoded.ms;
    results->total_ms += encoded.ms;
    g_ptr_array_extend_and_steal(results->notes, g_steal_pointer(&encoded.notes));
    return results;
}

/* ---- asking ---- */

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

/* The picture that belongs to a question, as a model server takes it. */
static GBytes *question_picture(jd_kb *kb, const jd_ask_options *options, GError **error)
{
    jd_reader_pool *readers = jd_kb_readers(kb, error);
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_IMAGE);
    jd_query_picture picture = {.path = options->image_path, .bytes = options->image};
    if (!readers || !jd_query_picture_read(readers, &picture, item, error))
        return NULL;
    const char *media_type;
    g_autoptr(GPtrArray) pictures = g_ptr_array_new();
    g_ptr_array_add(pictures, item->bytes);
    jd_render_request request = {.pictures = pictures, .max_side = JD_ASK_PICTURE_SIDE};
    return jd_reader_pool_render(readers, &request, &media_type, error);
}

/* What asking and showing the prompt have in common: the evidence and the request made of it. */
typedef struct question {
    jd_ask_options options;
    jd_results *results;
    GBytes *picture;
    jd_picture_source source;
    jd_question_texts texts;
    jd_meaning meaning;
    jd_answer_request request;
} question;

static void question_clear(question *asked)
{
    jd_results_free(asked->results);
    g_clear_pointer(&asked->picture, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(question, question_clear)

static gboolean prepare(question *asked, jd_kb *kb, const char *text, const jd_ask_options *options,
                        GError **error)
{
    static const jd_ask_options defaults = JD_ASK_OPTIONS_INIT;
    asked->options = options ? *options : defaults;
    if (asked->options.image_path || asked->options.image) {
        asked->picture = question_picture(kb, &asked->options, error);
        if (!asked->picture)
            return FALSE;
    }
    asked->results = jd_kb_search(kb, text, &asked->options.search, error);
    if (!asked->results)
        return FALSE;
    if (asked->options.on_results)
        asked->options.on_results(asked->results, asked->options.user);
    asked->source = (jd_picture_source){.render = render, .user = kb};
    asked->texts = (jd_question_texts){.kb = kb, .question = text};
    asked->meaning = (jd_meaning){.compare = jd_question_compare, .user = &asked->texts};
    gboolean has_encoder;
    if (!jd_question_can_compare(kb, &has_encoder, error))
        return FALSE;
    asked->request = (jd_answer_request){.question = text,
                                         .results = asked->results,
                                         .options = &asked->options,
                                         .pictures = &asked->source,
                                         .meaning = has_encoder ? &asked->meaning : NULL,
                                         .question_picture = asked->picture};
    return TRUE;
}

jd_answer *jd_kb_ask(jd_kb *kb, const char *text, const jd_ask_options *options, GError **error)
{
    g_auto(question) asked = {0};
    if (!prepare(&asked, kb, text, options, error))
        return NULL;
    return jd_answer_question(&asked.request, error);
}

char *jd_kb_show_prompt(jd_kb *kb, const char *text, const jd_ask_options *options, GError **error)
{
    g_auto(question) asked = {0};
    if (!prepare(&asked, kb, text, options, error))
        return NULL;
    return jd_answer_show_prompt(&asked.request, error);
}

/* ---- the article's files ---- */

static gboolean load_article_picture(const char *path, jd_item *image, void *user, GError **error)
{
    jd_reader_pool *readers = jd_kb_readers(user, error);
    return readers && jd_picture_file_open(readers, path, image, error);
}

gboolean jd_kb_import_article(jd_kb *kb, const jd_article_files *files, jd_article_report *report,
                              GError **error)
{
    if (!jd_kb_check_writable(kb, error))
        return FALSE;
    jd_article_import import = {.files = *files, .picture = load_article_picture, .user = kb};
    if (!import.files.collection)
        import.files.collection = jd_kb_write_collection(kb);
    if (!jd_import_article(kb->store, &import, report, error))
        return FALSE;
    jd_store_refresh_caches(kb->store);
    return TRUE;
}
