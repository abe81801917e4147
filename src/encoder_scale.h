/* What a cosine of an encoder means: see encoder_scale.c. */
#ifndef JD_ENCODER_SCALE_H
#define JD_ENCODER_SCALE_H

#include "encoders.h"
#include "retrieve/fuse.h"

/**
 * The encoder's scale: kept in the cache folder by revision, measured where it is not there, for
 * which the model is loaded.
 */
gboolean jd_encoder_get_scale(jd_encoders *encoders, jd_encoder *encoder, jd_cosine_scale *scale,
                              GError **error);

#endif
