/* GIF: the first frame on its canvas. The frames after it are walked over, not decoded. */
#include "read/worker/picture.h"

#include "base/error.h"

#include <string.h>

#include <gif_lib.h>

typedef struct gif_job {
    const jd_codec_input *input;
    gsize offset;
    gboolean truncated;
    GifFileType *gif;
    int transparent; /* palette index, or NO_TRANSPARENT_COLOR */
    guint8 *row;
    jd_pixels *pixels;
    jd_picture_info found;
} gif_job;

gboolean jd_gif_sniff(const guint8 *data, gsize size)
{
    return size >= 6 && (memcmp(data, "GIF87a", 6) == 0 || memcmp(data, "GIF89a", 6) == 0);
}

static int read_bytes(GifFileType *gif, GifByteType *out, int length)
{
    gif_job *job = gif->UserData;
    gsize left = job->input->size - job->offset;
    if ((gsize)length > left) {
        job->truncated = TRUE;
        length = (int)left;
    }
    memcpy(out, job->input->data + job->offset, length);
    job->offset += length;
    return length;
}

static gboolean set_damaged(gif_job *job, int code, GError **error)
{
    const char *why = GifErrorString(code);
    if (job->truncated)
        jd_picture_set_truncated(error, "GIF");
    else
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the GIF picture is damaged: %s",
                     why ? why : "its data makes no sense");
    return FALSE;
}

static gboolean read_extension(gif_job *job, GError **error)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(job->gif, &code, &block) == GIF_ERROR)
        return set_damaged(job, job->gif->Error, error);
    while (block) {
        GraphicsControlBlock control;
        if (code == GRAPHICS_EXT_FUNC_CODE &&
            DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
            job->transparent = control.TransparentColor;
        if (DGifGetExtensionNext(job->gif, &block) == GIF_ERROR)
            return set_damaged(job, job->gif->Error, error);
    }
    return TRUE;
}

static void paint_row(gif_job *job, int y)
{
    const GifImageDesc *image = &job->gif->Image;
    const ColorMapObject *map = image->ColorMap ? image->ColorMap : job->gif->SColorMap;
    gsize start = (gsize)(image->Top + y) * job->pixels->width + image->Left;
    guint8 *out = job->pixels->rgba + start * 4;
    for (int x = 0; x < image->Width; x++, out += 4) {
        int index = job->row[x];
        if (index == job->transparent)
            continue;
        GifColorType colour = {0, 0, 0};
        if (map && index < map->ColorCount)
            colour = map->Colors[index];
        out[0] = colour.Red;
        out[1] = colour.Green;
        out[2] = colour.Blue;
        out[3] = 255;
    }
}

static gboolean read_row(gif_job *job, int y, GError **error)
{
    if (DGifGetLine(job->gif, job->row, job->gif->Image.Width) == GIF_ERROR)
        return set_damaged(job, job->gif->Error, error);
    if (job->pixels)
        paint_row(job, y);
    return TRUE;
}

static gboolean read_rows(gif_job *job, GError **error)
{
    /* Interlaced rows come in four passes: every 8th from 0, every 8th from 4, ... */
    static const int starts[] = {0, 4, 2, 1};
    static const int steps[] = {8, 8, 4, 2};
    const GifImageDesc *image = &job->gif->Image;
    if (!image->Interlace) {
        for (int y = 0; y < image->Height; y++)
            if (!read_row(job, y, error))
                return FALSE;
        return TRUE;
    }
    for (gsize pass = 0; pass < G_N_ELEMENTS(starts); pass++)
        for (int y = starts[pass]; y < image->Height; y += steps[pass])
            if (!read_row(job, y, error))
                return FALSE;
    return TRUE;
}

static gboolean read_frame(gif_job *job, GError **error)
{
    if (DGifGetImageDesc(job->gif) == GIF_ERROR)
        return set_damaged(job, job->gif->Error, error);
    const GifImageDesc *image = &job->gif->Image;
    if (!jd_picture_size_check(image->Width, image->Height, error))
        return FALSE;
    if (image->Left > job->found.width - image->Width ||
        image->Top > job->found.height - image->Height) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the GIF picture is damaged: the frame lies outside of the picture");
        return FALSE;
    }
    if (job->input->depth == JD_DECODE_PIXELS) {
        job->pixels = jd_pixels_new(job->found.width, job->found.height, error);
        if (!job->pixels)
            return FALSE;
        memset(job->pixels->rgba, 0, (gsize)job->found.width * job->found.height * 4);
    }
    job->row = g_malloc(image->Width);
    return read_rows(job, error);
}

static gboolean skip_frame(gif_job *job, GError **error)
{
    int size;
    GifByteType *block;
    gboolean ok =
        DGifGetImageDesc(job->gif) == GIF_OK && DGifGetCode(job->gif, &size, &block) == GIF_OK;
    while (ok && block)
        ok = DGifGetCodeNext(job->gif, &block) == GIF_OK;
    return ok || set_damaged(job, job->gif->Error, error);
}

static gboolean read_records(gif_job *job, GError **error)
{
    gboolean seen = FALSE;
    GifRecordType type;
    do {
        if (DGifGetRecordType(job->gif, &type) == GIF_ERROR)
            return set_damaged(job, job->gif->Error, error);
        gboolean ok = TRUE;
        if (type == IMAGE_DESC_RECORD_TYPE)
            ok = seen ? skip_frame(job, error) : read_frame(job, error);
        else if (type == EXTENSION_RECORD_TYPE)
            ok = read_extension(job, error);
        if (!ok)
            return FALSE;
        seen |= type == IMAGE_DESC_RECORD_TYPE;
    } while (type != TERMINATE_RECORD_TYPE);
    if (!seen)
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the GIF picture holds no frame");
    return seen;
}

gboolean jd_gif_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                       GError **error)
{
    gif_job job = {.input = input, .transparent = NO_TRANSPARENT_COLOR};
    int code = 0;
    job.gif = DGifOpen(&job, read_bytes, &code);
    if (!job.gif)
        return set_damaged(&job, code, error);
    job.found = (jd_picture_info){
        .width = job.gif->SWidth, .height = job.gif->SHeight, .orientation = 1, .alpha = TRUE};
    gboolean ok = jd_picture_size_check(job.found.width, job.found.height, error) &&
                  (input->depth == JD_DECODE_HEADER || read_records(&job, error));
    DGifCloseFile(job.gif, &code);
    g_free(job.row);
    g_autoptr(jd_pixels) made = job.pixels;
    if (!ok)
        return FALSE;
    *info = job.found;
    if (made)
        *pixels = g_steal_pointer(&made);
    return TRUE;
}
