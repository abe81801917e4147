/* Pictures as encoders take them. */
#ifndef JD_READ_WORKER_PREPARE_H
#define JD_READ_WORKER_PREPARE_H

#include "read/pixels.h"
#include "read/prepare.h"

/**
 * Decodes a picture and makes the square of request->size that transformers' CLIPImageProcessor and
 * SiglipImageProcessor make on Pillow, to the bit: what is transparent lies on white, EXIF's turn
 * is ignored, sides are rounded as there, and grey of 16 bits is clipped at 255, not scaled.
 */
jd_pixels *jd_picture_prepare(const guint8 *data, gsize size, const jd_prepare_request *request,
                              GError **error);

#endif
