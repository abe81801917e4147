/*
 * The first layer of a vision transformer: a picture cut into square patches, each a row of a
 * matrix product, plus positions. A convolution whose step is its size, as transformers'
 * CLIPVisionEmbeddings and SiglipVisionEmbeddings.
 */
#ifndef JD_EMBED_PATCHES_H
#define JD_EMBED_PATCHES_H

#include "embed/family.h"
#include "nn/transformer.h"

typedef struct jd_patches {
    int side, patch, hidden; /* pixels of the picture, of a patch; floats of a row */
    gsize count;             /* patches of a picture */
    gsize class_rows;        /* rows before the patches: 1 for CLIP's class row */
    jd_linear *linear;
    const float *positions; /* (class_rows + count) x hidden */
    float levels[3][256];   /* a colour's 8-bit value, rescaled and normalised */
} jd_patches;

/** From the vision configuration; fills in info->picture.size where no preprocessor_config.json
 * did. */
gboolean jd_patches_init(jd_patches *patches, const jd_config *config,
                         const jd_transformer_config *tower, jd_model_info *info, GError **error);
gboolean jd_patches_load(jd_patches *patches, const jd_weights *weights, gboolean bias,
                         GError **error);
void jd_patches_clear(jd_patches *patches);

/** x: (class_rows + count) x hidden; the class rows are set already, positions are added to all. */
gboolean jd_patches_run(const jd_patches *patches, const guint8 *rgb, float *x, jd_scratch *scratch,
                        GError **error);

/** Aligned floats for a call; NULL with JD_ERROR_LIMIT. */
typedef struct jd_floats {
    float *data;
} jd_floats;
jd_floats *jd_floats_new(gsize count, GError **error);
void jd_floats_free(jd_floats *floats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_floats, jd_floats_free)

#endif
