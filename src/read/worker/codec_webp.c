/* WebP: lossy, lossless, with alpha; of an animation the first frame on its canvas. */
#include "read/worker/picture.h"

#include "base/error.h"

#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(WebPDemuxer, WebPDemuxDelete)

typedef struct frame {
    WebPData data; /* one VP8 or VP8L bitstream, with its alpha */
    int x, y, width, height;
} frame;

gboolean jd_webp_sniff(const guint8 *data, gsize size)
{
    return size >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

static gboolean set_damaged(GError **error, const char *why)
{
    jd_set_error(error, JD_ERROR_INVALID, NULL, "the WebP picture is damaged: %s", why);
    return FALSE;
}

static gboolean set_status(VP8StatusCode status, GError **error)
{
    static const char *const names[] = {
        [VP8_STATUS_INVALID_PARAM] = "invalid parameter",
        [VP8_STATUS_BITSTREAM_ERROR] = "its data makes no sense",
        [VP8_STATUS_UNSUPPORTED_FEATURE] = "unknown feature",
        [VP8_STATUS_SUSPENDED] = "it is incomplete",
        [VP8_STATUS_USER_ABORT] = "aborted",
    };
    if (status == VP8_STATUS_NOT_ENOUGH_DATA) {
        jd_picture_set_truncated(error, "WebP");
        return FALSE;
    }
    if (status == VP8_STATUS_OUT_OF_MEMORY) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "no memory for the WebP picture");
        return FALSE;
    }
    return set_damaged(error, names[status]);
}

/* The container tells its length first, so a file that was cut is known at once. */
static gboolean check_length(const jd_codec_input *input, GError **error)
{
    guint32 riff;
    memcpy(&riff, input->data + 4, 4);
    if ((guint64)GUINT32_FROM_LE(riff) + 8 <= input->size)
        return TRUE;
    jd_picture_set_truncated(error, "WebP");
    return FALSE;
}

static void describe(WebPDemuxer *demuxer, const jd_codec_input *input, jd_picture_info *info)
{
    guint32 flags = WebPDemuxGetI(demuxer, WEBP_FF_FORMAT_FLAGS);
    WebPBitstreamFeatures features;
    info->width = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH);
    info->height = (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT);
    info->orientation = 1;
    info->alpha = (flags & ALPHA_FLAG) != 0;
    if (WebPGetFeatures(input->data, input->size, &features) == VP8_STATUS_OK) {
        info->alpha |= features.has_alpha;
        info->lossy = features.format != 2; /* 2: lossless */
    }
    WebPChunkIterator chunk;
    if ((flags & EXIF_FLAG) && WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk)) {
        info->orientation = jd_exif_orientation(chunk.chunk.bytes, chunk.chunk.size);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
}

static gboolean first_frame(WebPDemuxer *demuxer, frame *out, GError **error)
{
    WebPIterator iterator;
    if (!WebPDemuxGetFrame(demuxer, 1, &iterator))
        return set_damaged(error, "it holds no frame");
    *out = (frame){iterator.fragment, iterator.x_offset, iterator.y_offset, iterator.width,
                   iterator.height};
    gboolean complete = iterator.complete;
    WebPDemuxReleaseIterator(&iterator);
    if (!complete)
        jd_picture_set_truncated(error, "WebP");
    return complete;
}

/* Decodes to planes, which costs less than colours. */
static gboolean check_frame(const frame *first, GError **error)
{
    WebPDecoderConfig config;
    WebPInitDecoderConfig(&config);
    config.options.bypass_filtering = 1;
    config.options.no_fancy_upsampling = 1;
    config.output.colorspace = MODE_YUV;
    VP8StatusCode status = WebPDecode(first->data.bytes, first->data.size, &config);
    WebPFreeDecBuffer(&config.output);
    return status == VP8_STATUS_OK || set_status(status, error);
}

static jd_pixels *read_frame(const frame *first, const jd_picture_info *info, GError **error)
{
    g_autoptr(jd_pixels) pixels = jd_pixels_new(info->width, info->height, error);
    if (!pixels)
        return NULL;
    gsize stride = (gsize)info->width * 4;
    if (first->width != info->width || first->height != info->height)
        memset(pixels->rgba, 0, stride * info->height);
    WebPDecoderConfig config;
    WebPInitDecoderConfig(&config);
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels->rgba + first->y * stride + (gsize)first->x * 4;
    config.output.u.RGBA.stride = (int)stride;
    config.output.u.RGBA.size = (first->height - 1) * stride + (gsize)first->width * 4;
    VP8StatusCode status = WebPDecode(first->data.bytes, first->data.size, &config);
    WebPFreeDecBuffer(&config.output);
    if (status != VP8_STATUS_OK) {
        set_status(status, error);
        return NULL;
    }
    return g_steal_pointer(&pixels);
}

static gboolean decode_frame(WebPDemuxer *demuxer, const jd_codec_input *input,
                             const jd_picture_info *info, jd_pixels **pixels, GError **error)
{
    frame first;
    if (!first_frame(demuxer, &first, error))
        return FALSE;
    /* The frame's own header may claim another size than the container does. */
    int width = 0;
    int height = 0;
    if (!WebPGetInfo(first.data.bytes, first.data.size, &width, &height) || width != first.width ||
        height != first.height)
        return set_damaged(error, "container and frame differ in size");
    if (first.x < 0 || first.y < 0 || first.x > info->width - width ||
        first.y > info->height - height)
        return set_damaged(error, "the frame lies outside of the picture");
    if (input->depth == JD_DECODE_CHECK)
        return check_frame(&first, error);
    jd_pixels *made = read_frame(&first, info, error);
    if (!made)
        return FALSE;
    *pixels = made;
    return TRUE;
}

gboolean jd_webp_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                        GError **error)
{
    if (!check_length(input, error))
        return FALSE;
    WebPData data = {input->data, input->size};
    g_autoptr(WebPDemuxer) demuxer = WebPDemux(&data);
    if (!demuxer)
        return set_damaged(error, "its container cannot be read");
    jd_picture_info found = {0};
    describe(demuxer, input, &found);
    if (!jd_picture_size_check(found.width, found.height, error))
        return FALSE;
    if (input->depth != JD_DECODE_HEADER && !decode_frame(demuxer, input, &found, pixels, error))
        return FALSE;
    *info = found;
    return TRUE;
}
