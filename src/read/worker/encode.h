/* Pixels to files that every model server takes. Alpha is dropped: flatten first. */
#ifndef JD_READ_WORKER_ENCODE_H
#define JD_READ_WORKER_ENCODE_H

#include "read/pixels.h"

GBytes *jd_encode_png(const jd_pixels *pixels, GError **error);
/** Of JD_PICTURE_JPEG_QUALITY, colours at full resolution: thin coloured lines stay. */
GBytes *jd_encode_jpeg(const jd_pixels *pixels, GError **error);

#endif
