#include "read/worker/encode.h"

#include "base/error.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <png.h>

static void write_png_bytes(png_structp png, png_bytep data, size_t length)
{
    g_byte_array_append(png_get_io_ptr(png), data, (guint)length);
}

static void flush_png(png_structp png)
{
}

static gboolean write_png(png_structp png, png_infop info, const jd_pixels *pixels, GByteArray *out)
{
    if (setjmp(png_jmpbuf(png)))
        return FALSE;
    png_set_write_fn(png, out, write_png_bytes, flush_png);
    png_set_IHDR(png, info, pixels->width, pixels->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (int y = 0; y < pixels->height; y++)
        png_write_row(png, pixels->rgba + (gsize)y * pixels->width * 4);
    png_write_end(png, info);
    return TRUE;
}

GBytes *jd_encode_png(const jd_pixels *pixels, GError **error)
{
    GByteArray *out = g_byte_array_new();
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    gboolean ok = info && write_png(png, info, pixels, out);
    png_destroy_write_struct(&png, &info);
    if (ok)
        return g_byte_array_free_to_bytes(out);
    g_byte_array_unref(out);
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "cannot make a PNG picture of %d x %d pixels",
                 pixels->width, pixels->height);
    return NULL;
}

typedef struct jpeg_job {
    struct jpeg_compress_struct codec; /* client_data points back here */
    struct jpeg_error_mgr errors;
    jmp_buf jump;
    unsigned char *data; /* made by malloc */
    unsigned long size;
} jpeg_job;

static void on_error(j_common_ptr codec)
{
    longjmp(((jpeg_job *)codec->client_data)->jump, 1);
}

static gboolean write_jpeg(jpeg_job *job, const jd_pixels *pixels)
{
    if (setjmp(job->jump))
        return FALSE;
    struct jpeg_compress_struct *codec = &job->codec;
    jpeg_create_compress(codec);
    jpeg_mem_dest(codec, &job->data, &job->size);
    codec->image_width = pixels->width;
    codec->image_height = pixels->height;
    codec->input_components = 4;
    codec->in_color_space = JCS_EXT_RGBX;
    jpeg_set_defaults(codec);
    jpeg_set_quality(codec, JD_PICTURE_JPEG_QUALITY, TRUE);
    codec->comp_info[0].h_samp_factor = codec->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(codec, TRUE);
    while (codec->next_scanline < codec->image_height) {
        guint8 *row = pixels->rgba + (gsize)codec->next_scanline * pixels->width * 4;
        jpeg_write_scanlines(codec, &row, 1);
    }
    jpeg_finish_compress(codec);
    return TRUE;
}

GBytes *jd_encode_jpeg(const jd_pixels *pixels, GError **error)
{
    jpeg_job job = {.data = NULL};
    job.codec.err = jpeg_std_error(&job.errors);
    job.codec.client_data = &job;
    job.errors.error_exit = on_error;
    gboolean ok = write_jpeg(&job, pixels);
    jpeg_destroy_compress(&job.codec);
    if (ok)
        return g_bytes_new_with_free_func(job.data, job.size, free, job.data);
    free(job.data);
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "cannot make a JPEG picture of %d x %d pixels",
                 pixels->width, pixels->height);
    return NULL;
}
