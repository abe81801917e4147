/* preprocessor_config.json: how a picture becomes a model's input. */
#ifndef JD_EMBED_PICTURE_SPEC_H
#define JD_EMBED_PICTURE_SPEC_H

#include "embed/model.h"

/**
 * Reads preprocessor_config.json, or the image_processor of processor_config.json; a folder with
 * neither gets CLIP's means and a size of 0, for the model's own to be filled in. JD_ERROR_INVALID
 * or JD_ERROR_UNSUPPORTED naming the file and the key.
 */
gboolean jd_picture_spec_load(const char *folder, jd_picture_spec *spec, GError **error);

#endif
