#include "encode_query.h"

#include "base/error.h"
#include "base/remedy.h"
#include "encoder_scale.h"
#include "picture_file.h"

void jd_encoded_query_clear(jd_encoded_query *encoded)
{
    g_free(encoded->meaning);
    g_free(encoded->pixels);
    g_free(encoded->embedding);
    g_free(encoded->why_words);
    g_clear_pointer(&encoded->notes, g_ptr_array_unref);
}

/* ---- which encoder ---- */

/* An encoder with the space in which the knowledge base has vectors of it. */
typedef struct found {
    jd_encoder *encoder; /* NULL: none */
    gint64 space;
} found;

static gboolean holds_vectors(jd_store *store, gint64 space, gboolean *holds, GError **error)
{
    guint64 texts, images;
    if (!jd_store_count_vectors(store, space, JD_ITEM_TEXT, &texts, error) ||
        !jd_store_count_vectors(store, space, JD_ITEM_IMAGE, &images, error))
        return FALSE;
    *holds = texts + images > 0;
    return TRUE;
}

/* The first encoder of a kind that the knowledge base has vectors of. */
static gboolean find_encoder(jd_kb *kb, jd_encoder_kind kind, found *result, GError **error)
{
    const GPtrArray *list = jd_encoders_list(kb->encoders, kind, error);
    if (!list)
        return FALSE;
    for (guint i = 0; i < list->len; i++) {
        jd_encoder *encoder = list->pdata[i];
        gint64 space;
        gboolean holds = FALSE;
        if (!jd_encoder_find_space(encoder, kb->store, &space, error) ||
            (space != 0 && !holds_vectors(kb->store, space, &holds, error)))
            return FALSE;
        if (holds) {
            *result = (found){encoder, space};
            return TRUE;
        }
    }
    return TRUE;
}

/* ---- texts ---- */

static float *embed_text(jd_kb *kb, jd_encoder *encoder, const char *text, gboolean raw,
                         GError **error)
{
    return jd_encoder_load(kb->encoders, encoder, error)
               ? jd_encoder_embed_question(encoder, text, raw, error)
               : NULL;
}

static jd_query_vector vector_of(const found *by, const float *values)
{
    return (jd_query_vector){.values = values,
                             .size = (gsize)jd_model_get_info(by->encoder->model)->dimension,
                             .space = by->space,
                             .model = by->encoder->name};
}

/* Passages that were stored since the last `jackdaw embed` are found by their words only. */
static gboolean note_missing(jd_kb *kb, const found *by, jd_encoded_query *encoded, GError **error)
{
    jd_store_stats stats;
    guint64 count;
    if (!jd_store_get_stats(kb->store, &stats, error) ||
        !jd_store_count_vectors(kb->store, by->space, JD_ITEM_TEXT, &count, error))
        return FALSE;
    if (count < stats.chunks)
        g_ptr_array_add(
            encoded->notes,
            g_strdup_printf(
                "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                " passages have no vector yet and are found by words only: " JD_REMEDY_EMBED_MAKES,
                stats.chunks - count, stats.chunks));
    return TRUE;
}

static gboolean encode_meaning(jd_kb *kb, const char *text, jd_encoded_query *encoded,
                               GError **error)
{
    found by = {0};
    if (!find_encoder(kb, JD_ENCODER_TEXT, &by, error))
        return FALSE;
    if (!by.encoder) {
        const GPtrArray *list = jd_encoders_list(kb->encoders, JD_ENCODER_TEXT, error);
        if (list && list->len > 0)
            encoded->why_words = g_strdup_printf(
                "searched by words only: nothing has a vector of %s: " JD_REMEDY_EMBED_MAKES,
                ((const jd_encoder *)list->pdata[0])->name);
        return list != NULL;
    }
    encoded->meaning = embed_text(kb, by.encoder, text, FALSE, error);
    if (!encoded->meaning)
        return FALSE;
    encoded->query.meaning = vector_of(&by, encoded->meaning);
    g_ptr_array_add(encoded->notes, g_strdup_printf("dense: %s", by.encoder->name));
    return jd_encoder_get_scale(kb->encoders, by.encoder, &encoded->query.meaning.scale, error) &&
           note_missing(kb, &by, encoded, error);
}

static gboolean encode_pixels(jd_kb *kb, const char *text, jd_encoded_query *encoded,
                              GError **error)
{
    found by = {0};
    if (!find_encoder(kb, JD_ENCODER_PICTURES, &by, error))
        return FALSE;
    if (!by.encoder)
        return TRUE;
    encoded->pixels = embed_text(kb, by.encoder, text, FALSE, error);
    if (!encoded->pixels)
        return FALSE;
    encoded->query.pixels = vector_of(&by, encoded->pixels);
    g_ptr_array_add(encoded->notes, g_strdup_printf("pixels: %s", by.encoder->name));
    return TRUE;
}

/* ---- the article ---- */

/* The space of the article's imported vectors, where the dimension fits. */
static gboolean find_import(jd_kb *kb, found *by, GError **error)
{
    const GPtrArray *list = jd_encoders_list(kb->encoders, JD_ENCODER_PICTURES, error);
    g_autoptr(GPtrArray) spaces = list ? jd_store_list_spaces(kb->store, error) : NULL;
    if (!spaces)
        return FALSE;
    for (guint i = 0; list->len > 0 && i < spaces->len; i++) {
        const jd_space *space = spaces->pdata[i];
        if (g_str_equal(space->model, "article-import"))
            *by = (found){list->pdata[0], space->id};
    }
    return TRUE;
}

/* The question as the article's program makes it: CLIP's projection as it is, not normalised. */
static gboolean encode_article(jd_kb *kb, const char *text, jd_encoded_query *encoded,
                               GError **error)
{
    found by = {0};
    if (!find_encoder(kb, JD_ENCODER_PICTURES, &by, error) ||
        (!by.encoder && !find_import(kb, &by, error)))
        return FALSE;
    if (!by.encoder)
        return TRUE; /* jd_retrieve() says that an encoder is missing */
    by.encoder = jd_encoder_exact(by.encoder);
    encoded->embedding = embed_text(kb, by.encoder, text, TRUE, error);
    if (!encoded->embedding)
        return FALSE;
    encoded->query.embedding = encoded->embedding;
    encoded->query.embedding_size = (gsize)jd_model_get_info(by.encoder->model)->dimension;
    encoded->query.space = by.space;
    g_ptr_array_add(encoded->notes, g_strdup_printf("dense: %s", by.encoder->name));
    return TRUE;
}

/* ---- pictures ---- */

/* A picture as the model takes it. */
static GBytes *prepare_picture(jd_kb *kb, const jd_model *model, const jd_query_picture *picture,
                               GError **error)
{
    jd_reader_pool *readers = jd_kb_readers(kb, error);
    g_autoptr(jd_item) item = jd_item_new(JD_ITEM_IMAGE);
    if (!readers || !jd_query_picture_read(readers, picture, item, error))
        return NULL;
    GBytes *pixels = jd_reader_pool_prepare(readers, item->bytes,
                                            &jd_model_get_info(model)->picture.prepare, error);
    if (!pixels)
        jd_prefix_error(error, "the picture %s: ", jd_query_picture_name(picture));
    return pixels;
}

static void set_no_picture_encoder(jd_kb *kb, const jd_query_picture *picture, GError **error)
{
    const GPtrArray *list = jd_encoders_list(kb->encoders, JD_ENCODER_PICTURES, error);
    const char *name = jd_query_picture_name(picture);
    if (!list)
        return;
    if (list->len == 0)
        jd_set_error(error, JD_ERROR_UNAVAILABLE, "search by words, or with --query-embedding",
                     "cannot search by the picture %s: no encoder for pictures is installed", name);
    else
        jd_set_error(error, JD_ERROR_UNAVAILABLE, JD_REMEDY_EMBED_MAKES,
                     "cannot search by the picture %s: nothing has a vector of %s", name,
                     ((const jd_encoder *)list->pdata[0])->name);
}

/* Its vector becomes encoded->embedding. */
static gboolean embed_picture(jd_kb *kb, const jd_search_options *options, found *by,
                              jd_encoded_query *encoded, GError **error)
{
    jd_query_picture picture = {.path = options->image_path, .bytes = options->image};
    if (!find_encoder(kb, JD_ENCODER_PICTURES, by, error))
        return FALSE;
    if (!by->encoder) {
        set_no_picture_encoder(kb, &picture, error);
        return FALSE;
    }
    if (options->profile == JD_PROFILE_ARTICLE)
        by->encoder = jd_encoder_exact(by->encoder);
    const jd_model *model = jd_encoder_load(kb->encoders, by->encoder, error);
    g_autoptr(GBytes) pixels = model ? prepare_picture(kb, model, &picture, error) : NULL;
    if (!pixels)
        return FALSE;
    const guint8 *rows = g_bytes_get_data(pixels, NULL);
    jd_pictures pictures = {
        .items = &rows, .count = 1, .raw = options->profile == JD_PROFILE_ARTICLE};
    encoded->embedding = g_new(float, jd_model_get_info(model)->dimension);
    return jd_model_embed_pictures(model, &pictures, encoded->embedding, error);
}

static gboolean encode_picture(jd_kb *kb, const jd_search_options *options,
                               jd_encoded_query *encoded, GError **error)
{
    found by = {0};
    if (!embed_picture(kb, options, &by, encoded, error))
        return FALSE;
    jd_query_vector vector = vector_of(&by, encoded->embedding);
    encoded->query.embedding = vector.values;
    encoded->query.embedding_size = vector.size;
    encoded->query.space = vector.space;
    g_ptr_array_add(encoded->notes, g_strdup_printf("dense: %s", vector.model));
    return TRUE;
}

static gboolean encode_picture_beside(jd_kb *kb, const jd_search_options *options,
                                      jd_encoded_query *encoded, GError **error)
{
    found by = {0};
    if (!embed_picture(kb, options, &by, encoded, error))
        return FALSE;
    encoded->query.picture = vector_of(&by, encoded->embedding);
    g_ptr_array_add(encoded->notes, g_strdup_printf("picture: %s", by.encoder->name));
    return TRUE;
}

/* ---- what to be like ---- */

/* An item stands in several spaces: texts are compared in the sentence encoder's, pictures, and all
 * of the article's, in that of the pictures' encoder. */
static gboolean choose_space(jd_kb *kb, const jd_search_options *options, jd_encoded_query *encoded,
                             GError **error)
{
    gboolean pictures = options->profile == JD_PROFILE_ARTICLE || options->like[0] == 'i';
    found by = {0};
    if (!find_encoder(kb, pictures ? JD_ENCODER_PICTURES : JD_ENCODER_TEXT, &by, error))
        return FALSE;
    encoded->query.space = by.space;
    return TRUE;
}

/* ---- all of it ---- */

static gboolean encode(jd_kb *kb, const char *text, const jd_search_options *options,
                       jd_encoded_query *encoded, GError **error)
{
    const gboolean picture = options->image_path || options->image;
    if (picture && (options->like || options->embedding)) {
        jd_set_error(error, JD_ERROR_USAGE, "give one of them",
                     "two query vectors: a picture's and %s",
                     options->like ? "an item's own" : "a given one");
        return FALSE;
    }
    if (picture && (!text || options->profile == JD_PROFILE_ARTICLE))
        return encode_picture(kb, options, encoded, error);
    if (options->like)
        return choose_space(kb, options, encoded, error);
    if (options->embedding || !text)
        return TRUE;
    if (options->profile == JD_PROFILE_ARTICLE)
        return encode_article(kb, text, encoded, error);
    return (!picture || encode_picture_beside(kb, options, encoded, error)) &&
           encode_meaning(kb, text, encoded, error) &&
           (!options->images || encode_pixels(kb, text, encoded, error));
}

gboolean jd_query_encode(jd_kb *kb, const char *text, const jd_search_options *options,
                         jd_encoded_query *encoded, GError **error)
{
    gint64 start = g_get_monotonic_time();
    g_auto(jd_encoded_query) made = {.query = {.text = text,
                                               .embedding = options->embedding,
                                               .embedding_size = options->embedding_size},
                                     .notes = g_ptr_array_new_with_free_func(g_free)};
    g_autofree char *stripped = text ? g_strstrip(g_strdup(text)) : NULL;
    if (!encode(kb, stripped && *stripped ? stripped : NULL, options, &made, error))
        return FALSE;
    made.query.why_words = made.why_words;
    made.ms = (double)(g_get_monotonic_time() - start) / 1000.0;
    *encoded = made;
    made = (jd_encoded_query){0};
    return TRUE;
}
