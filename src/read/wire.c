#include "read/wire.h"

#include "base/error.h"
#include "base/limits.h"

#include <math.h>
#include <string.h>

void jd_wire_put_u8(GByteArray *out, guint8 value)
{
    g_byte_array_append(out, &value, 1);
}

void jd_wire_put_u32(GByteArray *out, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

void jd_wire_put_u64(GByteArray *out, guint64 value)
{
    guint64 little = GUINT64_TO_LE(value);
    g_byte_array_append(out, (const guint8 *)&little, sizeof little);
}

void jd_wire_put_float(GByteArray *out, float value)
{
    guint32 bits;
    memcpy(&bits, &value, sizeof bits);
    jd_wire_put_u32(out, bits);
}

void jd_wire_put_cut(GByteArray *out, const char *string, gsize max)
{
    if (!string) {
        jd_wire_put_u32(out, JD_WIRE_NULL);
        return;
    }
    g_autofree char *repaired =
        g_utf8_validate(string, -1, NULL) ? NULL : g_utf8_make_valid(string, -1);
    const char *text = repaired ? repaired : string;
    gsize length = strlen(text);
    if (length > max)
        length = g_utf8_find_prev_char(text, text + max + 1) - text;
    jd_wire_put_u32(out, (guint32)length);
    g_byte_array_append(out, (const guint8 *)text, (guint)length);
}

void jd_wire_put_string(GByteArray *out, const char *string)
{
    jd_wire_put_cut(out, string, JD_LIMIT_FRAME_BYTES);
}

void jd_wire_set_u32(GByteArray *out, gsize offset, guint32 value)
{
    guint32 little = GUINT32_TO_LE(value);
    memcpy(out->data + offset, &little, sizeof little);
}

void jd_cursor_fail(jd_cursor *cursor, const char *problem)
{
    if (!cursor->problem)
        cursor->problem = problem;
}

const guint8 *jd_cursor_bytes(jd_cursor *cursor, gsize size)
{
    if (!cursor->problem && size > cursor->size - cursor->offset)
        jd_cursor_fail(cursor, "it ends early");
    if (cursor->problem)
        return NULL;
    const guint8 *at = cursor->data + cursor->offset;
    cursor->offset += size;
    return at;
}

guint8 jd_cursor_u8(jd_cursor *cursor)
{
    const guint8 *at = jd_cursor_bytes(cursor, 1);
    return at ? *at : 0;
}

guint32 jd_cursor_u32(jd_cursor *cursor)
{
    guint32 value = 0;
    const guint8 *at = jd_cursor_bytes(cursor, sizeof value);
    if (at)
        memcpy(&value, at, sizeof value);
    return GUINT32_FROM_LE(value);
}

guint64 jd_cursor_u64(jd_cursor *cursor)
{
    guint64 value = 0;
    const guint8 *at = jd_cursor_bytes(cursor, sizeof value);
    if (at)
        memcpy(&value, at, sizeof value);
    return GUINT64_FROM_LE(value);
}

float jd_cursor_float(jd_cursor *cursor)
{
    guint32 bits = jd_cursor_u32(cursor);
    float value;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value))
        return value;
    jd_cursor_fail(cursor, "a number is not finite");
    return 0;
}

gboolean jd_cursor_bool(jd_cursor *cursor)
{
    guint8 value = jd_cursor_u8(cursor);
    if (value > 1)
        jd_cursor_fail(cursor, "a flag is neither 0 nor 1");
    return value == 1;
}

char *jd_cursor_string(jd_cursor *cursor, gsize max)
{
    guint32 length = jd_cursor_u32(cursor);
    if (cursor->problem || length == JD_WIRE_NULL)
        return NULL;
    if (length > max)
        jd_cursor_fail(cursor, "a string is too long");
    const char *at = (const char *)jd_cursor_bytes(cursor, length);
    if (!at)
        return NULL;
    if (!g_utf8_validate(at, length, NULL)) {
        jd_cursor_fail(cursor, "a string is not UTF-8");
        return NULL;
    }
    char *copy = g_try_malloc((gsize)length + 1);
    if (!copy) {
        jd_cursor_fail(cursor, "there is no memory for a string");
        return NULL;
    }
    memcpy(copy, at, length);
    copy[length] = '\0';
    return copy;
}

gboolean jd_cursor_finish(const jd_cursor *cursor, const char *record, GError **error)
{
    const char *problem = cursor->problem;
    if (!problem && cursor->offset != cursor->size)
        problem = "it is longer than what it holds";
    if (!problem)
        return TRUE;
    jd_set_error(error, JD_ERROR_INVALID, NULL, "the %s record is malformed: %s", record, problem);
    return FALSE;
}
