/* How a picture is made ready for an encoder: what transformers' image processors do up to the
 * 8-bit stage. */
#ifndef JD_READ_PREPARE_H
#define JD_READ_PREPARE_H

#include <glib.h>

typedef enum jd_resample { JD_RESAMPLE_BICUBIC, JD_RESAMPLE_BILINEAR } jd_resample;

typedef struct jd_prepare_request {
    int size;        /* side of the square that comes out, pixels */
    int edge;        /* the shorter side before the middle is cut out, at least `size`; with
                        `square` not used */
    gboolean square; /* both sides are squeezed to `size` instead */
    jd_resample resample;
} jd_prepare_request;

#endif
