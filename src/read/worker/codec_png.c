/* PNG: every colour type and depth, interlaced or not; of an APNG the default picture. */
#include "read/worker/picture.h"

#include "base/error.h"
#include "base/limits.h"

#include <png.h>
#include <string.h>

typedef struct png_job {
    const jd_codec_input *input;
    gsize offset;
    gboolean truncated;
    char message[160]; /* libpng's own words */
    png_structp png;
    png_infop info;
    guint8 *row;     /* for a check: all rows pass through this one */
    png_bytep *rows; /* for pixels: pointers into `pixels` */
    jd_pixels *pixels;
    jd_picture_info found;
} png_job;

gboolean jd_png_sniff(const guint8 *data, gsize size)
{
    return size >= 8 && png_sig_cmp(data, 0, 8) == 0;
}

static void read_bytes(png_structp png, png_bytep out, size_t length)
{
    png_job *job = png_get_io_ptr(png);
    if (length > job->input->size - job->offset) {
        job->truncated = TRUE;
        png_error(png, "the file ends early");
    }
    memcpy(out, job->input->data + job->offset, length);
    job->offset += length;
}

static void on_error(png_structp png, png_const_charp message)
{
    png_job *job = png_get_error_ptr(png);
    g_strlcpy(job->message, message, sizeof job->message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
}

static void describe(png_job *job)
{
    jd_picture_info *found = &job->found;
    found->width = (int)png_get_image_width(job->png, job->info);
    found->height = (int)png_get_image_height(job->png, job->info);
    found->alpha = (png_get_color_type(job->png, job->info) & PNG_COLOR_MASK_ALPHA) ||
                   png_get_valid(job->png, job->info, PNG_INFO_tRNS);
    png_uint_32 exif_size = 0;
    png_bytep exif = NULL;
    found->orientation = 1;
    if (png_get_eXIf_1(job->png, job->info, &exif_size, &exif) == PNG_INFO_eXIf)
        found->orientation = jd_exif_orientation(exif, exif_size);
    found->plain = found->orientation == 1;
}

static gboolean check_rows(png_job *job, GError **error)
{
    int passes = png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    job->row = g_try_malloc(png_get_rowbytes(job->png, job->info));
    if (!job->row) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for one row of the PNG picture");
        return FALSE;
    }
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < job->found.height; y++)
            png_read_row(job->png, job->row, NULL);
    return TRUE;
}

/* A row of big-endian 16-bit grey becomes RGBA in its place, from the end. */
static void clip_row(guint8 *row, int width)
{
    for (int x = width - 1; x >= 0; x--) {
        const guint8 grey = row[2 * x] ? 255 : row[2 * x + 1];
        guint8 *pixel = row + 4 * x;
        pixel[0] = pixel[1] = pixel[2] = grey;
        pixel[3] = 255;
    }
}

static gboolean read_pixels(png_job *job, GError **error)
{
    const gboolean clips = job->input->clip_grey16 &&
                           png_get_color_type(job->png, job->info) == PNG_COLOR_TYPE_GRAY &&
                           png_get_bit_depth(job->png, job->info) == 16;
    if (!clips) {
        png_set_expand(job->png);
        png_set_strip_16(job->png);
        png_set_gray_to_rgb(job->png);
        png_set_add_alpha(job->png, 0xFF, PNG_FILLER_AFTER);
    }
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    job->pixels = jd_pixels_new(job->found.width, job->found.height, error);
    if (!job->pixels)
        return FALSE;
    job->rows = g_new(png_bytep, job->found.height);
    for (int y = 0; y < job->found.height; y++)
        job->rows[y] = job->pixels->rgba + (gsize)y * job->found.width * 4;
    png_read_image(job->png, job->rows);
    for (int y = 0; clips && y < job->found.height; y++)
        clip_row(job->rows[y], job->found.width);
    return TRUE;
}

/* Everything that may jump out of libpng. What it allocates hangs on `job`, so nothing is lost. */
static gboolean run(png_job *job, GError **error)
{
    if (setjmp(png_jmpbuf(job->png)))
        return FALSE;
    png_set_read_fn(job->png, job, read_bytes);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours are checked below */
    png_set_chunk_malloc_max(job->png, JD_LIMIT_PICTURE_CHUNK_BYTES);
    png_read_info(job->png, job->info);
    describe(job);
    if (!jd_picture_size_check(png_get_image_width(job->png, job->info),
                               png_get_image_height(job->png, job->info), error))
        return FALSE;
    if (job->input->depth == JD_DECODE_HEADER)
        return TRUE;
    gboolean pixels = job->input->depth == JD_DECODE_PIXELS;
    if (!(pixels ? read_pixels : check_rows)(job, error))
        return FALSE;
    png_read_end(job->png, NULL);
    return TRUE;
}

static void report(const png_job *job, GError **error)
{
    if (job->truncated)
        jd_picture_set_truncated(error, "PNG");
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the PNG picture is damaged: %s", job->message);
}

gboolean jd_png_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                       GError **error)
{
    png_job job = {.input = input};
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    job.info = job.png ? png_create_info_struct(job.png) : NULL;
    g_autoptr(GError) cause = NULL;
    gboolean ok = job.info && run(&job, &cause);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    g_free(job.row);
    g_free(job.rows);
    g_autoptr(jd_pixels) made = job.pixels;
    if (!ok) {
        if (cause)
            g_propagate_error(error, g_steal_pointer(&cause));
        else
            report(&job, error);
        return FALSE;
    }
    *info = job.found;
    if (made)
        *pixels = g_steal_pointer(&made);
    return TRUE;
}
