/* Layers and norms from a checkpoint into the pack: what every model's loading shares. */
#include "nn/weights.h"

#include "base/error.h"

#include <string.h>

char *jd_bias_name(const char *weight)
{
    static const char suffix[] = "weight";
    const gsize length = strlen(weight) - strlen(suffix);
    g_assert(g_str_has_suffix(weight, suffix));
    return g_strdup_printf("%.*sbias", (int)length, weight);
}

jd_linear *jd_weights_linear(const jd_weights *weights, const jd_linear_source *source,
                             GError **error)
{
    jd_linear_spec spec = {.name = source->short_name,
                           .has_bias = source->has_bias,
                           .in = source->in,
                           .out = source->out,
                           .precision =
                               source->precision_f32 ? JD_PRECISION_F32 : weights->precision,
                           .activation = source->activation,
                           .accumulate = source->accumulate};
    if (!jd_pack_is_mapped(weights->pack)) {
        const jd_tensor_wish wish = {source->name, 2, {source->out, source->in}};
        spec.weight = jd_checkpoint_get(weights->checkpoint, &wish, error);
        if (!spec.weight)
            return NULL;
        if (source->has_bias) {
            g_autofree char *name = jd_bias_name(source->name);
            spec.bias = jd_checkpoint_get(weights->checkpoint,
                                          &(jd_tensor_wish){name, 1, {source->out}}, error);
            if (!spec.bias)
                return NULL;
        }
    }
    return jd_linear_new(weights->engine, weights->pack, &spec, error);
}

const float *jd_weights_vector(const jd_weights *weights, const jd_vector_source *source,
                               GError **error)
{
    const gsize bytes = MAX(source->rows, 1) * source->size * sizeof(float);
    const float *kept = jd_pack_get(weights->pack, source->short_name, bytes);
    if (kept)
        return kept;
    const jd_tensor_wish vector = {source->name, 1, {(gint64)source->size}};
    const jd_tensor_wish matrix = {source->name, 2, {(gint64)source->rows, (gint64)source->size}};
    const float *values =
        jd_checkpoint_get(weights->checkpoint, source->rows > 0 ? &matrix : &vector, error);
    float *added = values ? jd_pack_add(weights->pack, source->short_name, bytes, error) : NULL;
    if (added)
        memcpy(added, values, bytes);
    return added;
}

gboolean jd_weights_norm(const jd_weights *weights, const jd_vector_source *source,
                         gboolean has_bias, jd_layer_norm *norm, GError **error)
{
    norm->size = (int)source->size;
    norm->gain = jd_weights_vector(weights, source, error);
    if (!norm->gain || !has_bias)
        return norm->gain != NULL;
    g_autofree char *name = jd_bias_name(source->name);
    g_autofree char *short_name = g_strconcat(source->short_name, ".b", NULL);
    norm->bias =
        jd_weights_vector(weights, &(jd_vector_source){name, short_name, source->size, 0}, error);
    return norm->bias != NULL;
}
