#include "server/openai/encode.h"

#include "base/error.h"
#include "base/limits.h"
#include "kb.h"
#include "picture_file.h"
#include "server/problem.h"

#include <string.h>

void jd_encoded_clear(jd_encoded *encoded)
{
    g_free(encoded->model);
    g_free(encoded->vectors);
}

/* ---- which ---- */

static gboolean is_named(const jd_encoder *encoder, const char *name)
{
    const char *slash = strrchr(encoder->name, '/');
    return g_str_equal(encoder->name, name) || (slash && g_str_equal(slash + 1, name));
}

/* All encoders, those of texts first; the lists stay their owner's. */
static gboolean get_lists(jd_kb *kb, const GPtrArray *lists[2], GError **error)
{
    lists[0] = jd_encoders_list(kb->encoders, JD_ENCODER_TEXT, error);
    lists[1] = lists[0] ? jd_encoders_list(kb->encoders, JD_ENCODER_PICTURES, error) : NULL;
    return lists[1] != NULL;
}

GPtrArray *jd_encode_models(jd_kb *kb, GError **error)
{
    const GPtrArray *lists[2];
    if (!get_lists(kb, lists, error))
        return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (int l = 0; l < 2; l++)
        for (guint i = 0; i < lists[l]->len; i++)
            g_ptr_array_add(names, g_strdup(((const jd_encoder *)lists[l]->pdata[i])->name));
    return names;
}

static jd_encoder *find(jd_kb *kb, const char *name, GError **error)
{
    const GPtrArray *lists[2];
    if (!get_lists(kb, lists, error))
        return NULL;
    for (int l = 0; l < 2; l++)
        for (guint i = 0; i < lists[l]->len; i++)
            if (is_named(lists[l]->pdata[i], name))
                return lists[l]->pdata[i];
    jd_set_http_error(error, 404, NULL, "there is no encoder %s", name);
    return NULL;
}

/* ---- running it ---- */

typedef struct run {
    jd_kb *kb;
    const jd_encode_request *request;
    const jd_encoder *encoder;
    const jd_model *model;
    const jd_model_info *info;
    jd_encoded out;
} run;

static void run_clear(run *at)
{
    jd_encoded_clear(&at->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(run, run_clear)

static gboolean embed_picture(run *at, gsize i, GError **error)
{
    if (!at->info->pictures) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "use CLIP or SigLIP",
                     "%s takes texts, no pictures", at->encoder->name);
        return FALSE;
    }
    jd_reader_pool *readers = jd_kb_readers(at->kb, error);
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_IMAGE);
    jd_query_picture picture = {.bytes = at->request->inputs[i].picture};
    if (!readers || !jd_query_picture_read(readers, &picture, item, error))
        return FALSE;
    g_autoptr(GBytes) pixels =
        jd_reader_pool_prepare(readers, item->bytes, &at->info->picture.prepare, error);
    if (!pixels)
        return FALSE;
    const guint8 *rows = g_bytes_get_data(pixels, NULL);
    jd_pictures pictures = {.items = &rows, .count = 1};
    return jd_model_embed_pictures(at->model, &pictures, at->out.vectors + i * at->out.dimension,
                                   error);
}

static gboolean count_tokens(run *at, const jd_texts *texts, GError **error)
{
    for (gsize i = 0; i < texts->count; i++) {
        g_autoptr(GArray) ids = jd_model_tokens(at->model, &texts->items[i], NULL, error);
        if (!ids)
            return FALSE;
        at->out.tokens += ids->len;
    }
    return TRUE;
}

/* The texts from `first` on, as many as stand in a row and are run together; *done is how many. */
static gboolean embed_texts(run *at, gsize first, gsize *done, GError **error)
{
    jd_text items[JD_ENCODE_BATCH_LINES];
    gsize n = 0, bytes = 0;
    for (gsize i = first; i < at->request->count && n < G_N_ELEMENTS(items); i++) {
        const char *text = at->request->inputs[i].text;
        if (!text || (n > 0 && bytes > JD_ENCODE_BATCH_BYTES))
            break;
        items[n++] = (jd_text){text, strlen(text)};
        bytes += strlen(text);
    }
    const char *prompt =
        at->request->role == JD_TEXT_PLAIN
            ? NULL
            : jd_encoder_prompt(at->encoder, at->request->role == JD_TEXT_QUESTION);
    jd_texts texts = {.items = items, .count = n, .prompt = prompt};
    *done = n;
    return jd_model_embed_texts(at->model, &texts, at->out.vectors + first * at->out.dimension,
                                error) &&
           count_tokens(at, &texts, error);
}

static gboolean embed_all(run *at, GError **error)
{
    for (gsize i = 0, done = 1; i < at->request->count; i += done, done = 1) {
        if (at->request->cancel && g_atomic_int_get(at->request->cancel)) {
            jd_set_error(error, JD_ERROR_CANCELLED, NULL, "stopped");
            return FALSE;
        }
        gboolean picture = at->request->inputs[i].picture != NULL;
        if (picture ? !embed_picture(at, i, error) : !embed_texts(at, i, &done, error))
            return FALSE;
    }
    return TRUE;
}

gboolean jd_encode(jd_kb *kb, const jd_encode_request *request, jd_encoded *encoded, GError **error)
{
    jd_encoder *encoder = find(kb, request->model, error);
    if (!encoder)
        return FALSE;
    g_auto(run) at = {.kb = kb, .request = request, .encoder = encoder};
    at.model = jd_encoder_load(kb->encoders, encoder, error);
    if (!at.model)
        return FALSE;
    at.info = jd_model_get_info(at.model);
    at.out.model = g_strdup(encoder->name);
    at.out.dimension = (gsize)at.info->dimension;
    if (request->dimension > 0 && request->dimension != at.out.dimension) {
        jd_set_error(error, JD_ERROR_USAGE, "leave dimensions out",
                     "the vectors of %s have %zu dimensions, not %zu", encoder->name,
                     at.out.dimension, request->dimension);
        return FALSE;
    }
    at.out.vectors = g_new(float, request->count *at.out.dimension);
    if (!embed_all(&at, error))
        return FALSE;
    *encoded = at.out;
    at.out = (jd_encoded){0};
    return TRUE;
}
