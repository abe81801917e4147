/*
 * For the tests that compare with Pillow: decodes a picture, resizes it and writes the RGBA bytes
 * to standard output. Not installed.
 *
 *     jackdaw-test-pixels FILE [WIDTH HEIGHT [CROP-X CROP-Y CROP-WIDTH CROP-HEIGHT]]
 */
#include "read/worker/picture.h"
#include "read/worker/resize.h"

#include <stdio.h>
#include <stdlib.h>

static jd_pixels *resized(const jd_pixels *pixels, gboolean alpha, char **argv, GError **error)
{
    jd_resize_options options = {.width = atoi(argv[0]), .height = atoi(argv[1]), .alpha = alpha};
    if (argv[2]) {
        options.crop_x = atoi(argv[2]);
        options.crop_y = atoi(argv[3]);
        options.crop_width = atoi(argv[4]);
        options.crop_height = atoi(argv[5]);
    }
    return jd_resize(pixels, &options, error);
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 4 && argc != 8)
        return 2;
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    jd_codec_input input = {.depth = JD_DECODE_PIXELS};
    jd_picture_info info;
    g_autoptr(jd_pixels) pixels = NULL;
    if (g_file_get_contents(argv[1], &data, &input.size, &error)) {
        input.data = (const guint8 *)data;
        jd_picture_decode(&input, &info, &pixels, &error);
    }
    g_autoptr(jd_pixels) out = NULL;
    if (pixels)
        out = argc > 2 ? resized(pixels, info.alpha, argv + 2, &error) : g_steal_pointer(&pixels);
    if (!out) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    gsize size = (gsize)out->width * out->height * 4;
    return fwrite(out->rgba, 1, size, stdout) == size ? 0 : 1;
}
