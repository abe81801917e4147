#include "read/reply.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define MAX_STRING JD_LIMIT_FRAME_BYTES

gboolean jd_reply_read_hello(jd_cursor *cursor, jd_reply *reply, GError **error)
{
    guint32 magic = jd_cursor_u32(cursor);
    guint32 version = jd_cursor_u32(cursor);
    if (!cursor->problem && (magic != JD_PROTOCOL_MAGIC || version != JD_PROTOCOL_VERSION)) {
        jd_set_error(error, JD_ERROR_VERSION, "install jackdaw and jackdaw-reader of one version",
                     "jackdaw-reader speaks another protocol (version %u, expected %d)", version,
                     JD_PROTOCOL_VERSION);
        return FALSE;
    }
    guint32 count = jd_cursor_u32(cursor);
    if (count > JD_LIMIT_SANDBOX_FEATURES)
        jd_cursor_fail(cursor, "too many features");
    g_autoptr(GStrvBuilder) features = g_strv_builder_new();
    for (guint32 i = 0; i < count && !cursor->problem; i++) {
        g_autofree char *feature = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
        if (feature)
            g_strv_builder_add(features, feature);
        else
            jd_cursor_fail(cursor, "a feature is missing");
    }
    reply->sandbox = g_strv_builder_end(features);
    return jd_cursor_finish(cursor, "HELLO", error);
}

gboolean jd_reply_read_error(jd_cursor *cursor, jd_reply *reply, GError **error)
{
    guint32 code = jd_cursor_u32(cursor);
    g_autofree char *message = jd_cursor_string(cursor, JD_LIMIT_MESSAGE_BYTES);
    g_autofree char *hint = jd_cursor_string(cursor, JD_LIMIT_MESSAGE_BYTES);
    if (code > JD_ERROR_INTERNAL)
        jd_cursor_fail(cursor, "unknown error code");
    if (!message)
        jd_cursor_fail(cursor, "the message is missing");
    if (!jd_cursor_finish(cursor, "ERROR", error))
        return FALSE;
    jd_set_error(&reply->error, (jd_error_code)code, hint, "%s", message);
    return TRUE;
}

gboolean jd_reply_read_document(jd_cursor *cursor, jd_reply *reply, GError **error)
{
    jd_document *document = reply->document = jd_document_new();
    document->title = jd_cursor_string(cursor, MAX_STRING);
    document->media_type = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
    document->language = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
    document->published = jd_cursor_string(cursor, JD_LIMIT_MESSAGE_BYTES);
    document->authors = jd_cursor_string(cursor, JD_LIMIT_MESSAGE_BYTES);
    document->base = jd_cursor_string(cursor, MAX_STRING);
    if (!document->media_type)
        jd_cursor_fail(cursor, "the media type is missing");
    return jd_cursor_finish(cursor, "DOCUMENT", error);
}

static const char *known_media_type(const char *media_type)
{
    static const char *const known[] = {"image/png", "image/jpeg", "image/webp", "image/gif"};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_strcmp0(media_type, known[i]) == 0)
            return known[i];
    return NULL;
}

static GBytes *read_blob(jd_cursor *cursor)
{
    guint64 size = jd_cursor_u64(cursor);
    if (size == 0 || size > JD_LIMIT_PICTURE_BYTES)
        jd_cursor_fail(cursor, "the picture's number of bytes is out of range");
    const guint8 *data = jd_cursor_bytes(cursor, size);
    if (!data)
        return NULL;
    guint8 *copy = g_try_malloc(size);
    if (!copy) {
        jd_cursor_fail(cursor, "there is no memory for a picture");
        return NULL;
    }
    memcpy(copy, data, size);
    return g_bytes_new_take(copy, size);
}

static void read_picture_fields(jd_cursor *cursor, jd_picture *picture)
{
    picture->source = jd_cursor_string(cursor, MAX_STRING);
    picture->caption = jd_cursor_string(cursor, MAX_STRING);
    picture->alt = jd_cursor_string(cursor, MAX_STRING);
    picture->media_type = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
    guint32 width = jd_cursor_u32(cursor);
    guint32 height = jd_cursor_u32(cursor);
    if (width > JD_LIMIT_PICTURE_SIDE || height > JD_LIMIT_PICTURE_SIDE)
        jd_cursor_fail(cursor, "the picture's sides are too long");
    if (jd_cursor_bool(cursor))
        picture->bytes = read_blob(cursor);
    if (cursor->problem)
        return;
    picture->width = (int)width;
    picture->height = (int)height;
    if (picture->bytes ? !known_media_type(picture->media_type) || width == 0 || height == 0
                       : picture->media_type || !picture->source)
        jd_cursor_fail(cursor, "the picture's fields contradict each other");
}

static void read_section(jd_cursor *cursor, jd_block *block)
{
    guint32 count = jd_cursor_u32(cursor);
    if (count > JD_LIMIT_SECTION_DEPTH)
        jd_cursor_fail(cursor, "the section path is too deep");
    if (cursor->problem)
        return;
    g_free(block->section);
    block->section = g_new0(char *, count + 1);
    for (guint32 i = 0; i < count; i++) {
        block->section[i] = jd_cursor_string(cursor, MAX_STRING);
        if (!block->section[i]) {
            jd_cursor_fail(cursor, "a heading is missing");
            return;
        }
    }
}

static void read_place(jd_cursor *cursor, jd_block *block, guint64 file_size)
{
    gint64 start = (gint64)jd_cursor_u64(cursor);
    gint64 end = (gint64)jd_cursor_u64(cursor);
    gboolean unknown = start == -1 && end == -1;
    if (!unknown && (start < 0 || end < start || (guint64)end > file_size))
        jd_cursor_fail(cursor, "the byte range lies outside of the file");
    block->start = start;
    block->end = end;
    guint32 page = jd_cursor_u32(cursor);
    if (page > G_MAXINT)
        jd_cursor_fail(cursor, "the page number is out of range");
    block->page = (int)page;
    for (gsize i = 0; i < G_N_ELEMENTS(block->box); i++)
        block->box[i] = jd_cursor_float(cursor);
}

gboolean jd_reply_read_block(jd_cursor *cursor, jd_document *document, guint64 file_size,
                             GError **error)
{
    guint8 kind = jd_cursor_u8(cursor);
    if (kind > JD_BLOCK_PICTURE)
        jd_cursor_fail(cursor, "unknown kind");
    jd_block *block = jd_document_add(document, (jd_block_kind)kind, NULL);
    read_section(cursor, block);
    block->text = jd_cursor_string(cursor, MAX_STRING);
    read_place(cursor, block, file_size);
    if ((kind == JD_BLOCK_PICTURE) != (block->text == NULL))
        jd_cursor_fail(cursor, "text and picture exclude each other");
    if (kind == JD_BLOCK_PICTURE) {
        block->picture = jd_picture_new();
        read_picture_fields(cursor, block->picture);
    }
    return jd_cursor_finish(cursor, "BLOCK", error);
}

gboolean jd_reply_read_warning(jd_cursor *cursor, jd_document *document, GError **error)
{
    char *warning = jd_cursor_string(cursor, JD_LIMIT_MESSAGE_BYTES);
    if (warning)
        g_ptr_array_add(document->warnings, warning);
    else
        jd_cursor_fail(cursor, "the text is missing");
    return jd_cursor_finish(cursor, "WARNING", error);
}

gboolean jd_reply_read_pixels(jd_cursor *cursor, const jd_reply_expected *expected, jd_reply *reply,
                              GError **error)
{
    guint32 width = jd_cursor_u32(cursor);
    guint32 height = jd_cursor_u32(cursor);
    guint32 max_width = expected->max_width > 0 ? expected->max_width : JD_LIMIT_PICTURE_SIDE;
    guint32 max_height = expected->max_height > 0 ? expected->max_height : JD_LIMIT_PICTURE_SIDE;
    if (width == 0 || height == 0 || width > max_width || height > max_height ||
        (guint64)width * height > JD_LIMIT_PICTURE_PIXELS)
        jd_cursor_fail(cursor, "the size is out of range");
    gsize size = cursor->problem ? 0 : (gsize)width * height * 4;
    const guint8 *data = jd_cursor_bytes(cursor, size);
    if (!jd_cursor_finish(cursor, "PIXELS", error))
        return FALSE;
    reply->pixels = jd_pixels_new((int)width, (int)height, error);
    if (!reply->pixels)
        return FALSE;
    memcpy(reply->pixels->rgba, data, size);
    return TRUE;
}

gboolean jd_reply_read_picture(jd_cursor *cursor, jd_reply *reply, GError **error)
{
    g_autofree char *media_type = jd_cursor_string(cursor, JD_LIMIT_LABEL_BYTES);
    reply->media_type = known_media_type(media_type);
    if (!reply->media_type)
        jd_cursor_fail(cursor, "unknown media type");
    reply->picture = read_blob(cursor);
    return jd_cursor_finish(cursor, "PICTURE", error);
}

gboolean jd_reply_read_entries(jd_cursor *cursor, jd_reply *reply, GError **error)
{
    guint32 count = jd_cursor_u32(cursor);
    if (count > JD_LIMIT_HUB_FILES)
        jd_cursor_fail(cursor, "too many entries");
    reply->entries = jd_archive_entries_new();
    for (guint32 i = 0; i < count && !cursor->problem; i++) {
        g_autofree char *name = jd_cursor_string(cursor, JD_LIMIT_MODEL_PATH_BYTES);
        guint64 size = jd_cursor_u64(cursor);
        if (name && size <= G_MAXINT64)
            g_ptr_array_add(reply->entries, jd_archive_entry_new(name, size));
        else
            jd_cursor_fail(cursor, "an entry has no name, or too many bytes");
    }
    return jd_cursor_finish(cursor, "ENTRIES", error);
}

gboolean jd_reply_read_unpacked(jd_cursor *cursor, const jd_reply_expected *expected,
                                GError **error)
{
    if (jd_cursor_u64(cursor) != expected->entry_size)
        jd_cursor_fail(cursor, "the entry has another size");
    return jd_cursor_finish(cursor, "UNPACKED", error);
}
