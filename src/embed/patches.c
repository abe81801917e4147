#include "embed/patches.h"

#include "base/error.h"

#include <stdlib.h>

/*
 * As the reference computes it: the 8-bit value times 1/255 in double precision, rounded to f32,
 * then (x - mean) / std in f32 (transformers' image_transforms.rescale and normalize).
 */
static void fill_levels(jd_patches *patches, const jd_picture_spec *spec)
{
    for (int c = 0; c < 3; c++)
        for (int value = 0; value < 256; value++) {
            const float rescaled = (float)(value * (1.0 / 255));
            patches->levels[c][value] = (rescaled - spec->mean[c]) / spec->std[c];
        }
}

gboolean jd_patches_init(jd_patches *patches, const jd_config *config,
                         const jd_transformer_config *tower, jd_model_info *info, GError **error)
{
    if (!jd_config_get_int(config, &(jd_config_int){"image_size", 8, 4096, 224}, &patches->side,
                           error) ||
        !jd_config_get_int(config, &(jd_config_int){"patch_size", 1, 1024, 32}, &patches->patch,
                           error))
        return FALSE;
    jd_prepare_request *prepare = &info->picture.prepare;
    if (prepare->size != 0 && prepare->size != patches->side) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "preprocessor_config.json makes pictures of %d pixels, config.json takes %d",
                     prepare->size, patches->side);
        return FALSE;
    }
    prepare->size = patches->side;
    prepare->edge = MAX(prepare->edge, patches->side);
    patches->hidden = tower->hidden;
    if (patches->patch > patches->side) {
        jd_set_error(error, JD_ERROR_INVALID, "is config.json damaged?",
                     "config.json: patches of %d pixels in pictures of %d", patches->patch,
                     patches->side);
        return FALSE;
    }
    patches->count =
        (gsize)(patches->side / patches->patch) * (gsize)(patches->side / patches->patch);
    fill_levels(patches, &info->picture);
    return TRUE;
}

/* The checkpoint's tensor is out x 3 x patch x patch: the same numbers in the same order as out x
 * (3 patch patch). */
static const float *patch_weights(const jd_patches *patches, const jd_weights *weights,
                                  GError **error)
{
    const jd_tensor_wish wish = {"vision_model.embeddings.patch_embedding.weight",
                                 4,
                                 {patches->hidden, 3, patches->patch, patches->patch}};
    return jd_checkpoint_get(weights->checkpoint, &wish, error);
}

static gboolean load_linear(jd_patches *patches, const jd_weights *weights, gboolean bias,
                            GError **error)
{
    jd_linear_spec spec = {.name = "v.patch",
                           .has_bias = bias,
                           .in = 3 * patches->patch * patches->patch,
                           .out = patches->hidden,
                           .precision = weights->precision};
    if (!jd_pack_is_mapped(weights->pack)) {
        spec.weight = patch_weights(patches, weights, error);
        if (!spec.weight)
            return FALSE;
    }
    if (bias && spec.weight) {
        const jd_tensor_wish wish = {
            "vision_model.embeddings.patch_embedding.bias", 1, {patches->hidden}};
        spec.bias = jd_checkpoint_get(weights->checkpoint, &wish, error);
        if (!spec.bias)
            return FALSE;
    }
    patches->linear = jd_linear_new(weights->engine, weights->pack, &spec, error);
    return patches->linear != NULL;
}

gboolean jd_patches_load(jd_patches *patches, const jd_weights *weights, gboolean bias,
                         GError **error)
{
    const jd_vector_source positions = {"vision_model.embeddings.position_embedding.weight",
                                        "v.pos", (gsize)patches->hidden,
                                        patches->class_rows + patches->count};
    if (!load_linear(patches, weights, bias, error))
        return FALSE;
    patches->positions = jd_weights_vector(weights, &positions, error);
    return patches->positions != NULL;
}

void jd_patches_clear(jd_patches *patches)
{
    jd_linear_free(patches->linear);
}

/* One row for each patch: all of the first colour, row by row, then the second, then the third. */
static void cut(const jd_patches *patches, const guint8 *rgb, float *rows)
{
    const int across = patches->side / patches->patch;
    const int patch = patches->patch;
    for (int py = 0; py < across; py++)
        for (int px = 0; px < across; px++)
            for (int c = 0; c < 3; c++)
                for (int y = 0; y < patch; y++) {
                    const guint8 *from =
                        rgb +
                        ((gsize)(py * patch + y) * (gsize)patches->side + (gsize)(px * patch)) * 3 +
                        c;
                    for (int x = 0; x < patch; x++)
                        *rows++ = patches->levels[c][from[3 * x]];
                }
}

gboolean jd_patches_run(const jd_patches *patches, const guint8 *rgb, float *x, jd_scratch *scratch,
                        GError **error)
{
    const gsize hidden = (gsize)patches->hidden;
    const gsize in = 3 * (gsize)patches->patch * (gsize)patches->patch;
    float *rows = jd_scratch_block(scratch, patches->count * in * sizeof(float));
    if (!rows) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory for a picture");
        return FALSE;
    }
    cut(patches, rgb, rows);
    if (!jd_linear_run(
            patches->linear,
            &(jd_linear_call){rows, x + patches->class_rows * hidden, patches->count, scratch},
            error))
        return FALSE;
    const gsize total = (patches->class_rows + patches->count) * hidden;
    for (gsize i = 0; i < total; i++)
        x[i] += patches->positions[i];
    return TRUE;
}

jd_floats *jd_floats_new(gsize count, GError **error)
{
    enum { ALIGN = 64 };
    gsize bytes;
    float *data = NULL;
    if (g_size_checked_mul(&bytes, count, sizeof(float)) && bytes < G_MAXSIZE - ALIGN)
        data = aligned_alloc(ALIGN, (bytes + ALIGN) / ALIGN * ALIGN);
    if (!data) {
        jd_set_error(error, JD_ERROR_LIMIT, "embed fewer or shorter texts at once",
                     "not enough memory for %" G_GSIZE_FORMAT " numbers", count);
        return NULL;
    }
    jd_floats *floats = g_new0(jd_floats, 1);
    floats->data = data;
    return floats;
}

void jd_floats_free(jd_floats *floats)
{
    if (!floats)
        return;
    free(floats->data);
    g_free(floats);
}
