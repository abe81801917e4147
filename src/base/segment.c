#include "base/segment.h"

#include <string.h>

typedef struct text_source {
    const char *text;
    gsize length;
    jd_span_fn each;
    void *user;
} text_source;

/* ---- characters ---- */

typedef enum char_class {
    CLASS_OTHER,   /* separates words; invalid UTF-8 too */
    CLASS_DIGIT,   /* ASCII digit */
    CLASS_LETTER,  /* letter, mark, or any other digit */
    CLASS_BIGRAM,  /* of a script without spaces */
    CLASS_EXTENDER /* belongs to what is before it, whatever that is */
} char_class;

static gboolean in_ranges(gunichar c, const gunichar (*ranges)[2], gsize n)
{
    for (gsize i = 0; i < n && c >= ranges[i][0]; i++)
        if (c <= ranges[i][1])
            return TRUE;
    return FALSE;
}

static gboolean has_no_spaces(gunichar c)
{
    static const gunichar ranges[][2] = {
        {0x0E00, 0x0EFF},   /* Thai, Lao */
        {0x1000, 0x109F},   /* Myanmar */
        {0x1100, 0x11FF},   /* Hangul jamo */
        {0x1780, 0x17FF},   /* Khmer */
        {0x2E80, 0x2FDF},   /* Han radicals */
        {0x3005, 0x3007},   /* iteration mark, zero */
        {0x3021, 0x30FF},   /* numerals, kana */
        {0x3130, 0x318F},   /* Hangul compatibility jamo */
        {0x31F0, 0x31FF},   /* small katakana */
        {0x3400, 0x4DBF},   /* Han */
        {0x4E00, 0x9FFF},   /* Han */
        {0xA960, 0xA97F},   /* Hangul jamo */
        {0xAC00, 0xD7FF},   /* Hangul */
        {0xF900, 0xFAFF},   /* Han compatibility */
        {0xFF66, 0xFFDC},   /* halfwidth kana and jamo */
        {0x1B000, 0x1B16F}, /* kana supplements */
        {0x20000, 0x3FFFF}, /* Han */
    };
    return c >= 0x0E00 && in_ranges(c, ranges, G_N_ELEMENTS(ranges));
}

static gboolean extends(gunichar c)
{
    static const gunichar ranges[][2] = {
        {0x00AD, 0x00AD}, /* soft hyphen */
        {0x1160, 0x11FF}, /* vowels and finals of a decomposed Hangul syllable */
        {0x200C, 0x200D}, /* joiners */
        {0x2060, 0x2060}, /* word joiner */
        {0xFE00, 0xFE0F}, /* variation selectors */
        {0xFEFF, 0xFEFF}, /* zero width no-break space */
        {0xFF9E, 0xFF9F}, /* halfwidth voicing marks */
    };
    return in_ranges(c, ranges, G_N_ELEMENTS(ranges)) || g_unichar_ismark(c);
}

static char_class class_of(gunichar c)
{
    if (extends(c))
        return CLASS_EXTENDER;
    if (!g_unichar_isalnum(c))
        return CLASS_OTHER;
    return has_no_spaces(c) && !g_unichar_isdigit(c) ? CLASS_BIGRAM : CLASS_LETTER;
}

static inline char_class ascii_class(guchar byte)
{
    if ((guchar)((byte | 0x20) - 'a') < 26)
        return CLASS_LETTER;
    return (guchar)(byte - '0') < 10 ? CLASS_DIGIT : CLASS_OTHER;
}

static char_class wide_class_at(const text_source *from, gsize at, gsize *bytes)
{
    gunichar c = g_utf8_get_char_validated(from->text + at, (gssize)(from->length - at));
    if (c == (gunichar)-1 || c == (gunichar)-2 || c == 0)
        return CLASS_OTHER;
    *bytes = (gsize)g_unichar_to_utf8(c, NULL);
    return class_of(c);
}

/* The class of the character at `at` and its length in bytes. */
static inline char_class class_at(const text_source *from, gsize at, gsize *bytes)
{
    guchar byte = (guchar)from->text[at];
    *bytes = 1;
    if (byte < 0x80)
        return ascii_class(byte);
    return wide_class_at(from, at, bytes);
}

static gboolean is_word_at(const text_source *from, gsize at)
{
    gsize bytes;
    return at < from->length && class_at(from, at, &bytes) != CLASS_OTHER;
}

static gboolean emit(const text_source *from, jd_span span)
{
    return from->each(&span, from->user);
}

/* ---- scripts without spaces ---- */

/* Emits the run of characters that starts at *at and moves behind it. */
static gboolean scan_bigrams(const text_source *from, gsize *at)
{
    jd_span span = {.kind = JD_SPAN_BIGRAM};
    gsize before = *at, start = *at, n = 0, bytes;
    while (*at < from->length && class_at(from, *at, &bytes) == CLASS_BIGRAM) {
        before = start;
        start = *at;
        *at += bytes;
        while (*at < from->length && class_at(from, *at, &bytes) == CLASS_EXTENDER)
            *at += bytes;
        span.start = before;
        span.end = *at;
        if (++n > 1 && !emit(from, span))
            return FALSE;
    }
    span.start = start;
    span.end = *at;
    return n != 1 || emit(from, span);
}

/* ---- words ---- */

/* What a word's characters show of how it is to be split. */
typedef struct word_shape {
    gsize end;
    gsize letters; /* bytes before the first digit */
    gboolean ascii;
    gboolean letters_then_digits;
} word_shape;

static word_shape scan_word(const text_source *from, gsize start)
{
    word_shape shape = {.end = start, .ascii = TRUE, .letters_then_digits = TRUE};
    gboolean digits = FALSE;
    gsize bytes = 0;
    while (shape.end < from->length && ascii_class((guchar)from->text[shape.end]) == CLASS_LETTER)
        shape.end++;
    shape.letters = shape.end - start;
    for (; shape.end < from->length; shape.end += bytes) {
        char_class class = class_at(from, shape.end, &bytes);
        if (class == CLASS_OTHER && digits && from->text[shape.end] == '.' &&
            g_ascii_isdigit(from->text[shape.end - 1]) && shape.end + 1 < from->length &&
            g_ascii_isdigit(from->text[shape.end + 1]))
            continue;
        if (class == CLASS_OTHER || class == CLASS_BIGRAM)
            break;
        if (class == CLASS_DIGIT)
            digits = TRUE;
        else if (digits)
            shape.letters_then_digits = FALSE;
        if (!digits)
            shape.letters += bytes;
        shape.ascii = shape.ascii && (guchar)from->text[shape.end] < 0x80;
    }
    enum { FEWEST_LETTERS = 2 }; /* v2 and h264 are what they are */
    shape.letters_then_digits =
        shape.letters_then_digits && digits && shape.letters >= FEWEST_LETTERS;
    return shape;
}

/* A word, and its letters and digits where it has both. */
static gboolean emit_word(const text_source *from, gsize start, const word_shape *shape)
{
    jd_span span = {.start = start, .end = shape->end, .kind = JD_SPAN_WORD, .ascii = shape->ascii};
    if (!shape->letters_then_digits)
        return emit(from, span);
    jd_span letters = span, digits = span;
    letters.end = digits.start = start + shape->letters;
    digits.kind = JD_SPAN_NAME;
    digits.ascii = TRUE;
    span.kind = JD_SPAN_NAME;
    return emit(from, span) && emit(from, letters) && emit(from, digits);
}

/* The end of a run of words joined by low lines, each of which `shape` has scanned up to. */
static gsize find_end_of_name(const text_source *from, gsize end, gboolean *ascii)
{
    for (;;) {
        gsize next = end;
        while (next < from->length && from->text[next] == '_')
            next++;
        gsize bytes;
        if (next == end || next >= from->length ||
            (class_at(from, next, &bytes) != CLASS_LETTER &&
             class_at(from, next, &bytes) != CLASS_DIGIT))
            return end;
        word_shape shape = scan_word(from, next);
        *ascii = *ascii && shape.ascii;
        end = shape.end;
    }
}

static gboolean emit_parts(const text_source *from, gsize start, gsize end)
{
    while (start < end) {
        word_shape shape = scan_word(from, start);
        if (!emit_word(from, start, &shape))
            return FALSE;
        for (start = shape.end; start < end && from->text[start] == '_';)
            start++;
    }
    return TRUE;
}

/* The bytes of ++ or # after a lone letter. */
static gsize language_suffix(const text_source *from, gsize start, gsize end)
{
    if (end - start != 1 || !g_ascii_isalpha(from->text[start]))
        return 0;
    gsize left = from->length - end;
    gsize bytes = 0;
    if (left >= 2 && memcmp(from->text + end, "++", 2) == 0)
        bytes = 2;
    else if (left >= 1 && from->text[end] == '#')
        bytes = 1;
    return bytes > 0 && !is_word_at(from, end + bytes) ? bytes : 0;
}

/* The bytes of a possessive 's, with either apostrophe. */
static gsize possessive(const text_source *from, gsize end)
{
    gsize left = from->length - end, bytes = 0;
    if (left >= 2 && from->text[end] == '\'')
        bytes = 1;
    else if (left >= 4 && memcmp(from->text + end, "\xE2\x80\x99", 3) == 0)
        bytes = 3;
    if (bytes == 0 || (from->text[end + bytes] | 0x20) != 's' || is_word_at(from, end + bytes + 1))
        return 0;
    return bytes + 1;
}

/* Emits the word that starts at *at, with its parts, and moves behind it. */
static gboolean scan_words(const text_source *from, gsize *at)
{
    gsize start = *at;
    word_shape shape = scan_word(from, start);
    jd_span name = {.start = start, .end = shape.end, .kind = JD_SPAN_NAME, .ascii = shape.ascii};
    gsize suffix = language_suffix(from, start, shape.end);
    if (suffix > 0) {
        name.end += suffix;
        *at = name.end;
        return emit(from, name);
    }
    if (shape.end < from->length && from->text[shape.end] == '_')
        name.end = find_end_of_name(from, shape.end, &name.ascii);
    *at = name.end + possessive(from, name.end);
    if (name.end == shape.end)
        return emit_word(from, start, &shape);
    return emit(from, name) && emit_parts(from, start, name.end);
}

gboolean jd_segment(const char *text, gsize length, jd_span_fn each, void *user)
{
    text_source from = {.text = text, .length = length, .each = each, .user = user};
    for (gsize at = 0; at < length;) {
        gsize bytes;
        switch (class_at(&from, at, &bytes)) {
        case CLASS_OTHER:
            at += bytes;
            break;
        case CLASS_BIGRAM:
            if (!scan_bigrams(&from, &at))
                return FALSE;
            break;
        default:
            if (!scan_words(&from, &at))
                return FALSE;
        }
    }
    return TRUE;
}
