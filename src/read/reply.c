#include "read/reply.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

struct jd_reply_decoder {
    jd_reply_expected expected;
    jd_reply reply;
    guint8 *buffer; /* the record at hand, header and all, as far as it has come */
    gsize used, room;
    guint64 total;
    guint64 unpacked; /* bytes of the entry that have come */
    guint32 blocks, warnings;
    gboolean begun; /* the answer's first record is there */
    gboolean ended;
};

void jd_reply_clear(jd_reply *reply)
{
    g_strfreev(reply->sandbox);
    g_clear_error(&reply->error);
    jd_document_free(reply->document);
    jd_pixels_free(reply->pixels);
    g_clear_pointer(&reply->picture, g_bytes_unref);
    g_clear_pointer(&reply->entries, g_ptr_array_unref);
    *reply = (jd_reply){0};
}

jd_reply_decoder *jd_reply_decoder_new(const jd_reply_expected *expected)
{
    jd_reply_decoder *decoder = g_new0(jd_reply_decoder, 1);
    decoder->expected = *expected;
    return decoder;
}

void jd_reply_decoder_free(jd_reply_decoder *decoder)
{
    if (!decoder)
        return;
    jd_reply_clear(&decoder->reply);
    g_free(decoder->buffer);
    g_free(decoder);
}

jd_reply *jd_reply_decoder_result(jd_reply_decoder *decoder)
{
    return decoder->ended ? &decoder->reply : NULL;
}

static gboolean set_order_error(guint32 type, GError **error)
{
    jd_set_error(error, JD_ERROR_INVALID, NULL, "a record of type %u is out of place", type);
    return FALSE;
}

static gboolean read_first(jd_reply_decoder *decoder, guint32 type, jd_cursor *cursor,
                           GError **error)
{
    if (type != decoder->expected.type && type != JD_RECORD_ERROR)
        return set_order_error(type, error);
    decoder->begun = TRUE;
    switch (type) {
    case JD_RECORD_HELLO:
        return jd_reply_read_hello(cursor, &decoder->reply, error);
    case JD_RECORD_ERROR:
        return jd_reply_read_error(cursor, &decoder->reply, error);
    case JD_RECORD_DOCUMENT:
        return jd_reply_read_document(cursor, &decoder->reply, error);
    case JD_RECORD_PIXELS:
        return jd_reply_read_pixels(cursor, &decoder->expected, &decoder->reply, error);
    case JD_RECORD_PICTURE:
        return jd_reply_read_picture(cursor, &decoder->reply, error);
    case JD_RECORD_ENTRIES:
        return jd_reply_read_entries(cursor, &decoder->reply, error);
    case JD_RECORD_UNPACKED:
        return jd_reply_read_unpacked(cursor, &decoder->expected, error);
    default:
        return set_order_error(type, error);
    }
}

static gboolean read_end(jd_reply_decoder *decoder, jd_cursor *cursor, GError **error)
{
    if (jd_cursor_u32(cursor) != decoder->blocks || jd_cursor_u32(cursor) != decoder->warnings)
        jd_cursor_fail(cursor, "its counts are not what came");
    if (decoder->expected.type == JD_RECORD_UNPACKED && !decoder->reply.error) {
        decoder->reply.unpacked = decoder->unpacked == decoder->expected.entry_size;
        if (!decoder->reply.unpacked)
            jd_cursor_fail(cursor, "not all bytes of the entry came");
    }
    decoder->ended = jd_cursor_finish(cursor, "END", error);
    return decoder->ended;
}

static gboolean read_piece(jd_reply_decoder *decoder, const jd_cursor *cursor, GError **error)
{
    const jd_reply_expected *expected = &decoder->expected;
    if (cursor->size > expected->entry_size - decoder->unpacked) {
        jd_set_error(error, JD_ERROR_INVALID, NULL, "the entry has more bytes than it says");
        return FALSE;
    }
    decoder->unpacked += cursor->size;
    decoder->total = 0; /* pieces are passed on, not kept */
    if (expected->sink(cursor->data, cursor->size, expected->user))
        return TRUE;
    jd_set_error(error, JD_ERROR_CANCELLED, NULL, "its bytes are not wanted any more");
    return FALSE;
}

static gboolean read_record(jd_reply_decoder *decoder, guint32 type, jd_cursor *cursor,
                            GError **error)
{
    if (!decoder->begun)
        return read_first(decoder, type, cursor, error);
    jd_document *document = decoder->reply.document;
    if (type == JD_RECORD_END)
        return read_end(decoder, cursor, error);
    if (decoder->expected.type == JD_RECORD_UNPACKED && !decoder->reply.error) {
        if (type == JD_RECORD_PIECE)
            return read_piece(decoder, cursor, error);
        if (type == JD_RECORD_ERROR)
            return jd_reply_read_error(cursor, &decoder->reply, error);
    }
    if (type == JD_RECORD_BLOCK && document && decoder->blocks++ < JD_LIMIT_BLOCKS)
        return jd_reply_read_block(cursor, document, decoder->expected.file_size, error);
    if (type == JD_RECORD_WARNING && document && decoder->warnings++ < JD_LIMIT_WARNINGS)
        return jd_reply_read_warning(cursor, document, error);
    return set_order_error(type, error);
}

/* Bytes that the record at hand needs in all, as far as its header tells. */
static gsize wanted(const jd_reply_decoder *decoder)
{
    if (decoder->used < JD_RECORD_HEADER_BYTES)
        return JD_RECORD_HEADER_BYTES;
    guint32 length;
    memcpy(&length, decoder->buffer, sizeof length);
    return (gsize)GUINT32_FROM_LE(length) + JD_RECORD_HEADER_BYTES;
}

/* Grows with what really comes, not with what a header claims. */
static gboolean make_room(jd_reply_decoder *decoder, gsize size, GError **error)
{
    if (size <= decoder->room)
        return TRUE;
    gsize room = CLAMP(decoder->room * 2, (gsize)(64 * JD_KIB), (gsize)JD_LIMIT_FRAME_BYTES);
    room = MAX(room, size);
    guint8 *buffer = g_try_realloc(decoder->buffer, room);
    if (!buffer) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "no memory for an answer of %" G_GSIZE_FORMAT " bytes", size);
        return FALSE;
    }
    decoder->buffer = buffer;
    decoder->room = room;
    return TRUE;
}

static gboolean take_record(jd_reply_decoder *decoder, GError **error)
{
    jd_cursor header = {.data = decoder->buffer, .size = JD_RECORD_HEADER_BYTES};
    jd_cursor_u32(&header);
    guint32 type = jd_cursor_u32(&header);
    jd_cursor payload = {.data = decoder->buffer + JD_RECORD_HEADER_BYTES,
                         .size = decoder->used - JD_RECORD_HEADER_BYTES};
    decoder->used = 0;
    return read_record(decoder, type, &payload, error);
}

/* Before it is waited for: whether what the answer claims to be so far is within the limit. */
static gboolean check_total(const jd_reply_decoder *decoder, GError **error)
{
    if (decoder->total + wanted(decoder) - decoder->used <= JD_LIMIT_FRAME_BYTES)
        return TRUE;
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "the answer is larger than %lld MiB",
                 JD_LIMIT_FRAME_BYTES / JD_MIB);
    return FALSE;
}

gboolean jd_reply_decoder_feed(jd_reply_decoder *decoder, const guint8 *data, gsize size,
                               GError **error)
{
    while (size > 0) {
        if (decoder->ended) {
            jd_set_error(error, JD_ERROR_INVALID, NULL, "there are bytes after the answer's end");
            return FALSE;
        }
        gsize piece = MIN(size, wanted(decoder) - decoder->used);
        if (!make_room(decoder, decoder->used + piece, error))
            return FALSE;
        memcpy(decoder->buffer + decoder->used, data, piece);
        decoder->used += piece;
        decoder->total += piece;
        data += piece;
        size -= piece;
        if (!check_total(decoder, error))
            return FALSE;
        if (decoder->used == wanted(decoder) && decoder->used >= JD_RECORD_HEADER_BYTES &&
            !take_record(decoder, error))
            return FALSE;
    }
    return TRUE;
}
