#include "embed/modules_list.h"

#include "base/error.h"
#include "embed/patches.h"

#include <jansson.h>
#include <string.h>

/* What is known while the list is read. */
typedef struct reader {
    jd_modules *modules;
    const jd_family_source *source;
    const char *path; /* of the module's folder */
    int index;
} reader;

/* ---- making a list ---- */

jd_modules *jd_modules_new(int width)
{
    jd_modules *m = g_new0(jd_modules, 1);
    m->width = m->dimension = width;
    m->pooling = JD_POOLING_MEAN;
    return m;
}

void jd_modules_free(jd_modules *modules)
{
    if (!modules)
        return;
    for (int i = 0; i < modules->count; i++)
        jd_linear_free(modules->layers[i].dense);
    g_free(modules);
}

static jd_module *add_layer(jd_modules *m, GError **error)
{
    if (m->count < JD_MODULES_MAX && !m->normalised)
        return &m->layers[m->count++];
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                 m->normalised ? "modules.json: layers behind Normalize"
                               : "modules.json: more than %d layers",
                 JD_MODULES_MAX);
    return NULL;
}

gboolean jd_modules_add_dense(jd_modules *modules, const jd_weights *weights,
                              const jd_linear_source *source, GError **error)
{
    jd_module *to = add_layer(modules, error);
    if (!to)
        return FALSE;
    if (source->in != modules->dimension) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the layer %s takes %d numbers where %d come in", source->name, source->in,
                     modules->dimension);
        return FALSE;
    }
    to->dense = jd_weights_linear(weights, source, error);
    to->out = modules->dimension = source->out;
    return to->dense != NULL;
}

gboolean jd_modules_add_norm(jd_modules *modules, const jd_weights *weights,
                             const jd_norm_source *source, GError **error)
{
    jd_module *to = add_layer(modules, error);
    if (!to)
        return FALSE;
    const jd_vector_source gain = {source->name, source->short_name, (gsize)modules->dimension, 0};
    to->out = modules->dimension;
    to->norm.epsilon = source->epsilon;
    return jd_weights_norm(weights, &gain, source->has_bias, &to->norm, error);
}

/* ---- modules.json ---- */

static gboolean read_pooling(const reader *in, GError **error)
{
    static const struct {
        const char *key, *name;
        jd_pooling pooling;
    } modes[] = {{"pooling_mode_cls_token", "cls", JD_POOLING_CLS},
                 {"pooling_mode_mean_tokens", "mean", JD_POOLING_MEAN},
                 {"pooling_mode_max_tokens", "max", JD_POOLING_MAX},
                 {"pooling_mode_lasttoken", "lasttoken", JD_POOLING_LAST}};
    g_autoptr(jd_config) config = jd_config_load(in->path, "config.json", error);
    if (!config)
        return FALSE;
    const char *name = jd_config_get_string(config, "pooling_mode", "");
    int found = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(modes); i++)
        if (jd_config_get_bool(config, modes[i].key, FALSE) || strcmp(name, modes[i].name) == 0) {
            in->modules->pooling = modes[i].pooling;
            found++;
        }
    if (found == 1)
        return TRUE;
    jd_set_error(
        error, JD_ERROR_UNSUPPORTED, NULL,
        "%s/config.json: expected one of the poolings cls, mean, max and lasttoken, found %d",
        in->path, found);
    return FALSE;
}

static gboolean dense_activation(const jd_config *config, jd_activation *activation, GError **error)
{
    static const struct {
        const char *end;
        jd_activation activation;
    } names[] = {{".Identity", JD_ACT_NONE},
                 {".Tanh", JD_ACT_TANH},
                 {".ReLU", JD_ACT_RELU},
                 {".GELU", JD_ACT_GELU_ERF}};
    const char *name = jd_config_get_string(config, "activation_function", ".Tanh");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_suffix(name, names[i].end)) {
            *activation = names[i].activation;
            return TRUE;
        }
    jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL, "a dense layer with the activation %s", name);
    return FALSE;
}

/* A module has a checkpoint of its own. */
static gboolean open_weights(const reader *in, jd_weights *own, GError **error)
{
    *own = *in->source->weights;
    own->checkpoint = jd_checkpoint_open(in->path, error);
    return own->checkpoint != NULL;
}

static gboolean read_dense_config(const reader *in, const jd_config *config,
                                  jd_linear_source *source, GError **error)
{
    if (jd_config_get_bool(config, "use_residual", FALSE)) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "%s/config.json: a dense layer with use_residual", in->path);
        return FALSE;
    }
    source->has_bias = jd_config_get_bool(config, "bias", TRUE);
    return jd_config_get_int(config, &(jd_config_int){"in_features", 1, 65536, 0}, &source->in,
                             error) &&
           jd_config_get_int(config, &(jd_config_int){"out_features", 1, 65536, 0}, &source->out,
                             error) &&
           dense_activation(config, &source->activation, error);
}

static gboolean read_dense(const reader *in, GError **error)
{
    g_autofree char *brief = g_strdup_printf("m%d", in->index);
    jd_linear_source source = {.name = "linear.weight", .short_name = brief, .precision_f32 = TRUE};
    g_autoptr(jd_config) config = jd_config_load(in->path, "config.json", error);
    jd_weights own;
    if (!config || !read_dense_config(in, config, &source, error) || !open_weights(in, &own, error))
        return FALSE;
    const char *output = jd_config_get_string(config, "module_output_name", "");
    in->modules->scores = strcmp(output, "scores") == 0;
    gboolean ok = jd_modules_add_dense(in->modules, &own, &source, error);
    jd_checkpoint_free(own.checkpoint);
    return ok;
}

static gboolean read_norm(const reader *in, GError **error)
{
    g_autofree char *brief = g_strdup_printf("m%d", in->index);
    const jd_norm_source source = {"norm.weight", brief, TRUE, 1e-5F}; /* torch's default */
    jd_weights own;
    if (!open_weights(in, &own, error))
        return FALSE;
    gboolean ok = jd_modules_add_norm(in->modules, &own, &source, error);
    jd_checkpoint_free(own.checkpoint);
    return ok;
}

static gboolean read_module(const reader *in, const char *type, GError **error)
{
    jd_modules *m = in->modules;
    const char *dot = strrchr(type, '.');
    const char *name = dot ? dot + 1 : type;
    if (strcmp(name, "Transformer") == 0)
        return TRUE;
    if (strcmp(name, "Pooling") == 0) {
        m->pools = TRUE;
        return read_pooling(in, error);
    }
    if (strcmp(name, "Normalize") == 0) {
        m->normalised = TRUE;
        return TRUE;
    }
    if (strcmp(name, "Dense") == 0)
        return read_dense(in, error);
    if (strcmp(name, "LayerNorm") == 0)
        return read_norm(in, error);
    jd_set_error(
        error, JD_ERROR_UNSUPPORTED, NULL,
        "modules.json: a module of type %s; known are Transformer, Pooling, Dense, LayerNorm "
        "and Normalize",
        type);
    return FALSE;
}

static gboolean read_list(jd_modules *m, const jd_family_source *source, const json_t *list,
                          GError **error)
{
    size_t index;
    json_t *entry;
    json_array_foreach((json_t *)list, index, entry)
    {
        const char *type = json_string_value(json_object_get(entry, "type"));
        const char *path = json_string_value(json_object_get(entry, "path"));
        if (!type || !path || strstr(path, "..") || *path == '/') {
            jd_set_error(error, JD_ERROR_INVALID, "fetch the model again",
                         "modules.json: entry %zu lacks a type or a path inside the model's folder",
                         index);
            return FALSE;
        }
        g_autofree char *folder = g_build_filename(source->folder, path, NULL);
        if (!read_module(&(reader){m, source, folder, (int)index}, type, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean read_file(jd_modules *m, const jd_family_source *source, GError **error)
{
    g_autofree char *path = g_build_filename(source->folder, "modules.json", NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    json_error_t where;
    json_auto_t *list = json_load_file(path, 0, &where);
    if (json_is_array(list))
        return read_list(m, source, list, error);
    jd_set_error(error, JD_ERROR_INVALID, "fetch the model again", "%s: expected a list of modules",
                 path);
    return FALSE;
}

jd_modules *jd_modules_load(const jd_family_source *source, int width, GError **error)
{
    g_autoptr(jd_modules) m = jd_modules_new(width);
    if (!read_file(m, source, error))
        return NULL;
    const char *architecture = jd_config_get_nth(source->config, "architectures", 0, "");
    if (!m->pools && g_str_has_suffix(architecture, "ForSequenceClassification"))
        return jd_modules_load_head(source, width, error);
    return g_steal_pointer(&m);
}

jd_pooling jd_modules_pooling(const jd_modules *modules)
{
    return modules->pooling;
}

int jd_modules_dimension(const jd_modules *modules)
{
    return modules->dimension;
}

gboolean jd_modules_normalised(const jd_modules *modules)
{
    return modules->normalised;
}

gboolean jd_modules_scores(const jd_modules *modules)
{
    return modules->scores;
}

/* ---- running ---- */

static void pool_mean(const float *rows, gsize length, int width, float *out)
{
    memset(out, 0, (gsize)width * sizeof(float));
    for (gsize r = 0; r < length; r++)
        for (int i = 0; i < width; i++)
            out[i] += rows[r * (gsize)width + (gsize)i];
    const float scale = 1 / (float)MAX(length, 1);
    for (int i = 0; i < width; i++)
        out[i] *= scale;
}

static void pool_max(const float *rows, gsize length, int width, float *out)
{
    memcpy(out, rows, (gsize)width * sizeof(float));
    for (gsize r = 1; r < length; r++)
        for (int i = 0; i < width; i++)
            out[i] = MAX(out[i], rows[r * (gsize)width + (gsize)i]);
}

void jd_pool_rows(jd_pooling pooling, const jd_pool_call *call, float *pooled)
{
    const gsize width = (gsize)call->width;
    const float *rows = call->rows;
    for (gsize i = 0; i < call->count; i++, pooled += width) {
        const gsize length = call->lengths[i];
        switch (pooling) {
        case JD_POOLING_MEAN:
            pool_mean(rows, length, call->width, pooled);
            break;
        case JD_POOLING_MAX:
            pool_max(rows, length, call->width, pooled);
            break;
        case JD_POOLING_CLS:
            memcpy(pooled, rows, width * sizeof(float));
            break;
        case JD_POOLING_LAST:
            memcpy(pooled, rows + (length - 1) * width, width * sizeof(float));
            break;
        }
        rows += length * width;
    }
}

gboolean jd_modules_run(const jd_modules *modules, const jd_linear_call *call, GError **error)
{
    const float *x = call->x;
    g_autoptr(jd_floats) before = NULL;
    int width = modules->width;
    for (int i = 0; i < modules->count; i++) {
        const jd_module *layer = &modules->layers[i];
        g_autoptr(jd_floats) next = jd_floats_new(call->rows * (gsize)layer->out, error);
        if (!next)
            return FALSE;
        if (!layer->dense)
            jd_layer_norm_run(&layer->norm, x, call->rows, next->data);
        else if (!jd_linear_run(layer->dense,
                                &(jd_linear_call){x, next->data, call->rows, call->scratch}, error))
            return FALSE;
        g_clear_pointer(&before, jd_floats_free);
        before = g_steal_pointer(&next);
        x = before->data;
        width = layer->out;
    }
    memcpy(call->y, x, call->rows * (gsize)width * sizeof(float));
    return TRUE;
}
