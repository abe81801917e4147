#include "embed/model.h"

#include "base/error.h"
#include "base/hash.h"
#include "embed/family.h"

#include <math.h>
#include <string.h>

struct jd_model {
    jd_model_info info;
    const jd_family *family;
    void *state;
    jd_engine *engine;
    jd_pack *pack;
    jd_checkpoint *checkpoint;
    jd_tokenizer *tokenizer;
    jd_config *prompts; /* config_sentence_transformers.json, or NULL */
};

/* ---- loading ---- */

static void read_picture_spec(const char *folder, jd_picture_spec *spec)
{
    *spec = (jd_picture_spec){.mean = {0.48145466F, 0.4578275F, 0.40821073F},
                              .std = {0.26862954F, 0.26130258F, 0.27577711F}};
    g_autoptr(jd_config) config = jd_config_load(folder, "preprocessor_config.json", NULL);
    if (!config)
        return;
    jd_config_get_numbers(config, "image_mean", spec->mean, 3);
    jd_config_get_numbers(config, "image_std", spec->std, 3);
    const jd_config *size = jd_config_object(config, "size");
    spec->square = jd_config_has(size, "height");
    const double shortest = jd_config_get_number(size, "shortest_edge", 0);
    const double plain = jd_config_get_number(config, "size", 0);
    const double height = jd_config_get_number(size, "height", 0);
    spec->size = (int)MAX(height, MAX(shortest, plain));
}

static jd_model_dtype choose_dtype(const jd_engine *engine, jd_model_dtype wish)
{
    if (wish != JD_MODEL_AUTO)
        return wish;
    return jd_engine_supports(engine, JD_PRECISION_BF16) ? JD_MODEL_BF16 : JD_MODEL_F32;
}

static gboolean precision_of(const jd_engine *engine, jd_model_dtype dtype, jd_precision *precision,
                             GError **error)
{
    static const char *const names[] = {"auto", "f32", "bf16", "int8"};
    *precision = dtype == JD_MODEL_BF16   ? JD_PRECISION_BF16
                 : dtype == JD_MODEL_INT8 ? JD_PRECISION_INT8
                                          : JD_PRECISION_F32;
    if (jd_engine_supports(engine, *precision))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "use f32 or auto",
                 "%s is not worth while on this CPU (%s)", names[dtype], jd_engine_isa(engine));
    return FALSE;
}

/* Everything that packed weights depend on. */
static jd_pack *open_pack(const jd_model *model, const char *cache, jd_precision precision)
{
    g_autofree char *weights = jd_checkpoint_key(model->checkpoint);
    g_autofree char *key = g_strdup_printf(
        "%s|%s|%s|%s|%d|%s", weights, jd_version(), jd_engine_library(model->engine),
        jd_engine_isa(model->engine), (int)precision, model->info.family);
    g_autofree char *name = jd_sha256(key, strlen(key));
    g_autofree char *file = g_strdup_printf("%.32s.pack", name);
    g_autofree char *path = cache ? g_build_filename(cache, file, NULL) : NULL;
    return jd_pack_open(path, key);
}

static gboolean find_family(jd_model *model, const jd_config *config, const char *folder,
                            GError **error)
{
    const char *type = jd_config_get_string(config, "model_type", "");
    model->family = jd_family_find(type);
    if (model->family) {
        model->info.family = model->family->model_type;
        return TRUE;
    }
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "`jackdaw model list` names what is known",
                 "%s is a model of type \"%s\", which Jackdaw does not run", folder, type);
    return FALSE;
}

static gboolean load_tokenizer(jd_model *model, const char *folder, const char *cache,
                               GError **error)
{
    g_autoptr(GError) cause = NULL;
    model->tokenizer = jd_tokenizer_load(folder, &(jd_tokenizer_options){.cache = cache}, &cause);
    if (model->tokenizer || g_error_matches(cause, JD_ERROR, JD_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static gboolean load_into(jd_model *model, const char *folder, const jd_model_options *options,
                          GError **error)
{
    jd_precision precision;
    g_autoptr(jd_config) config = jd_config_load(folder, "config.json", error);
    if (!config || !find_family(model, config, folder, error) ||
        !load_tokenizer(model, folder, options->cache, error))
        return FALSE;
    model->engine = jd_engine_new(options->threads, error);
    if (!model->engine)
        return FALSE;
    model->info.dtype = choose_dtype(model->engine, options->dtype);
    if (!precision_of(model->engine, model->info.dtype, &precision, error))
        return FALSE;
    model->checkpoint = jd_checkpoint_open(folder, error);
    if (!model->checkpoint)
        return FALSE;
    model->pack = open_pack(model, options->cache, precision);
    read_picture_spec(folder, &model->info.picture);
    model->prompts = jd_config_load(folder, "config_sentence_transformers.json", NULL);
    const jd_weights weights = {model->engine, model->pack, model->checkpoint, precision};
    const jd_family_source source = {folder, config, &weights, model->tokenizer};
    model->state = model->family->load(&source, &model->info, error);
    if (!model->state) {
        jd_prefix_error(error, "cannot load the model in %s: ", folder);
        return FALSE;
    }
    jd_pack_save(model->pack, NULL); /* where it cannot be kept, the next process packs again */
    jd_checkpoint_drop_floats(model->checkpoint);
    return TRUE;
}

jd_model *jd_model_load(const char *folder, const jd_model_options *options, GError **error)
{
    const jd_model_options defaults = {.dtype = JD_MODEL_AUTO};
    g_autoptr(jd_model) model = g_new0(jd_model, 1);
    if (!load_into(model, folder, options ? options : &defaults, error))
        return NULL;
    return g_steal_pointer(&model);
}

void jd_model_free(jd_model *model)
{
    if (!model)
        return;
    if (model->state)
        model->family->free(model->state);
    jd_pack_free(model->pack);
    jd_engine_free(model->engine);
    jd_checkpoint_free(model->checkpoint);
    jd_tokenizer_free(model->tokenizer);
    jd_config_free(model->prompts);
    g_free(model);
}

const jd_model_info *jd_model_get_info(const jd_model *model)
{
    return &model->info;
}

const char *jd_model_prompt(const jd_model *model, const char *name)
{
    if (!model->prompts)
        return NULL;
    return jd_config_get_string(jd_config_object(model->prompts, "prompts"), name, NULL);
}

/* ---- texts ---- */

/* One text's tokens, and where its result goes. */
typedef struct tokens {
    GArray *ids;
    gsize index;
} tokens;

static void tokens_clear(gpointer data)
{
    tokens *t = data;
    g_array_unref(t->ids);
}

static GArray *tokenise(const jd_model *model, const jd_text *text, const char *prompt)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autofree char *joined = NULL;
    jd_encode_request request = {.text = text->text,
                                 .length = text->length,
                                 .special = TRUE,
                                 .max_tokens = (gsize)model->info.max_tokens};
    if (prompt && *prompt) {
        GString *all = g_string_new(prompt);
        g_string_append_len(all, text->text, (gssize)text->length);
        request.length = all->len;
        request.text = joined = g_string_free(all, FALSE);
    }
    jd_tokenizer_encode(model->tokenizer, &request, ids, NULL);
    return ids;
}

GArray *jd_model_tokens(const jd_model *model, const jd_text *text)
{
    return tokenise(model, text, NULL);
}

static int compare_lengths(gconstpointer a, gconstpointer b)
{
    const tokens *x = a;
    const tokens *y = b;
    if (x->ids->len != y->ids->len)
        return x->ids->len < y->ids->len ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void normalise(float *vector, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    const float scale = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
    for (int i = 0; i < n; i++)
        vector[i] *= scale;
}

typedef struct text_run {
    const jd_model *model;
    GArray *texts; /* tokens, by length */
    float *out;
    gboolean raw;
    jd_scratch *scratch;
} text_run;

static gboolean run_range(const text_run *run, guint first, guint last, GError **error)
{
    const gsize count = last - first;
    const int dimension = run->model->info.dimension;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint32));
    g_autofree gsize *lengths = g_new(gsize, count);
    g_autofree float *vectors = g_new(float, count *(gsize)dimension);
    for (guint i = first; i < last; i++) {
        const tokens *t = &g_array_index(run->texts, tokens, i);
        lengths[i - first] = t->ids->len;
        g_array_append_vals(ids, t->ids->data, t->ids->len);
    }
    const jd_token_batch batch = {(const gint32 *)(void *)ids->data, NULL, lengths, count};
    if (!run->model->family->run_texts(run->model->state, &batch, vectors, run->scratch, error))
        return FALSE;
    for (guint i = first; i < last; i++) {
        float *vector = vectors + (gsize)(i - first) * (gsize)dimension;
        if (!run->raw)
            normalise(vector, dimension);
        memcpy(run->out + g_array_index(run->texts, tokens, i).index * (gsize)dimension, vector,
               (gsize)dimension * sizeof(float));
    }
    return TRUE;
}

/* Texts of like length go together, some thousands of tokens at a time. */
static gboolean run_all(const text_run *run, GError **error)
{
    enum { BATCH_TOKENS = 4096 };
    for (guint first = 0; first < run->texts->len;) {
        guint last = first;
        gsize total = 0;
        do
            total += g_array_index(run->texts, tokens, last++).ids->len;
        while (last < run->texts->len &&
               total + g_array_index(run->texts, tokens, last).ids->len <= BATCH_TOKENS);
        if (!run_range(run, first, last, error))
            return FALSE;
        first = last;
    }
    return TRUE;
}

gboolean jd_model_embed_texts(const jd_model *model, const jd_texts *texts, float *out,
                              GError **error)
{
    if (!model->info.texts || !model->tokenizer) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     model->info.texts ? "the model's folder has no tokenizer"
                                       : "a model of type %s does not embed texts",
                     model->info.family);
        return FALSE;
    }
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(tokens));
    g_array_set_clear_func(list, tokens_clear);
    g_autoptr(jd_scratch) scratch = jd_scratch_new();
    for (gsize i = 0; i < texts->count; i++) {
        const tokens t = {tokenise(model, &texts->items[i], texts->prompt), i};
        g_array_append_val(list, t);
    }
    g_array_sort(list, compare_lengths);
    return run_all(&(text_run){model, list, out, texts->raw, scratch}, error);
}

/* ---- pictures ---- */

gboolean jd_model_embed_pictures(const jd_model *model, const jd_pictures *pictures, float *out,
                                 GError **error)
{
    enum { BATCH = 16 };
    if (!model->info.pictures) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "a model of type %s does not embed pictures", model->info.family);
        return FALSE;
    }
    g_autoptr(jd_scratch) scratch = jd_scratch_new();
    const gsize dimension = (gsize)model->info.dimension;
    for (gsize i = 0; i < pictures->count; i += BATCH) {
        const jd_pictures batch = {pictures->items + i, MIN(pictures->count - i, BATCH),
                                   pictures->raw};
        if (!model->family->run_pictures(model->state, &batch, out + i * dimension, scratch, error))
            return FALSE;
    }
    for (gsize i = 0; i < pictures->count && !pictures->raw; i++)
        normalise(out + i * dimension, (int)dimension);
    return TRUE;
}
