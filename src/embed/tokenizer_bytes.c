#include "embed/tokenizer_bytes.h"

/* Printable bytes of Latin-1 stand for themselves; the others, in order, are U+0100 and on. */
static gboolean is_itself(guint byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

static guint letter_of(guint byte)
{
    if (is_itself(byte))
        return byte;
    if (byte <= ' ')
        return 0x100 + byte;
    return byte == 0xAD ? 0x143 : 0x121 + byte - 0x7F;
}

void jd_bytes_expand(const char *text, gsize length, GString *out)
{
    const gsize old = out->len;
    g_string_set_size(out, old + 2 * length);
    char *to = out->str + old;
    for (gsize i = 0; i < length; i++) {
        const guint letter = letter_of((guchar)text[i]);
        if (letter < 0x80) {
            *to++ = (char)letter;
        } else {
            *to++ = (char)(0xC0 | letter >> 6);
            *to++ = (char)(0x80 | (letter & 0x3F));
        }
    }
    g_string_truncate(out, (gsize)(to - out->str));
}
