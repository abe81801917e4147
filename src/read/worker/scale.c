#include "read/worker/scale.h"

#include "read/worker/picture.h"
#include "read/worker/resize.h"

#include <string.h>

/* Decoders may shrink by powers of two themselves, roughly: down to this many times the size that
 * the exact filter then makes. */
#define ROUGH_FACTOR 2

jd_size jd_size_fit(jd_size picture, jd_size room)
{
    gint64 width = picture.width;
    gint64 height = picture.height;
    gint64 room_width = room.width > 0 ? room.width : width;
    gint64 room_height = room.height > 0 ? room.height : height;
    if (width <= room_width && height <= room_height)
        return picture;
    if (width * room_height > height * room_width)
        return (jd_size){(int)room_width, (int)MAX((height * room_width + width / 2) / width, 1)};
    return (jd_size){(int)MAX((width * room_height + height / 2) / height, 1), (int)room_height};
}

static jd_size swapped(jd_size size)
{
    return (jd_size){size.height, size.width};
}

jd_pixels *jd_pixels_turn(const jd_pixels *in, int orientation, GError **error)
{
    gboolean swap = orientation >= 5;
    gboolean from_right =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    gboolean from_bottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    jd_pixels *out =
        jd_pixels_new(swap ? in->height : in->width, swap ? in->width : in->height, error);
    if (!out)
        return NULL;
    guint8 *to = out->rgba;
    for (int y = 0; y < out->height; y++) {
        for (int x = 0; x < out->width; x++, to += 4) {
            int column = swap ? y : x;
            int row = swap ? x : y;
            if (from_right)
                column = in->width - 1 - column;
            if (from_bottom)
                row = in->height - 1 - row;
            memcpy(to, in->rgba + ((gsize)row * in->width + column) * 4, 4);
        }
    }
    return out;
}

jd_pixels *jd_picture_fit(const guint8 *data, gsize size, jd_size room, GError **error)
{
    jd_codec_input input = {.data = data, .size = size, .depth = JD_DECODE_HEADER};
    jd_picture_info info;
    if (!jd_picture_decode(&input, &info, NULL, error))
        return NULL;
    jd_size stored = {info.width, info.height};
    jd_size wanted = jd_size_fit(stored, info.orientation >= 5 ? swapped(room) : room);
    input.depth = JD_DECODE_PIXELS;
    input.min_width = ROUGH_FACTOR * wanted.width;
    input.min_height = ROUGH_FACTOR * wanted.height;
    g_autoptr(jd_pixels) pixels = NULL;
    if (!jd_picture_decode(&input, &info, &pixels, error))
        return NULL;
    if (pixels->width != wanted.width || pixels->height != wanted.height) {
        const jd_resize_options options = {
            .width = wanted.width, .height = wanted.height, .alpha = info.alpha};
        jd_pixels *resized = jd_resize(pixels, &options, error);
        if (!resized)
            return NULL;
        jd_pixels_free(pixels);
        pixels = resized;
    }
    return info.orientation == 1 ? g_steal_pointer(&pixels)
                                 : jd_pixels_turn(pixels, info.orientation, error);
}

void jd_pixels_flatten(jd_pixels *pixels)
{
    guint8 *pixel = pixels->rgba;
    for (gsize i = (gsize)pixels->width * pixels->height; i > 0; i--, pixel += 4) {
        if (pixel[3] == 255)
            continue;
        for (int c = 0; c < 3; c++)
            pixel[c] = (guint8)((pixel[c] * pixel[3] + 255 * (255 - pixel[3]) + 127) / 255);
        pixel[3] = 255;
    }
}
