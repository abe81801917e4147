/*
 * What the Hugging Face `tokenizers` library takes a character for. It mixes Unicode 8, 9, 16 and
 * 17, so GLib's own functions, whose version differs between Debian 12 and 13, would not give its
 * answers; tools/unicode_probe.py asked it for every code point (tokenizer_unicode.tsv).
 *
 * Texts here are valid UTF-8, see jd_utf8_repair() in embed/tokenizer_text.h.
 */
#ifndef JD_EMBED_TOKENIZER_UNICODE_H
#define JD_EMBED_TOKENIZER_UNICODE_H

#include <glib.h>

/* Bits of jd_unicode_flags(), in the order of tools/unicode_table.py. */
enum {
    JD_CHAR_LETTER = 1 << 0,      /* \p{L} of a pattern */
    JD_CHAR_NUMBER = 1 << 1,      /* \p{N} of a pattern */
    JD_CHAR_SPACE = 1 << 2,       /* white space, \s */
    JD_CHAR_WORD = 1 << 3,        /* \w of the Whitespace pre-tokenizer and of added tokens */
    JD_CHAR_NUMERIC = 1 << 4,     /* what Digits splits */
    JD_CHAR_PUNCTUATION = 1 << 5, /* what BERT and Punctuation split */
    JD_CHAR_CONTROL = 1 << 6,     /* what BERT removes */
    JD_CHAR_ACCENT = 1 << 7,      /* nonspacing marks, which BERT strips */
    JD_CHAR_MARK = 1 << 8,        /* combining marks, which StripAccents strips */
    JD_CHAR_NFD = 1 << 9,         /* decomposes */
    JD_CHAR_NFKD = 1 << 10,       /* decomposes for compatibility */
    JD_CHAR_NFC = 1 << 11,        /* is no NFC by itself, or may join what is before it */
    JD_CHAR_CLASS = 1 << 12,      /* has a combining class */
    JD_CHAR_UNKNOWN = 1 << 13,    /* newer than the reference's normal forms: stays as it is */
    JD_CHAR_CLUSTER_SHIFT = 14    /* above: jd_cluster_class */
};

/* UAX #29's classes, as far as the rules tell them apart. LINKER is an Extend that joins Indic
 * consonants, LOOSE an Extend that ends such a sequence. */
typedef enum jd_cluster_class {
    JD_CLUSTER_OTHER,
    JD_CLUSTER_CR,
    JD_CLUSTER_LF,
    JD_CLUSTER_CONTROL,
    JD_CLUSTER_EXTEND,
    JD_CLUSTER_LINKER,
    JD_CLUSTER_LOOSE,
    JD_CLUSTER_ZWJ,
    JD_CLUSTER_FLAG,
    JD_CLUSTER_PREPEND,
    JD_CLUSTER_SPACING,
    JD_CLUSTER_L,
    JD_CLUSTER_V,
    JD_CLUSTER_T,
    JD_CLUSTER_LV,
    JD_CLUSTER_LVT,
    JD_CLUSTER_PICTURE,
    JD_CLUSTER_CONSONANT
} jd_cluster_class;

/* Made by tools/unicode_table.py. */
extern const guint8 jd_unicode_index[];
extern const guint8 jd_unicode_pages[];
extern const guint32 jd_unicode_classes[];
extern const guint8 jd_unicode_lower_index[];
extern const gint32 jd_unicode_lower_pages[];

enum { JD_UNICODE_LOWER_END = 0x1EA00 };

static inline guint32 jd_unicode_flags(gunichar c)
{
    return jd_unicode_classes[jd_unicode_pages[jd_unicode_index[c >> 8] * 256 + (c & 255)]];
}

/** Without U+0130, whose lower case is two characters: the caller's business. */
static inline gunichar jd_unicode_lower(gunichar c)
{
    if (c >= JD_UNICODE_LOWER_END)
        return c;
    return c + (gunichar)jd_unicode_lower_pages[jd_unicode_lower_index[c >> 8] * 256 + (c & 255)];
}

/** The character at *p, which moves on behind it. */
static inline gunichar jd_utf8_next(const char **p)
{
    const guchar *s = (const guchar *)*p;
    if (s[0] < 0x80) {
        *p += 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *p += 2;
        return (gunichar)(s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    }
    if (s[0] < 0xF0) {
        *p += 3;
        return (gunichar)(s[0] & 0x0F) << 12 | (gunichar)(s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    *p += 4;
    return (gunichar)(s[0] & 0x07) << 18 | (gunichar)(s[1] & 0x3F) << 12 |
           (gunichar)(s[2] & 0x3F) << 6 | (s[3] & 0x3F);
}

/** Bytes of the character that begins with `lead`. */
static inline gsize jd_utf8_size(char lead)
{
    const guchar byte = (guchar)lead;
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/** Start of the character that ends before `p`. */
static inline const char *jd_utf8_previous(const char *p)
{
    do
        p--;
    while (((guchar)*p & 0xC0) == 0x80);
    return p;
}

/** End of the grapheme cluster (UAX #29, extended) that begins at `text`; text < end. */
const char *jd_cluster_end(const char *text, const char *end);

#endif
