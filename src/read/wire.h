/*
 * The bytes of the reader's pipe: little-endian integers, and strings with their length in front.
 *
 * Writing appends to a GByteArray. Reading goes through a cursor that checks every length against
 * what is there; after the first problem it gives zeros and NULLs, so that a caller may read a
 * whole record and ask once, by jd_cursor_finish(), whether it was sound.
 */
#ifndef JD_READ_WIRE_H
#define JD_READ_WIRE_H

#include <glib.h>

#define JD_WIRE_NULL 0xFFFFFFFFu /* the length that stands for a NULL string */

void jd_wire_put_u8(GByteArray *out, guint8 value);
void jd_wire_put_u32(GByteArray *out, guint32 value);
void jd_wire_put_u64(GByteArray *out, guint64 value);
void jd_wire_put_float(GByteArray *out, float value);
/** A NUL-terminated string or NULL. Anything that is not UTF-8 is replaced by U+FFFD. */
void jd_wire_put_string(GByteArray *out, const char *string);
/** The same, cut to at most `max` bytes, no character in two. */
void jd_wire_put_cut(GByteArray *out, const char *string, gsize max);

/** Overwrites the four bytes at `offset`, for a length that is known only afterwards. */
void jd_wire_set_u32(GByteArray *out, gsize offset, guint32 value);

typedef struct jd_cursor {
    const guint8 *data;
    gsize size;
    gsize offset;
    const char *problem; /* static; NULL while all is well */
} jd_cursor;

guint8 jd_cursor_u8(jd_cursor *cursor);
guint32 jd_cursor_u32(jd_cursor *cursor);
guint64 jd_cursor_u64(jd_cursor *cursor);
/** A finite float. */
float jd_cursor_float(jd_cursor *cursor);
/** 0 or 1. */
gboolean jd_cursor_bool(jd_cursor *cursor);
/** A copy of a valid UTF-8 string without NULs, at most `max` bytes long; NULL for NULL. */
char *jd_cursor_string(jd_cursor *cursor, gsize max);
/** The next `size` bytes, not copied; NULL where they are not there. */
const guint8 *jd_cursor_bytes(jd_cursor *cursor, gsize size);
/** Notes a problem of the caller's own finding; the first one stays. */
void jd_cursor_fail(jd_cursor *cursor, const char *problem);

/** Whether all was well and nothing is left; else JD_ERROR_INVALID, naming the record. */
gboolean jd_cursor_finish(const jd_cursor *cursor, const char *record, GError **error);

#endif
