/* Decoded, turned and scaled pictures. */
#ifndef JD_READ_WORKER_SCALE_H
#define JD_READ_WORKER_SCALE_H

#include "read/pixels.h"

typedef struct jd_size {
    int width, height;
} jd_size;

/** The largest size of the same ratio that fits `room` (a side of 0: any) and is not larger than
 * `picture`. No side falls below 1. */
jd_size jd_size_fit(jd_size picture, jd_size room);

/** Turns and mirrors as EXIF's `orientation` (2 to 8) says. */
jd_pixels *jd_pixels_turn(const jd_pixels *pixels, int orientation, GError **error);

/** Decodes a picture whole, scaled down to fit `room`, upright. */
jd_pixels *jd_picture_fit(const guint8 *data, gsize size, jd_size room, GError **error);

/** Lays it on white: afterwards nothing is transparent. */
void jd_pixels_flatten(jd_pixels *pixels);

#endif
