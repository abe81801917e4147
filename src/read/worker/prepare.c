#include "read/worker/prepare.h"

#include "read/worker/picture.h"
#include "read/worker/resize.h"
#include "read/worker/scale.h"

/* transformers' get_resize_output_image_size(): int(edge * long / short) in double precision. */
static int long_side(int edge, int length, int shorter)
{
    return (int)((double)((gint64)edge * length) / shorter);
}

static jd_resize_options plan(const jd_pixels *pixels, const jd_prepare_request *request)
{
    jd_resize_options options = {.width = request->size,
                                 .height = request->size,
                                 .crop_width = request->size,
                                 .crop_height = request->size,
                                 .resample = request->resample};
    if (request->square)
        return options;
    options.width = options.height = request->edge;
    if (pixels->width <= pixels->height)
        options.height = long_side(request->edge, pixels->height, pixels->width);
    else
        options.width = long_side(request->edge, pixels->width, pixels->height);
    options.crop_x = (options.width - request->size) / 2;
    options.crop_y = (options.height - request->size) / 2;
    return options;
}

jd_pixels *jd_picture_prepare(const guint8 *data, gsize size, const jd_prepare_request *request,
                              GError **error)
{
    const jd_codec_input input = {
        .data = data, .size = size, .depth = JD_DECODE_PIXELS, .clip_grey16 = TRUE};
    jd_picture_info info;
    g_autoptr(jd_pixels) pixels = NULL;
    if (!jd_picture_decode(&input, &info, &pixels, error))
        return NULL;
    jd_pixels_flatten(pixels);
    const jd_resize_options options = plan(pixels, request);
    return jd_resize(pixels, &options, error);
}
