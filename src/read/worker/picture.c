#include "read/worker/picture.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/worker/format.h"

static const jd_codec codecs[] = {
    {"image/png", "PNG", jd_png_sniff, jd_png_decode},
    {"image/jpeg", "JPEG", jd_jpeg_sniff, jd_jpeg_decode},
    {"image/webp", "WebP", jd_webp_sniff, jd_webp_decode},
    {"image/gif", "GIF", jd_gif_sniff, jd_gif_decode},
};

const jd_codec *jd_codec_find(const guint8 *data, gsize size)
{
    for (gsize i = 0; i < G_N_ELEMENTS(codecs); i++)
        if (codecs[i].sniff(data, size))
            return &codecs[i];
    return NULL;
}

gboolean jd_picture_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                           GError **error)
{
    const jd_codec *codec = jd_codec_find(input->data, input->size);
    if (!codec) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "pictures may be JPEG, PNG, WebP or GIF",
                     "not a picture of a known format");
        return FALSE;
    }
    if (input->size > JD_LIMIT_PICTURE_BYTES) {
        jd_set_error(error, JD_ERROR_LIMIT, "make the picture smaller",
                     "the %s picture has %" G_GSIZE_FORMAT " bytes, more than %lld MiB",
                     codec->name, input->size, JD_LIMIT_PICTURE_BYTES / JD_MIB);
        return FALSE;
    }
    jd_picture_info found = {.orientation = 1};
    if (!codec->decode(input, &found, pixels, error))
        return FALSE;
    found.media_type = codec->media_type;
    *info = found;
    return TRUE;
}

gboolean jd_picture_size_check(gint64 width, gint64 height, GError **error)
{
    if (width <= 0 || height <= 0) {
        jd_set_error(error, JD_ERROR_INVALID, NULL,
                     "the picture claims a size of %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                     " pixels",
                     width, height);
        return FALSE;
    }
    if (width > JD_LIMIT_PICTURE_SIDE || height > JD_LIMIT_PICTURE_SIDE ||
        width * height > JD_LIMIT_PICTURE_PIXELS) {
        jd_set_error(error, JD_ERROR_LIMIT, "make the picture smaller",
                     "the picture claims %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
                     " pixels; at most %d on a side and %lld million in all are read",
                     width, height, JD_LIMIT_PICTURE_SIDE, JD_LIMIT_PICTURE_PIXELS / 1000000);
        return FALSE;
    }
    return TRUE;
}

void jd_picture_set_truncated(GError **error, const char *codec)
{
    jd_set_error(error, JD_ERROR_INVALID, "copy or download the file again",
                 "the %s picture is truncated: the file ends before the picture does", codec);
}

int jd_picture_sniff(const jd_format_input *input)
{
    return jd_codec_find((const guint8 *)input->data, input->size) ? 2 : 0;
}

gboolean jd_picture_check(jd_picture *picture, GError **error)
{
    jd_picture_info info;
    jd_codec_input input = {.depth = JD_DECODE_CHECK};
    input.data = g_bytes_get_data(picture->bytes, &input.size);
    if (!jd_picture_decode(&input, &info, NULL, error))
        return FALSE;
    gboolean turned = info.orientation >= 5;
    picture->width = turned ? info.height : info.width;
    picture->height = turned ? info.width : info.height;
    g_free(picture->media_type);
    picture->media_type = g_strdup(info.media_type);
    return TRUE;
}

jd_document *jd_picture_read(const jd_format_input *input, GError **error)
{
    g_autoptr(jd_document) document = jd_document_new();
    jd_block *block = jd_document_add(document, JD_BLOCK_PICTURE, NULL);
    block->picture = jd_picture_new();
    /* The input outlives the document, so its bytes need no copy. */
    block->picture->bytes = g_bytes_new_static(input->data, input->size);
    if (!jd_picture_check(block->picture, error))
        return NULL;
    document->media_type = g_strdup(block->picture->media_type);
    block->start = 0;
    block->end = (gint64)input->size;
    return g_steal_pointer(&document);
}
