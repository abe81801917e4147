/*
 * Picture codecs: one row each in picture.c's table.
 *
 * All of them take untrusted bytes, check the size that a file declares before they allocate, and
 * are strict: a file that ends early is an error, not a picture with a grey half.
 */
#ifndef JD_READ_WORKER_PICTURE_H
#define JD_READ_WORKER_PICTURE_H

#include "read/pixels.h"

typedef enum jd_decode_depth {
    JD_DECODE_HEADER, /* size and kind only */
    JD_DECODE_CHECK,  /* everything is decoded, nothing kept: whether it is whole and sound */
    JD_DECODE_PIXELS
} jd_decode_depth;

typedef struct jd_codec_input {
    const guint8 *data;
    gsize size;
    jd_decode_depth depth;
    /* JD_DECODE_PIXELS: the picture may come out smaller by a power of two where that saves work,
     * as long as neither side falls below these; 0: exactly as it is. */
    int min_width, min_height;
    /* Grey of 16 bits without alpha is clipped at 255, as Pillow's convert("RGB") does; else its
     * upper byte is taken. */
    gboolean clip_grey16;
} jd_codec_input;

typedef struct jd_picture_info {
    const char *media_type; /* static: "image/png" */
    int width, height;      /* as stored, before `orientation` */
    int orientation;        /* EXIF, 1 to 8; 1: as it is, 5 to 8: sides swap */
    gboolean alpha;         /* some pixels may be transparent */
    gboolean lossy;         /* a photograph's format, where a second lossy pass does no harm */
    gboolean plain;         /* every decoder takes it as it is: no CMYK, no turning */
} jd_picture_info;

typedef struct jd_codec {
    const char *media_type;
    const char *name; /* "PNG" */
    gboolean (*sniff)(const guint8 *data, gsize size);
    /** Fills `info` and, at JD_DECODE_PIXELS, `pixels` (else left alone), both only on success. */
    gboolean (*decode)(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                       GError **error);
} jd_codec;

gboolean jd_jpeg_sniff(const guint8 *data, gsize size);
gboolean jd_jpeg_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                        GError **error);
gboolean jd_png_sniff(const guint8 *data, gsize size);
gboolean jd_png_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                       GError **error);
gboolean jd_webp_sniff(const guint8 *data, gsize size);
gboolean jd_webp_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                        GError **error);
gboolean jd_gif_sniff(const guint8 *data, gsize size);
gboolean jd_gif_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                       GError **error);

/** The codec for these bytes, or NULL. */
const jd_codec *jd_codec_find(const guint8 *data, gsize size);

/** Finds the codec and decodes; JD_ERROR_UNSUPPORTED where no codec knows the bytes. */
gboolean jd_picture_decode(const jd_codec_input *input, jd_picture_info *info, jd_pixels **pixels,
                           GError **error);

/** JD_ERROR_LIMIT or JD_ERROR_INVALID where a declared size is over JD_LIMIT_PICTURE_* or not
 * positive. */
gboolean jd_picture_size_check(gint64 width, gint64 height, GError **error);

/** Sets the one error for a file that ends before its picture does. */
void jd_picture_set_truncated(GError **error, const char *codec);

/** EXIF orientation (1 to 8) in a TIFF structure, "Exif\0\0" in front or not; 1 where there is
 * none. */
int jd_exif_orientation(const guint8 *data, gsize size);

#endif
