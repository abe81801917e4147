/* Request records: Jackdaw to reader. */
#include "read/protocol.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/wire.h"

static void picture_clear(gpointer data)
{
    g_free(((jd_request_picture *)data)->label);
}

GArray *jd_request_pictures_new(void)
{
    GArray *pictures = g_array_new(FALSE, TRUE, sizeof(jd_request_picture));
    g_array_set_clear_func(pictures, picture_clear);
    return pictures;
}

void jd_request_clear(jd_request *request)
{
    g_clear_pointer(&request->name, g_free);
    g_clear_pointer(&request->pictures, g_array_unref);
}

static void encode_pictures(const GArray *pictures, GByteArray *out)
{
    jd_wire_put_u32(out, pictures->len);
    for (guint i = 0; i < pictures->len; i++) {
        const jd_request_picture *picture = &g_array_index(pictures, jd_request_picture, i);
        jd_wire_put_u64(out, picture->size);
        jd_wire_put_cut(out, picture->label, JD_LIMIT_LABEL_BYTES);
    }
}

void jd_request_encode(const jd_request *request, GByteArray *out)
{
    gsize start = out->len;
    jd_wire_put_u32(out, 0);
    jd_wire_put_u32(out, request->type);
    jd_wire_put_u64(out, request->size);
    switch (request->type) {
    case JD_RECORD_READ:
        jd_wire_put_cut(out, request->name, JD_LIMIT_NAME_BYTES);
        jd_wire_put_u8(out, request->article != FALSE);
        jd_wire_put_u8(out, request->picture_only != FALSE);
        break;
    case JD_RECORD_SCALE:
        jd_wire_put_u32(out, request->max_width);
        jd_wire_put_u32(out, request->max_height);
        break;
    case JD_RECORD_RENDER:
        jd_wire_put_u32(out, request->max_side);
        encode_pictures(request->pictures, out);
        break;
    case JD_RECORD_PREPARE:
        jd_wire_put_u32(out, request->prepare.size);
        jd_wire_put_u32(out, request->prepare.edge);
        jd_wire_put_u8(out, request->prepare.square != FALSE);
        jd_wire_put_u8(out, request->prepare.resample);
        break;
    case JD_RECORD_LIST:
        break;
    case JD_RECORD_UNPACK:
        jd_wire_put_u32(out, request->entry);
        break;
    default:
        g_assert_not_reached();
    }
    jd_wire_set_u32(out, start, (guint32)(out->len - start - JD_RECORD_HEADER_BYTES));
}

static int decode_side(jd_cursor *cursor)
{
    guint32 side = jd_cursor_u32(cursor);
    if (side > JD_LIMIT_PICTURE_SIDE)
        jd_cursor_fail(cursor, "a side is too long");
    return cursor->problem ? 0 : (int)side;
}

static void decode_pictures(jd_cursor *cursor, jd_request *request)
{
    request->pictures = jd_request_pictures_new();
    guint32 count = jd_cursor_u32(cursor);
    if (count == 0 || count > JD_LIMIT_SHEET_PICTURES)
        jd_cursor_fail(cursor, "the number of pictures is out of range");
    guint64 left = request->size;
    for (guint32 i = 0; i < count && !cursor->problem; i++) {
        jd_request_picture picture = {.size = jd_cursor_u64(cursor)};
        picture.label = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
        if (picture.size > left)
            jd_cursor_fail(cursor, "the pictures are larger than the file");
        else
            left -= picture.size;
        g_array_append_val(request->pictures, picture);
    }
    if (left != 0)
        jd_cursor_fail(cursor, "the pictures are smaller than the file");
}

static void decode_prepare(jd_cursor *cursor, jd_prepare_request *prepare)
{
    prepare->size = decode_side(cursor);
    prepare->edge = decode_side(cursor);
    prepare->square = jd_cursor_bool(cursor);
    prepare->resample = jd_cursor_u8(cursor);
    if (prepare->size == 0 || prepare->edge < prepare->size)
        jd_cursor_fail(cursor, "the sizes make no square");
    if (prepare->resample > JD_RESAMPLE_BILINEAR)
        jd_cursor_fail(cursor, "unknown filter");
}

gboolean jd_request_decode(const guint8 *data, gsize size, jd_request *request, GError **error)
{
    jd_cursor cursor = {.data = data, .size = size};
    guint32 length = jd_cursor_u32(&cursor);
    *request = (jd_request){.type = jd_cursor_u32(&cursor)};
    if (length != size - MIN(size, JD_RECORD_HEADER_BYTES))
        jd_cursor_fail(&cursor, "its length is not the message's");
    request->size = jd_cursor_u64(&cursor);
    switch (cursor.problem ? 0 : request->type) {
    case JD_RECORD_READ:
        request->name = jd_cursor_string(&cursor, JD_LIMIT_NAME_BYTES);
        request->article = jd_cursor_bool(&cursor);
        request->picture_only = jd_cursor_bool(&cursor);
        break;
    case JD_RECORD_SCALE:
        request->max_width = decode_side(&cursor);
        request->max_height = decode_side(&cursor);
        break;
    case JD_RECORD_RENDER:
        request->max_side = decode_side(&cursor);
        if (request->max_side == 0)
            jd_cursor_fail(&cursor, "the longest side is 0");
        decode_pictures(&cursor, request);
        break;
    case JD_RECORD_PREPARE:
        decode_prepare(&cursor, &request->prepare);
        break;
    case JD_RECORD_LIST:
        break;
    case JD_RECORD_UNPACK:
        request->entry = jd_cursor_u32(&cursor);
        break;
    default:
        jd_cursor_fail(&cursor, "it is no request");
    }
    return jd_cursor_finish(&cursor, "request", error);
}
