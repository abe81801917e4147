/* Pixels: what every picture becomes when it is decoded. */
#ifndef JD_READ_PIXELS_H
#define JD_READ_PIXELS_H

#include <glib.h>

/** 8-bit RGBA (alpha not multiplied in), rows from the top, without padding. */
typedef struct jd_pixels {
    int width, height;
    guint8 *rgba; /* 4 * width * height bytes */
} jd_pixels;

/** Uninitialised pixels; JD_ERROR_LIMIT where the memory is not there. Both sides must be positive.
 */
jd_pixels *jd_pixels_new(int width, int height, GError **error);
void jd_pixels_free(jd_pixels *pixels);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_pixels, jd_pixels_free)

#endif
