/* The public way to an encoder: one loaded model, and the readers that decode its pictures. */
#include "base/error.h"
#include "encoders.h"
#include "picture_file.h"

#include <string.h>

struct jd_embedder {
    jd_encoders *encoders;
    const jd_encoder *encoder; /* the encoders' */
    jd_reader_pool *readers;   /* NULL where the model takes no pictures */
};

static const jd_model_info *info_of(const jd_embedder *embedder)
{
    return jd_model_get_info(embedder->encoder->model);
}

jd_embedder *jd_embedder_new(const char *model, const jd_embedder_options *options, GError **error)
{
    static const jd_embedder_options defaults = {0};
    if (!options)
        options = &defaults;
    g_autoptr(jd_embedder) embedder = g_new0(jd_embedder, 1);
    embedder->encoders = jd_encoders_new(&(jd_encoders_options){.threads = options->threads});
    jd_encoder *encoder = jd_encoders_find(embedder->encoders, model, error);
    if (!encoder || !jd_encoder_load(embedder->encoders, encoder, error))
        return NULL;
    embedder->encoder = encoder;
    jd_reader_options readers = {.program = options->reader};
    if (info_of(embedder)->pictures && !(embedder->readers = jd_reader_pool_new(&readers, error)))
        return NULL;
    return g_steal_pointer(&embedder);
}

void jd_embedder_free(jd_embedder *embedder)
{
    if (!embedder)
        return;
    jd_reader_pool_free(embedder->readers);
    jd_encoders_free(embedder->encoders);
    g_free(embedder);
}

gsize jd_embedder_dimension(const jd_embedder *embedder)
{
    return (gsize)info_of(embedder)->dimension;
}

static const char *prompt_of(const jd_embedder *embedder, jd_text_role role)
{
    return role == JD_TEXT_PLAIN ? NULL
                                 : jd_encoder_prompt(embedder->encoder, role == JD_TEXT_QUESTION);
}

gboolean jd_embedder_texts(const jd_embedder *embedder, const char *const *texts, jd_text_role role,
                           float *out, GError **error)
{
    g_autoptr(GArray) items = g_array_new(FALSE, FALSE, sizeof(jd_text));
    for (; *texts; texts++) {
        jd_text item = {*texts, strlen(*texts)};
        g_array_append_val(items, item);
    }
    jd_texts all = {.items = (const jd_text *)(gconstpointer)items->data,
                    .count = items->len,
                    .prompt = prompt_of(embedder, role)};
    return items->len == 0 || jd_model_embed_texts(embedder->encoder->model, &all, out, error);
}

gboolean jd_embedder_picture(const jd_embedder *embedder, const char *path, float *out,
                             GError **error)
{
    const jd_model_info *info = info_of(embedder);
    if (!info->pictures) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "use CLIP or SigLIP",
                     "%s takes texts, no pictures", embedder->encoder->name);
        return FALSE;
    }
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_IMAGE);
    if (!jd_picture_file_open(embedder->readers, path, item, error))
        return FALSE;
    g_autoptr(GBytes) pixels =
        jd_reader_pool_prepare(embedder->readers, item->bytes, &info->picture.prepare, error);
    if (!pixels) {
        jd_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    const guint8 *rows = g_bytes_get_data(pixels, NULL);
    jd_pictures pictures = {.items = &rows, .count = 1};
    return jd_model_embed_pictures(embedder->encoder->model, &pictures, out, error);
}
