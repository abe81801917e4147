/*
 * Resizing as Pillow does it, to the bit: the pictures that CLIP models were trained and are
 * measured on went through that filter. Rows first, then columns, with 8 bits between the two;
 * that is Pillow up to 12 (13 goes by columns first where that is less work).
 */
#ifndef JD_READ_WORKER_RESIZE_H
#define JD_READ_WORKER_RESIZE_H

#include "read/pixels.h"
#include "read/prepare.h"

typedef struct jd_resize_options {
    int width, height; /* of the whole picture after resizing */
    /* The part of that which is wanted; crop_width 0: all. Only the rows and columns that it needs
     * are computed. */
    int crop_x, crop_y, crop_width, crop_height;
    jd_resample resample;
    gboolean alpha; /* colours are weighted by alpha, as Pillow does with RGBA; else the four
                       channels are filtered apart, as with RGB */
} jd_resize_options;

/**
 * Bicubic (a = -0.5) or bilinear, with the support widened when shrinking (Pillow's Image.BICUBIC
 * and BILINEAR without reducing_gap; src/libImaging/Resample.c). NULL with JD_ERROR_LIMIT where
 * memory runs out.
 */
jd_pixels *jd_resize(const jd_pixels *in, const jd_resize_options *options, GError **error);

#endif
