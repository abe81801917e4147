/* The weights of a layer as products take them: found in a mapped pack, or packed from a
 * checkpoint's. */
#include "nn/linear_layer.h"

#include "base/error.h"
#include "nn/int8.h"

#include <string.h>

/* A blob of the layer in the pack. */
typedef struct layer_blob {
    jd_pack *pack;
    const char *layer;
    char suffix;
    gsize size;
} layer_blob;

static const void *blob_find(const layer_blob *blob)
{
    g_autofree char *name = g_strdup_printf("%s.%c", blob->layer, blob->suffix);
    return jd_pack_get(blob->pack, name, blob->size);
}

static void *blob_add(const layer_blob *blob, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s.%c", blob->layer, blob->suffix);
    return jd_pack_add(blob->pack, name, blob->size, error);
}

/* The blobs of one layer. */
typedef struct layer_blobs {
    layer_blob weights;
    layer_blob scale, sum; /* of each channel */
    layer_blob limit;      /* of codes, one gint32 */
    layer_blob bias;
} layer_blobs;

static layer_blobs blobs_of(jd_pack *pack, const jd_linear_spec *spec, gsize weights)
{
    const gsize channels = (gsize)spec->out * sizeof(float);
    return (layer_blobs){.weights = {pack, spec->name, 'w', weights},
                         .scale = {pack, spec->name, 's', channels},
                         .sum = {pack, spec->name, 'c', channels},
                         .limit = {pack, spec->name, 'l', sizeof(gint32)},
                         .bias = {pack, spec->name, 'b', channels}};
}

/* A mapped pack was to hold all, so that the checkpoint was not asked: see jd_model_load(). */
static gboolean check_given(const jd_linear_spec *spec, const float *values, GError **error)
{
    if (!values)
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "the packed weights lack the layer %s",
                     spec->name);
    return values != NULL;
}

/* ---- f32 and bf16 ---- */

static gboolean fill_floats(jd_linear *linear, const layer_blobs *blobs, const jd_linear_spec *spec,
                            const jd_product *product, GError **error)
{
    linear->packed = blob_find(&blobs->weights);
    if (linear->packed)
        return TRUE;
    void *packed = check_given(spec, spec->weight, error) ? blob_add(&blobs->weights, error) : NULL;
    linear->packed = packed;
    return packed && jd_product_pack(linear->engine->dnn, product, spec->weight, packed, error);
}

/* ---- int8 ---- */

static gboolean pack_int8(jd_linear *linear, const layer_blobs *blobs, const jd_linear_spec *spec,
                          const jd_product *product, GError **error)
{
    g_autofree gint8 *codes = g_try_malloc_n((gsize)spec->out, (gsize)spec->in);
    if (!codes) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory to pack the layer %s",
                     spec->name);
        return FALSE;
    }
    void *packed = blob_add(&blobs->weights, error);
    float *scale = packed ? blob_add(&blobs->scale, error) : NULL;
    float *sum = scale ? blob_add(&blobs->sum, error) : NULL;
    if (!sum)
        return FALSE;
    jd_int8_weights(spec, jd_int8_codes(jd_product_isa()).weights, codes,
                    (jd_int8_channels){scale, sum});
    linear->packed = packed;
    linear->channel_scale = scale;
    linear->channel_sum = sum;
    return jd_product_pack(linear->engine->dnn, product, codes, packed, error);
}

static gboolean fill_int8(jd_linear *linear, const layer_blobs *blobs, const jd_linear_spec *spec,
                          const jd_product *product, GError **error)
{
    linear->packed = blob_find(&blobs->weights);
    linear->channel_scale = blob_find(&blobs->scale);
    linear->channel_sum = blob_find(&blobs->sum);
    if (linear->packed && linear->channel_scale && linear->channel_sum)
        return TRUE;
    return check_given(spec, spec->weight, error) && pack_int8(linear, blobs, spec, product, error);
}

/* ---- int16 ---- */

static gboolean fill_int16(jd_linear *linear, const layer_blobs *blobs, const jd_linear_spec *spec,
                           GError **error)
{
    const gint32 *limit = blob_find(&blobs->limit);
    jd_int16_weights *w = &linear->int16;
    *w = (jd_int16_weights){spec->in, spec->out, blob_find(&blobs->weights),
                            blob_find(&blobs->scale), limit ? *limit : 0};
    if (w->panels && w->scale && w->limit > 0)
        return TRUE;
    if (!check_given(spec, spec->weight, error))
        return FALSE;
    gint16 *panels = blob_add(&blobs->weights, error);
    float *scale = panels ? blob_add(&blobs->scale, error) : NULL;
    gint32 *added = scale ? blob_add(&blobs->limit, error) : NULL;
    if (!added)
        return FALSE;
    w->limit = *added = jd_int16_pack(spec, panels, scale);
    w->panels = panels;
    w->scale = scale;
    return TRUE;
}

/* ---- all ---- */

static gboolean fill_bias(jd_linear *linear, const layer_blob *blob, const jd_linear_spec *spec,
                          GError **error)
{
    linear->bias = blob_find(blob);
    if (linear->bias || !spec->has_bias)
        return TRUE;
    float *added = check_given(spec, spec->bias, error) ? blob_add(blob, error) : NULL;
    if (added)
        memcpy(added, spec->bias, blob->size);
    linear->bias = added;
    return added != NULL;
}

gboolean jd_linear_fill(jd_linear *linear, jd_pack *pack, const jd_linear_spec *spec,
                        GError **error)
{
    enum { TYPICAL_ROWS = 64 };
    if (spec->precision == JD_PRECISION_INT16) {
        const layer_blobs blobs = blobs_of(pack, spec, jd_int16_panels_size(spec->in, spec->out));
        return fill_int16(linear, &blobs, spec, error) &&
               fill_bias(linear, &blobs.bias, spec, error);
    }
    jd_product_spec typical = linear->product;
    typical.rows = TYPICAL_ROWS;
    typical.threads = linear->engine->threads;
    const jd_product *product = jd_engine_find_product(linear->engine, &typical, error);
    if (!product)
        return FALSE;
    const layer_blobs blobs = blobs_of(pack, spec, jd_product_packed_size(product));
    return (spec->precision == JD_PRECISION_INT8 ? fill_int8 : fill_floats)(linear, &blobs, spec,
                                                                            product, error) &&
           fill_bias(linear, &blobs.bias, spec, error);
}
