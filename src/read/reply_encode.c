/* Answer records, the reader's side. */
#include "read/protocol.h"

#include "base/error.h"
#include "base/limits.h"
#include "read/wire.h"

#define FLUSH_BYTES (64 * JD_KIB)

void jd_reply_encoder_init(jd_reply_encoder *encoder, jd_sink write, void *user)
{
    *encoder = (jd_reply_encoder){write, user, g_byte_array_new()};
}

void jd_reply_encoder_clear(jd_reply_encoder *encoder)
{
    g_clear_pointer(&encoder->buffer, g_byte_array_unref);
}

static gboolean flush(jd_reply_encoder *encoder)
{
    gboolean ok = encoder->write(encoder->buffer->data, encoder->buffer->len, encoder->user);
    g_byte_array_set_size(encoder->buffer, 0);
    return ok;
}

static gsize begin(jd_reply_encoder *encoder, jd_record_type type)
{
    gsize start = encoder->buffer->len;
    jd_wire_put_u32(encoder->buffer, 0);
    jd_wire_put_u32(encoder->buffer, type);
    return start;
}

/* Ends a record whose last part, `data`, is written as it is, without a copy. */
static gboolean end_with(jd_reply_encoder *encoder, gsize start, const void *data, gsize size)
{
    gsize length = encoder->buffer->len - start - JD_RECORD_HEADER_BYTES + size;
    jd_wire_set_u32(encoder->buffer, start, (guint32)length);
    if (size == 0)
        return encoder->buffer->len < FLUSH_BYTES || flush(encoder);
    if (size < FLUSH_BYTES) {
        g_byte_array_append(encoder->buffer, data, (guint)size);
        return encoder->buffer->len < FLUSH_BYTES || flush(encoder);
    }
    return flush(encoder) && encoder->write(data, size, encoder->user);
}

static gboolean end_reply(jd_reply_encoder *encoder, guint32 blocks, guint32 warnings)
{
    gsize start = begin(encoder, JD_RECORD_END);
    jd_wire_put_u32(encoder->buffer, blocks);
    jd_wire_put_u32(encoder->buffer, warnings);
    return end_with(encoder, start, NULL, 0) && flush(encoder);
}

gboolean jd_reply_encode_hello(jd_reply_encoder *encoder, const char *const *sandbox)
{
    gsize start = begin(encoder, JD_RECORD_HELLO);
    jd_wire_put_u32(encoder->buffer, JD_PROTOCOL_MAGIC);
    jd_wire_put_u32(encoder->buffer, JD_PROTOCOL_VERSION);
    jd_wire_put_u32(encoder->buffer, g_strv_length((char **)sandbox));
    for (; *sandbox; sandbox++)
        jd_wire_put_cut(encoder->buffer, *sandbox, JD_LIMIT_LABEL_BYTES);
    return end_with(encoder, start, NULL, 0) && end_reply(encoder, 0, 0);
}

gboolean jd_reply_encode_error(jd_reply_encoder *encoder, const GError *error)
{
    gsize start = begin(encoder, JD_RECORD_ERROR);
    jd_wire_put_u32(encoder->buffer,
                    error->domain == JD_ERROR ? (guint32)error->code : JD_ERROR_INTERNAL);
    jd_wire_put_cut(encoder->buffer, error->message, JD_LIMIT_MESSAGE_BYTES);
    jd_wire_put_cut(encoder->buffer, jd_error_hint(error), JD_LIMIT_MESSAGE_BYTES);
    return end_with(encoder, start, NULL, 0) && end_reply(encoder, 0, 0);
}

static gboolean encode_block(jd_reply_encoder *encoder, const jd_block *block)
{
    GByteArray *out = encoder->buffer;
    gsize start = begin(encoder, JD_RECORD_BLOCK);
    jd_wire_put_u8(out, (guint8)block->kind);
    jd_wire_put_u32(out, g_strv_length(block->section));
    for (char **heading = block->section; *heading; heading++)
        jd_wire_put_string(out, *heading);
    jd_wire_put_string(out, block->text);
    jd_wire_put_u64(out, (guint64)block->start);
    jd_wire_put_u64(out, (guint64)block->end);
    jd_wire_put_u32(out, (guint32)block->page);
    for (gsize i = 0; i < G_N_ELEMENTS(block->box); i++)
        jd_wire_put_float(out, block->box[i]);
    const jd_picture *picture = block->picture;
    if (!picture)
        return end_with(encoder, start, NULL, 0);
    jd_wire_put_string(out, picture->source);
    jd_wire_put_string(out, picture->caption);
    jd_wire_put_string(out, picture->alt);
    jd_wire_put_string(out, picture->media_type);
    jd_wire_put_u32(out, (guint32)picture->width);
    jd_wire_put_u32(out, (guint32)picture->height);
    jd_wire_put_u8(out, picture->bytes != NULL);
    if (!picture->bytes)
        return end_with(encoder, start, NULL, 0);
    gsize size;
    gconstpointer bytes = g_bytes_get_data(picture->bytes, &size);
    jd_wire_put_u64(out, size);
    return end_with(encoder, start, bytes, size);
}

static gboolean encode_warning(jd_reply_encoder *encoder, const char *warning)
{
    gsize start = begin(encoder, JD_RECORD_WARNING);
    jd_wire_put_cut(encoder->buffer, warning, JD_LIMIT_MESSAGE_BYTES);
    return end_with(encoder, start, NULL, 0);
}

static gboolean encode_too_many(jd_reply_encoder *encoder, guint blocks)
{
    g_autoptr(GError) error = NULL;
    jd_set_error(&error, JD_ERROR_LIMIT, "split the document",
                 "the document has %u blocks; at most %d are read", blocks, JD_LIMIT_BLOCKS);
    return jd_reply_encode_error(encoder, error);
}

gboolean jd_reply_encode_document(jd_reply_encoder *encoder, const jd_document *document)
{
    guint blocks = document->blocks->len;
    guint warnings = MIN(document->warnings->len, JD_LIMIT_WARNINGS);
    if (blocks > JD_LIMIT_BLOCKS)
        return encode_too_many(encoder, blocks);
    gsize start = begin(encoder, JD_RECORD_DOCUMENT);
    jd_wire_put_string(encoder->buffer, document->title);
    jd_wire_put_cut(encoder->buffer, document->media_type, JD_LIMIT_LABEL_BYTES);
    jd_wire_put_cut(encoder->buffer, document->language, JD_LIMIT_LABEL_BYTES);
    jd_wire_put_cut(encoder->buffer, document->published, JD_LIMIT_MESSAGE_BYTES);
    jd_wire_put_cut(encoder->buffer, document->authors, JD_LIMIT_MESSAGE_BYTES);
    jd_wire_put_string(encoder->buffer, document->base);
    gboolean ok = end_with(encoder, start, NULL, 0);
    for (guint i = 0; ok && i < blocks; i++)
        ok = encode_block(encoder, g_ptr_array_index(document->blocks, i));
    for (guint i = 0; ok && i < warnings; i++)
        ok = encode_warning(encoder, g_ptr_array_index(document->warnings, i));
    return ok && end_reply(encoder, blocks, warnings);
}

gboolean jd_reply_encode_pixels(jd_reply_encoder *encoder, const jd_pixels *pixels)
{
    gsize start = begin(encoder, JD_RECORD_PIXELS);
    jd_wire_put_u32(encoder->buffer, (guint32)pixels->width);
    jd_wire_put_u32(encoder->buffer, (guint32)pixels->height);
    gsize size = (gsize)pixels->width * pixels->height * 4;
    return end_with(encoder, start, pixels->rgba, size) && end_reply(encoder, 0, 0);
}

gboolean jd_reply_encode_entries(jd_reply_encoder *encoder, const GPtrArray *entries)
{
    gsize start = begin(encoder, JD_RECORD_ENTRIES);
    jd_wire_put_u32(encoder->buffer, entries->len);
    for (guint i = 0; i < entries->len; i++) {
        const jd_archive_entry *entry = entries->pdata[i];
        jd_wire_put_string(encoder->buffer, entry->name);
        jd_wire_put_u64(encoder->buffer, entry->size);
    }
    return end_with(encoder, start, NULL, 0) && end_reply(encoder, 0, 0);
}

gboolean jd_reply_encode_unpacked(jd_reply_encoder *encoder, guint64 size)
{
    gsize start = begin(encoder, JD_RECORD_UNPACKED);
    jd_wire_put_u64(encoder->buffer, size);
    return end_with(encoder, start, NULL, 0);
}

gboolean jd_reply_encode_piece(jd_reply_encoder *encoder, const void *data, gsize size)
{
    gsize start = begin(encoder, JD_RECORD_PIECE);
    return end_with(encoder, start, data, size);
}

gboolean jd_reply_encode_unpacked_end(jd_reply_encoder *encoder)
{
    return end_reply(encoder, 0, 0);
}

gboolean jd_reply_encode_picture(jd_reply_encoder *encoder, GBytes *picture, const char *media_type)
{
    gsize start = begin(encoder, JD_RECORD_PICTURE);
    gsize size;
    gconstpointer data = g_bytes_get_data(picture, &size);
    jd_wire_put_string(encoder->buffer, media_type);
    jd_wire_put_u64(encoder->buffer, size);
    return end_with(encoder, start, data, size) && end_reply(encoder, 0, 0);
}
