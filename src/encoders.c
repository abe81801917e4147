#include "encoders.h"

#include "base/error.h"
#include "base/limits.h"
#include "embed/models.h"

#include <string.h>

struct jd_encoders {
    char *wanted[JD_ENCODER_PICTURES + 1]; /* by kind, or NULL */
    int threads;
    GMutex lock;                               /* guards what follows */
    GPtrArray *lists[JD_ENCODER_PICTURES + 1]; /* jd_encoder *, by kind; NULL: not looked for yet */
    GPtrArray *past;                           /* lists that have been given out */
    GPtrArray *all;                            /* jd_encoder *: all that were ever found */
    gint64 looked;                             /* monotonic time, µs */
    guint64 stamp;                             /* of what is installed, as it was then */
};

static void encoder_free(gpointer data)
{
    jd_encoder *encoder = data;
    g_free(encoder->name);
    g_free(encoder->folder);
    g_free(encoder->revision);
    if (encoder->model)
        jd_query_batch_clear(&encoder->questions);
    jd_model_free(encoder->model);
    g_clear_pointer(&encoder->twin, encoder_free);
    g_mutex_clear(&encoder->lock);
    g_free(encoder);
}

jd_encoders *jd_encoders_new(const jd_encoders_options *options)
{
    jd_encoders *encoders = g_new0(jd_encoders, 1);
    encoders->wanted[JD_ENCODER_TEXT] = g_strdup(options->text);
    encoders->wanted[JD_ENCODER_PICTURES] = g_strdup(options->pictures);
    encoders->threads = options->threads;
    encoders->past = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    encoders->all = g_ptr_array_new_with_free_func(encoder_free);
    g_mutex_init(&encoders->lock);
    return encoders;
}

void jd_encoders_free(jd_encoders *encoders)
{
    if (!encoders)
        return;
    for (int kind = 0; kind <= JD_ENCODER_PICTURES; kind++) {
        g_free(encoders->wanted[kind]);
        g_clear_pointer(&encoders->lists[kind], g_ptr_array_unref);
    }
    g_ptr_array_unref(encoders->past);
    g_ptr_array_unref(encoders->all);
    g_mutex_clear(&encoders->lock);
    g_free(encoders);
}

/* ---- finding ---- */

/* A model's name for people and spaces: that under which it is installed, else its folder's last
 * part, and the one before where that alone would say nothing. */
static char *name_of_folder(const char *folder)
{
    g_autofree char *installed = jd_models_folder();
    if (g_str_has_prefix(folder, installed) && folder[strlen(installed)] == '/')
        return g_strdup(folder + strlen(installed) + 1);
    g_autofree char *whole = g_canonicalize_filename(folder, NULL);
    g_autofree char *last = g_path_get_basename(whole);
    if (!g_str_equal(last, "model"))
        return g_steal_pointer(&last);
    g_autofree char *above = g_path_get_dirname(whole);
    return g_path_get_basename(above);
}

static jd_encoder *encoder_new(const char *folder)
{
    jd_encoder *encoder = g_new0(jd_encoder, 1);
    encoder->name = name_of_folder(folder);
    encoder->folder = g_strdup(folder);
    encoder->kind = jd_encoder_kind_of(folder);
    encoder->stamp = jd_folder_stamp(folder);
    g_mutex_init(&encoder->lock);
    return encoder;
}

jd_encoder *jd_encoder_exact(jd_encoder *encoder)
{
    if (encoder->exact)
        return encoder;
    g_mutex_lock(&encoder->lock);
    if (!encoder->twin) {
        encoder->twin = encoder_new(encoder->folder);
        encoder->twin->exact = TRUE;
    }
    jd_encoder *twin = encoder->twin;
    g_mutex_unlock(&encoder->lock);
    return twin;
}

/* With the lock held, from here on. */

/* The encoder in this folder, the one of before where that is still what the folder holds. */
static jd_encoder *get_encoder(jd_encoders *encoders, const char *folder)
{
    guint64 stamp = jd_folder_stamp(folder);
    for (guint i = 0; i < encoders->all->len; i++) {
        jd_encoder *encoder = encoders->all->pdata[i];
        if (encoder->stamp == stamp && g_str_equal(encoder->folder, folder))
            return encoder;
    }
    jd_encoder *encoder = encoder_new(folder);
    g_ptr_array_add(encoders->all, encoder);
    return encoder;
}

static jd_encoder *get_named(jd_encoders *encoders, const char *name, GError **error)
{
    g_autofree char *folder = jd_models_find(name, error);
    return folder ? get_encoder(encoders, folder) : NULL;
}

static gboolean add_wanted(jd_encoders *encoders, GPtrArray *list, jd_encoder_kind kind,
                           GError **error)
{
    const char *name = encoders->wanted[kind];
    if (g_str_equal(name, "none"))
        return TRUE;
    jd_encoder *encoder = get_named(encoders, name, error);
    if (!encoder)
        return FALSE;
    g_ptr_array_add(list, encoder);
    if (encoder->kind == kind)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, "name another one",
                 "%s does not hold an encoder for %s that Jackdaw runs", encoder->folder,
                 kind == JD_ENCODER_TEXT ? "texts" : "pictures");
    return FALSE;
}

static void add_installed(jd_encoders *encoders, GPtrArray *list, jd_encoder_kind kind)
{
    g_autofree char *root = jd_models_folder();
    g_autoptr(GPtrArray) names = jd_encoder_installed(kind);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *folder = g_build_filename(root, names->pdata[i], NULL);
        g_ptr_array_add(list, get_encoder(encoders, folder));
    }
}

static GPtrArray *make_list(jd_encoders *encoders, jd_encoder_kind kind, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    if (!encoders->wanted[kind])
        add_installed(encoders, list, kind);
    else if (!add_wanted(encoders, list, kind, error))
        return NULL;
    return g_steal_pointer(&list);
}

/* Where models have come or gone, the lists are to be made anew. One that was given out may be in
 * use: it stays. */
static void look(jd_encoders *encoders)
{
    gint64 now = g_get_monotonic_time();
    if (encoders->looked != 0 && now - encoders->looked < JD_ENCODERS_LOOK_MS * 1000)
        return;
    guint64 stamp = jd_models_stamp();
    for (int kind = 0; kind <= JD_ENCODER_PICTURES; kind++)
        if (stamp != encoders->stamp && encoders->lists[kind])
            g_ptr_array_add(encoders->past, g_steal_pointer(&encoders->lists[kind]));
    encoders->stamp = stamp;
    encoders->looked = now;
}

const GPtrArray *jd_encoders_list(jd_encoders *encoders, jd_encoder_kind kind, GError **error)
{
    g_mutex_lock(&encoders->lock);
    look(encoders);
    if (!encoders->lists[kind])
        encoders->lists[kind] = make_list(encoders, kind, error);
    const GPtrArray *list = encoders->lists[kind];
    g_mutex_unlock(&encoders->lock);
    return list;
}

jd_encoder *jd_encoders_find(jd_encoders *encoders, const char *name, GError **error)
{
    g_mutex_lock(&encoders->lock);
    jd_encoder *encoder = get_named(encoders, name, error);
    g_mutex_unlock(&encoders->lock);
    if (!encoder || encoder->kind != JD_ENCODER_NONE)
        return encoder;
    jd_set_error(error, JD_ERROR_USAGE, "name a sentence encoder, or CLIP or SigLIP",
                 "%s does not hold an encoder that Jackdaw runs", encoder->folder);
    return NULL;
}

/* ---- using ---- */

const char *jd_encoder_get_revision(jd_encoder *encoder, GError **error)
{
    g_mutex_lock(&encoder->lock);
    if (!encoder->revision) {
        g_autofree char *cache = jd_models_cache();
        encoder->revision = jd_encoder_revision(encoder->folder, cache, error);
    }
    const char *revision = encoder->revision;
    g_mutex_unlock(&encoder->lock);
    return revision;
}

const jd_model *jd_encoder_load(jd_encoders *encoders, jd_encoder *encoder, GError **error)
{
    g_mutex_lock(&encoder->lock);
    if (!encoder->model) {
        g_autofree char *cache = jd_models_cache();
        jd_model_options options = {.dtype = encoder->exact ? JD_MODEL_F32 : JD_MODEL_AUTO,
                                    .threads = encoders->threads,
                                    .cache = cache};
        encoder->model = jd_model_load(encoder->folder, &options, error);
        if (encoder->model)
            jd_query_batch_init(&encoder->questions, encoder->model,
                                jd_encoder_prompt(encoder, TRUE));
    }
    const jd_model *model = encoder->model;
    g_mutex_unlock(&encoder->lock);
    return model;
}

const char *jd_encoder_prompt(const jd_encoder *encoder, gboolean question)
{
    static const char *const of_questions[] = {"query", NULL};
    static const char *const of_passages[] = {"passage", "document", NULL};
    for (const char *const *name = question ? of_questions : of_passages; *name; name++) {
        const char *prompt = jd_model_prompt(encoder->model, *name);
        if (prompt)
            return prompt;
    }
    /* E5's models need theirs, and their folders do not name them. */
    if (strstr(encoder->name, "e5-"))
        return question ? "query: " : "passage: ";
    return NULL;
}

float *jd_encoder_embed_question(jd_encoder *encoder, const char *question, gboolean raw,
                                 GError **error)
{
    g_autofree float *vector = g_new(float, jd_model_get_info(encoder->model)->dimension);
    jd_text item = {question, strlen(question)};
    jd_texts alone = {
        .items = &item, .count = 1, .prompt = jd_encoder_prompt(encoder, TRUE), .raw = raw};
    /* The article's numbers are promised to the last digit, which a batch may change. */
    gboolean made = raw || encoder->exact
                        ? jd_model_embed_texts(encoder->model, &alone, vector, error)
                        : jd_query_batch_embed(&encoder->questions, question, vector, error);
    return made ? g_steal_pointer(&vector) : NULL;
}

gboolean jd_encoder_made(jd_encoder *encoder, const jd_space *space, gboolean *made, GError **error)
{
    *made = FALSE;
    if (!g_str_equal(encoder->name, space->model))
        return TRUE;
    const char *revision = jd_encoder_get_revision(encoder, error);
    if (!revision)
        return FALSE;
    *made = g_str_equal(revision, space->revision);
    return TRUE;
}

gboolean jd_encoder_find_space(jd_encoder *encoder, jd_store *store, gint64 *id, GError **error)
{
    g_autoptr(GPtrArray) spaces = jd_store_list_spaces(store, error);
    if (!spaces)
        return FALSE;
    gint64 found = 0;
    for (guint i = 0; i < spaces->len && found == 0; i++) {
        const jd_space *space = spaces->pdata[i];
        gboolean made;
        if (!jd_encoder_made(encoder, space, &made, error))
            return FALSE;
        if (made)
            found = space->id;
    }
    *id = found;
    return TRUE;
}

gboolean jd_encoder_ensure_space(jd_encoders *encoders, jd_encoder *encoder, jd_store *store,
                                 gint64 *id, GError **error)
{
    gint64 found;
    if (!jd_encoder_find_space(encoder, store, &found, error))
        return FALSE;
    if (found != 0) {
        *id = found;
        return TRUE;
    }
    const jd_model *model = jd_encoder_load(encoders, encoder, error);
    if (!model || !jd_encoder_get_revision(encoder, error))
        return FALSE;
    jd_space space = {.model = encoder->name,
                      .revision = encoder->revision,
                      .dimension = jd_model_get_info(model)->dimension,
                      .normalised = TRUE};
    return jd_store_ensure_space(store, &space, id, error);
}
