#include "read/worker/resize.h"

#include "base/error.h"
#include "read/worker/resize_kernel.h"

#include <string.h>

/* Pillow's conversions between RGBA and premultiplied RGBa. */
static void multiply_alpha(const guint8 *in, guint8 *out, int width)
{
    for (int x = 0; x < width; x++, in += 4, out += 4) {
        for (int c = 0; c < 3; c++) {
            int product = in[c] * in[3] + 128;
            out[c] = (guint8)(((product >> 8) + product) >> 8);
        }
        out[3] = in[3];
    }
}

static void divide_alpha(guint8 *pixel, gsize count)
{
    for (gsize i = 0; i < count; i++, pixel += 4) {
        if (pixel[3] == 0 || pixel[3] == 255)
            continue;
        for (int c = 0; c < 3; c++)
            pixel[c] = (guint8)MIN(255 * pixel[c] / pixel[3], 255);
    }
}

typedef struct pass {
    const jd_pixels *in;
    jd_resize_options options; /* with the crop filled in */
    jd_resize_filters filter;
    int first_row, rows; /* of the input, as far as the output needs them */
    guint8 *middle;      /* `rows` rows of crop_width pixels */
} pass;

static void copy_row(const pass *p, const guint8 *in, guint8 *out)
{
    memcpy(out, in + (gsize)p->options.crop_x * 4, (gsize)p->options.crop_width * 4);
}

static gboolean horizontal(pass *p)
{
    const jd_pixels *in = p->in;
    const jd_kernel_side side = {in->width, p->options.width, p->options.crop_x,
                                 p->options.crop_width, p->options.resample};
    g_auto(jd_kernel) k = {0};
    gsize bytes;
    if (!g_size_checked_mul(&bytes, (gsize)p->options.crop_width * 4, p->rows) ||
        !(p->middle = g_try_malloc(bytes)) || !jd_kernel_init(&k, &side))
        return FALSE;
    g_autofree guint8 *multiplied = p->options.alpha ? g_try_malloc((gsize)in->width * 4) : NULL;
    if (p->options.alpha && !multiplied)
        return FALSE;
    for (int y = 0; y < p->rows; y++) {
        const guint8 *row = in->rgba + (gsize)(p->first_row + y) * in->width * 4;
        guint8 *out = p->middle + (gsize)y * p->options.crop_width * 4;
        if (multiplied) {
            multiply_alpha(row, multiplied, in->width);
            row = multiplied;
        }
        if (in->width == p->options.width)
            copy_row(p, row, out);
        else
            p->filter.row(&k, row, out);
    }
    return TRUE;
}

static void vertical(const pass *p, const jd_kernel *k, jd_pixels *out)
{
    gsize stride = (gsize)out->width * 4;
    for (int y = 0; y < out->height; y++) {
        guint8 *row = out->rgba + y * stride;
        if (p->in->height == p->options.height)
            memcpy(row, p->middle + y * stride, stride);
        else
            p->filter.column(k, y, p->middle + (k->first[y] - p->first_row) * stride, stride, row);
    }
}

/* The input rows that the output's rows need. */
static void choose_rows(pass *p, const jd_kernel *k)
{
    if (p->in->height == p->options.height) {
        p->first_row = p->options.crop_y;
        p->rows = p->options.crop_height;
        return;
    }
    int last = k->count - 1;
    p->first_row = k->first[0];
    p->rows = k->first[last] + k->used[last] - k->first[0];
}

jd_pixels *jd_resize(const jd_pixels *in, const jd_resize_options *options, GError **error)
{
    pass p = {.in = in, .options = *options, .filter = jd_resize_filters_best()};
    if (p.options.crop_width == 0) {
        p.options.crop_width = p.options.width;
        p.options.crop_height = p.options.height;
    }
    if (in->width == p.options.width && in->height == p.options.height)
        p.options.alpha = FALSE; /* nothing is mixed, so nothing is weighted */
    g_autoptr(jd_pixels) out = jd_pixels_new(p.options.crop_width, p.options.crop_height, error);
    if (!out)
        return NULL;
    g_auto(jd_kernel) k = {0};
    const jd_kernel_side side = {in->height, p.options.height, p.options.crop_y, out->height,
                                 p.options.resample};
    gboolean ok = jd_kernel_init(&k, &side);
    if (ok) {
        choose_rows(&p, &k);
        ok = horizontal(&p);
    }
    if (ok)
        vertical(&p, &k, out);
    g_free(p.middle);
    if (!ok) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for resizing a picture");
        return NULL;
    }
    if (p.options.alpha)
        divide_alpha(out->rgba, (gsize)out->width * out->height);
    return g_steal_pointer(&out);
}
