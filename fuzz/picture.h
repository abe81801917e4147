/* What the fuzz targets of the picture decoders share. */
#ifndef FUZZ_PICTURE_H
#define FUZZ_PICTURE_H

#include "read/worker/picture.h"

#include <stdint.h>

/* Larger pictures only cost time. */
#define FUZZ_PIXELS 1000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef gboolean (*fuzz_decode)(const jd_codec_input *input, jd_picture_info *info,
                                jd_pixels **pixels, GError **error);

/** Decodes at every depth, as it is and shrunk. */
static inline void fuzz_picture(fuzz_decode decode, const uint8_t *data, size_t size)
{
    const jd_codec_input inputs[] = {
        {.data = data, .size = size, .depth = JD_DECODE_HEADER},
        {.data = data, .size = size, .depth = JD_DECODE_CHECK},
        {.data = data, .size = size, .depth = JD_DECODE_PIXELS},
        {.data = data, .size = size, .depth = JD_DECODE_PIXELS, .min_width = 4, .min_height = 3},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(inputs); i++) {
        jd_picture_info info = {0};
        g_autoptr(jd_pixels) pixels = NULL;
        g_autoptr(GError) error = NULL;
        gboolean ok = decode(&inputs[i], &info, &pixels, &error);
        g_assert(ok == (error == NULL));
        g_assert((pixels != NULL) == (ok && inputs[i].depth == JD_DECODE_PIXELS));
        if (!ok || (gint64)info.width * info.height > FUZZ_PIXELS)
            return;
    }
}

#endif
