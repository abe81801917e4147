#include "read/pixels.h"

#include "base/error.h"

jd_pixels *jd_pixels_new(int width, int height, GError **error)
{
    gsize bytes;
    guint8 *rgba = NULL;
    if (g_size_checked_mul(&bytes, width, height) && g_size_checked_mul(&bytes, bytes, 4))
        rgba = g_try_malloc(bytes);
    if (!rgba) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for a picture of %d x %d pixels",
                     width, height);
        return NULL;
    }
    jd_pixels *pixels = g_new(jd_pixels, 1);
    *pixels = (jd_pixels){.width = width, .height = height, .rgba = rgba};
    return pixels;
}

void jd_pixels_free(jd_pixels *pixels)
{
    if (!pixels)
        return;
    g_free(pixels->rgba);
    g_free(pixels);
}
