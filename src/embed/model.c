#include "embed/model_state.h"

#include "base/error.h"
#include "base/hash.h"
#include "embed/picture_spec.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *const dtype_names[] = {[JD_MODEL_AUTO] = "auto",
                                          [JD_MODEL_F32] = "f32",
                                          [JD_MODEL_BF16] = "bf16",
                                          [JD_MODEL_INT16] = "int16",
                                          [JD_MODEL_INT8] = "int8"};

const char *jd_model_dtype_name(jd_model_dtype dtype)
{
    return dtype_names[dtype];
}

jd_model_dtype jd_model_dtype_parse(const char *name)
{
    for (gsize i = 0; name && i < G_N_ELEMENTS(dtype_names); i++)
        if (strcmp(dtype_names[i], name) == 0)
            return (jd_model_dtype)i;
    return JD_MODEL_AUTO;
}

/* The kind of numbers that products are made with, as the engine calls it and as people do. */
static gboolean choose_precision(const jd_engine *engine, jd_model_dtype wish,
                                 jd_precision *precision, jd_model_dtype *dtype, GError **error)
{
    static const jd_model_dtype dtypes[] = {[JD_PRECISION_F32] = JD_MODEL_F32,
                                            [JD_PRECISION_BF16] = JD_MODEL_BF16,
                                            [JD_PRECISION_INT16] = JD_MODEL_INT16,
                                            [JD_PRECISION_INT8] = JD_MODEL_INT8};
    *dtype = wish == JD_MODEL_AUTO ? dtypes[jd_engine_best(engine)] : wish;
    for (gsize i = 0; i < G_N_ELEMENTS(dtypes); i++)
        if (dtypes[i] == *dtype)
            *precision = (jd_precision)i;
    if (jd_engine_supports(engine, *precision))
        return TRUE;
    jd_set_error(error, JD_ERROR_UNSUPPORTED, "use f32 or auto",
                 "%s is not worth while on this CPU (%s)", dtype_names[*dtype],
                 jd_engine_isa(engine));
    return FALSE;
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Modules have weights of their own, each in a folder in the model's. */
static void add_module_keys(const char *folder, GString *key)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autoptr(jd_checkpoint) own =
            g_ascii_isdigit(*name) ? jd_checkpoint_open(path, NULL) : NULL;
        g_autofree char *own_key = own ? jd_checkpoint_key(own) : NULL;
        if (own)
            g_ptr_array_add(keys, g_strdup_printf("|%s:%s", name, own_key));
    }
    g_ptr_array_sort(keys, compare_keys);
    for (guint i = 0; i < keys->len; i++)
        g_string_append(key, keys->pdata[i]);
}

/* Everything that packed weights depend on. */
static char *pack_key(const jd_model *model, const char *folder, jd_precision precision)
{
    g_autofree char *weights = jd_checkpoint_key(model->checkpoint);
    GString *key = g_string_new(NULL);
    g_string_printf(key, "%s|%s|%s|%s|%d|%s", weights, jd_version(),
                    jd_engine_library(model->engine), jd_engine_isa(model->engine), (int)precision,
                    model->info.family);
    add_module_keys(folder, key);
    return g_string_free(key, FALSE);
}

/* `anew`: what the file holds did not do. */
static jd_pack *open_pack(const char *key, const char *cache, gboolean anew)
{
    g_autofree char *name = jd_sha256(key, strlen(key));
    g_autofree char *file = g_strdup_printf("%.32s.pack", name);
    g_autofree char *path = cache ? g_build_filename(cache, file, NULL) : NULL;
    if (path && anew)
        g_unlink(path);
    return jd_pack_open(path, key);
}

static gboolean find_family(jd_model *model, const jd_config *config, GError **error)
{
    const char *type = jd_config_get_string(config, "model_type", "");
    model->family = jd_family_require(type, error);
    if (model->family)
        model->info.family = model->family->model_type;
    return model->family != NULL;
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

/* The family's part. A pack that was mapped but does not hold all is made anew, once. */
static gboolean load_family(jd_model *model, const jd_family_source *source, const char *cache,
                            GError **error)
{
    jd_weights weights = *source->weights;
    jd_family_source with_pack = *source;
    with_pack.weights = &weights;
    const jd_model_info info = model->info;
    g_autofree char *key = pack_key(model, source->folder, weights.precision);
    gboolean mapped;
    for (int attempt = 0; attempt < 2; attempt++) {
        g_autoptr(GError) cause = NULL;
        model->info = info;
        model->pack = weights.pack = open_pack(key, cache, attempt > 0);
        mapped = jd_pack_is_mapped(model->pack);
        model->state = model->family->load(&with_pack, &model->info, &cause);
        if (model->state)
            return TRUE;
        if (!mapped) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return FALSE;
        }
        g_clear_pointer(&model->pack, jd_pack_free);
    }
    return FALSE;
}

static gboolean load_parts(jd_model *model, const char *folder, const jd_model_options *options,
                           GError **error)
{
    jd_weights weights = {0};
    g_autoptr(jd_config) config = jd_config_load(folder, "config.json", error);
    if (!config || !find_family(model, config, error) ||
        !load_tokenizer(model, folder, options->cache, error) ||
        !jd_picture_spec_load(folder, &model->info.picture, error))
        return FALSE;
    model->engine = weights.engine = jd_engine_new(options->threads, error);
    if (!model->engine)
        return FALSE;
    if (!choose_precision(model->engine, options->dtype, &weights.precision, &model->info.dtype,
                          error))
        return FALSE;
    model->checkpoint = weights.checkpoint = jd_checkpoint_open(folder, error);
    if (!model->checkpoint)
        return FALSE;
    model->prompts = jd_config_load(folder, "config_sentence_transformers.json", NULL);
    const jd_family_source source = {folder, config, &weights, model->tokenizer};
    if (!load_family(model, &source, options->cache, error))
        return FALSE;
    jd_pack_save(model->pack, NULL); /* where it cannot be kept, the next process packs again */
    jd_checkpoint_drop_floats(model->checkpoint);
    return TRUE;
}

jd_model *jd_model_load(const char *folder, const jd_model_options *options, GError **error)
{
    const jd_model_options defaults = {.dtype = JD_MODEL_AUTO};
    g_autoptr(jd_model) model = g_new0(jd_model, 1);
    model->scratches = jd_scratch_pool_new();
    if (load_parts(model, folder, options ? options : &defaults, error))
        return g_steal_pointer(&model);
    jd_prefix_error(error, "cannot load the model in %s: ", folder);
    return NULL;
}

void jd_model_free(jd_model *model)
{
    if (!model)
        return;
    if (model->state)
        model->family->free(model->state);
    jd_pack_free(model->pack);
    jd_scratch_pool_free(model->scratches);
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

/* What checkpoints have beside a model: tables that can be computed, and what training it took. */
static gboolean is_extra_by_custom(const char *name)
{
    static const char *const parts[] = {
        "position_ids",         "pooler.",     "cls.predictions", "lm_head",
        "cls.seq_relationship", "logit_scale", "logit_bias"};
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(name, parts[i]))
            return TRUE;
    return FALSE;
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *jd_model_unused_tensors(const jd_model *model)
{
    GPtrArray *names = jd_checkpoint_unused(model->checkpoint);
    for (guint i = names->len; i-- > 0;)
        if (is_extra_by_custom(names->pdata[i]))
            g_ptr_array_remove_index_fast(names, i);
    g_ptr_array_sort(names, by_name);
    return names;
}

const char *jd_model_prompt(const jd_model *model, const char *name)
{
    if (!model->prompts)
        return NULL;
    return jd_config_get_string(jd_config_object(model->prompts, "prompts"), name, NULL);
}
