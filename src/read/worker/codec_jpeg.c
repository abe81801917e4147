/* JPEG: baseline and progressive; grey, YCbCr, RGB, CMYK and YCCK. */
#include "read/worker/picture.h"

#include "base/error.h"
#include "base/limits.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

/* After jpeglib.h: the numbers of the messages depend on what that configures. */
#include <jerror.h>

typedef struct jpeg_job {
    struct jpeg_decompress_struct codec; /* client_data points back here */
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const jd_codec_input *input;
    gboolean truncated, damaged, no_memory, unsupported, too_many_scans;
    char message[JMSG_LENGTH_MAX];
    guint8 *row; /* a row of CMYK, or the one row that a check needs */
    jd_pixels *pixels;
    jd_picture_info found;
} jpeg_job;

gboolean jd_jpeg_sniff(const guint8 *data, gsize size)
{
    return size >= 3 && memcmp(data, "\xFF\xD8\xFF", 3) == 0;
}

static void on_error(j_common_ptr codec)
{
    jpeg_job *job = codec->client_data;
    codec->err->format_message(codec, job->message);
    int code = codec->err->msg_code;
    job->no_memory = code == JERR_OUT_OF_MEMORY;
    job->truncated |= code == JERR_INPUT_EOF || code == JERR_INPUT_EMPTY;
    job->unsupported = code == JERR_SOF_UNSUPPORTED || code == JERR_BAD_PRECISION ||
                       code == JERR_ARITH_NOTIMPL || code == JERR_CONVERSION_NOTIMPL;
    longjmp(job->jump, 1);
}

/* libjpeg goes on after damage and fills in grey. Warnings that lose no pixels are let pass: bytes
 * between segments, an odd JFIF revision. */
static void on_message(j_common_ptr codec, int level)
{
    if (level >= 0)
        return;
    jpeg_job *job = codec->client_data;
    switch (codec->err->msg_code) {
    case JWRN_JPEG_EOF:
        job->truncated = TRUE;
        break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        if (!job->damaged)
            codec->err->format_message(codec, job->message);
        job->damaged = TRUE;
        break;
    default:
        break;
    }
}

/* A small file can ask for thousands of passes over a large picture. */
static void on_progress(j_common_ptr codec)
{
    jpeg_job *job = codec->client_data;
    if (codec->is_decompressor && job->codec.input_scan_number > JD_LIMIT_JPEG_SCANS) {
        job->too_many_scans = TRUE;
        longjmp(job->jump, 1);
    }
}

static void describe(jpeg_job *job)
{
    const struct jpeg_decompress_struct *codec = &job->codec;
    jd_picture_info *found = &job->found;
    found->width = (int)codec->image_width;
    found->height = (int)codec->image_height;
    found->lossy = TRUE;
    found->orientation = 1;
    for (jpeg_saved_marker_ptr m = codec->marker_list; m && found->orientation == 1; m = m->next)
        if (m->data_length >= 6 && memcmp(m->data, "Exif\0\0", 6) == 0)
            found->orientation = jd_exif_orientation(m->data, m->data_length);
    found->plain = found->orientation == 1 && codec->num_components != 4 && !codec->arith_code;
}

static gboolean allocate_row(jpeg_job *job, GError **error)
{
    gsize bytes = (gsize)job->codec.output_width * job->codec.output_components;
    job->row = g_try_malloc(bytes);
    if (!job->row)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for one row of the JPEG picture");
    return job->row != NULL;
}

/* Decodes all coefficients but makes as few pixels of them as it can: an eighth of each side. */
static gboolean check_rows(jpeg_job *job, GError **error)
{
    struct jpeg_decompress_struct *codec = &job->codec;
    codec->scale_num = 1;
    codec->scale_denom = 8;
    codec->out_color_space = codec->jpeg_color_space;
    codec->dct_method = JDCT_IFAST;
    codec->do_fancy_upsampling = FALSE;
    jpeg_start_decompress(codec);
    if (!allocate_row(job, error))
        return FALSE;
    while (codec->output_scanline < codec->output_height)
        jpeg_read_scanlines(codec, &job->row, 1);
    return TRUE;
}

/* Adobe's programs store CMYK inverted and say so by their marker. The formula is Pillow's, to
 * which vision models are used. */
static void cmyk_to_rgba(const guint8 *in, guint8 *out, int width, gboolean inverted)
{
    for (int x = 0; x < width; x++, in += 4, out += 4) {
        int flip = inverted ? 255 : 0;
        int paper = 255 - (in[3] ^ flip);
        for (int i = 0; i < 3; i++) {
            int product = (in[i] ^ flip) * paper + 128;
            out[i] = (guint8)CLAMP(paper - (((product >> 8) + product) >> 8), 0, 255);
        }
        out[3] = 255;
    }
}

/* The smallest of 1/8, 1/4, 1/2 that leaves both sides at least as long as asked for. */
static void choose_scale(jpeg_job *job)
{
    struct jpeg_decompress_struct *codec = &job->codec;
    if (job->input->min_width <= 0 || job->input->min_height <= 0)
        return;
    codec->scale_num = 1;
    codec->scale_denom = 8;
    while (codec->scale_denom > 1 &&
           (codec->image_width / codec->scale_denom < (guint)job->input->min_width ||
            codec->image_height / codec->scale_denom < (guint)job->input->min_height))
        codec->scale_denom /= 2;
}

static gboolean read_pixels(jpeg_job *job, GError **error)
{
    struct jpeg_decompress_struct *codec = &job->codec;
    gboolean cmyk = codec->num_components == 4;
    codec->out_color_space = cmyk ? JCS_CMYK : JCS_EXT_RGBA;
    choose_scale(job);
    jpeg_start_decompress(codec);
    int width = (int)codec->output_width;
    job->pixels = jd_pixels_new(width, (int)codec->output_height, error);
    if (!job->pixels || (cmyk && !allocate_row(job, error)))
        return FALSE;
    while (codec->output_scanline < codec->output_height) {
        guint8 *out = job->pixels->rgba + (gsize)codec->output_scanline * width * 4;
        jpeg_read_scanlines(codec, cmyk ? &job->row : &out, 1);
        if (cmyk)
            cmyk_to_rgba(job->row, out, width, codec->saw_Adobe_marker);
    }
    return TRUE;
}

/* Everything that may jump out of libjpeg. What it allocates hangs on `job`, so nothing is lost. */
static gboolean run(jpeg_job *job, GError **error)
{
    if (setjmp(job->jump))
        return FALSE;
    struct jpeg_decompress_struct *codec = &job->codec;
    jpeg_create_decompress(codec);
    codec->progress = &job->progress;
    jpeg_mem_src(codec, job->input->data, job->input->size);
    jpeg_save_markers(codec, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(codec, TRUE);
    describe(job);
    if (!jd_picture_size_check(codec->image_width, codec->image_height, error))
        return FALSE;
    if (job->input->depth == JD_DECODE_HEADER)
        return TRUE;
    gboolean pixels = job->input->depth == JD_DECODE_PIXELS;
    if (!(pixels ? read_pixels : check_rows)(job, error))
        return FALSE;
    jpeg_finish_decompress(codec);
    return !job->truncated && !job->damaged;
}

static void report(const jpeg_job *job, GError **error)
{
    if (job->truncated)
        jd_picture_set_truncated(error, "JPEG");
    else if (job->too_many_scans)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "the JPEG picture has more than %d scans",
                     JD_LIMIT_JPEG_SCANS);
    else if (job->no_memory)
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for the JPEG picture");
    else if (job->unsupported)
        jd_set_error(error, JD_ERROR_UNSUPPORTED, NULL,
                     "the JPEG picture is of an unsupported kind: %s", job->message);
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the JPEG picture is damaged: %s",
                     job->message);
}

gboolean jd_jpeg_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                        GError **error)
{
    jpeg_job job = {.input = input};
    job.codec.err = jpeg_std_error(&job.errors);
    job.codec.client_data = &job;
    job.errors.error_exit = on_error;
    job.errors.emit_message = on_message;
    job.progress.progress_monitor = on_progress;
    g_autoptr(GError) cause = NULL;
    gboolean ok = run(&job, &cause);
    jpeg_destroy_decompress(&job.codec);
    g_free(job.row);
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
