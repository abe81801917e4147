/*
 * For the tests that compare with Pillow: decodes a picture, resizes it or prepares it for an
 * encoder, and writes the RGBA bytes to standard output. Not installed.
 *
 *     jackdaw-test-pixels FILE [WIDTH HEIGHT [CROP-X CROP-Y CROP-WIDTH CROP-HEIGHT]]
 *     jackdaw-test-pixels FILE prepare SIZE EDGE SQUARE RESAMPLE
 */
#include "read/worker/picture.h"
#include "read/worker/prepare.h"
#include "read/worker/resize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static jd_pixels *decoded(const char *data, gsize size, char **argv, GError **error)
{
    const jd_codec_input input = {
        .data = (const guint8 *)data, .size = size, .depth = JD_DECODE_PIXELS};
    jd_picture_info info;
    g_autoptr(jd_pixels) pixels = NULL;
    if (!jd_picture_decode(&input, &info, &pixels, error))
        return NULL;
    return argv[0] ? resized(pixels, info.alpha, argv, error) : g_steal_pointer(&pixels);
}

static jd_pixels *prepared(const char *data, gsize size, char **argv, GError **error)
{
    const jd_prepare_request request = {.size = atoi(argv[0]),
                                        .edge = atoi(argv[1]),
                                        .square = atoi(argv[2]),
                                        .resample = (jd_resample)atoi(argv[3])};
    return jd_picture_prepare((const guint8 *)data, size, &request, error);
}

int main(int argc, char **argv)
{
    const gboolean prepare = argc == 7 && strcmp(argv[2], "prepare") == 0;
    if (argc != 2 && argc != 4 && argc != 8 && !prepare)
        return 2;
    g_autoptr(GError) error = NULL;
    g_autofree char *data = NULL;
    gsize length;
    g_autoptr(jd_pixels) out = NULL;
    if (g_file_get_contents(argv[1], &data, &length, &error))
        out = prepare ? prepared(data, length, argv + 3, &error)
                      : decoded(data, length, argv + 2, &error);
    if (!out) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    gsize size = (gsize)out->width * out->height * 4;
    return fwrite(out->rgba, 1, size, stdout) == size ? 0 : 1;
}
