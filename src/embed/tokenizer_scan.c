#include "embed/tokenizer_scan.h"

#include "embed/tokenizer_unicode.h"

#include <string.h>

enum { TEXTUAL = JD_CHAR_LETTER | JD_CHAR_NUMBER | JD_CHAR_SPACE };

/* Flags of the character at `p`, which moves on. ASCII without a look into the tables. */
static inline guint32 take(const char **p)
{
    const guchar c = (guchar) * *p;
    if (c >= 0x80)
        return jd_unicode_flags(jd_utf8_next(p));
    *p += 1;
    if ((guchar)((c | 32) - 'a') < 26)
        return JD_CHAR_LETTER | JD_CHAR_WORD;
    if (c == ' ' || (guchar)(c - 9) < 5)
        return JD_CHAR_SPACE;
    if ((guchar)(c - '0') < 10)
        return JD_CHAR_NUMBER | JD_CHAR_WORD;
    return c == '_' ? JD_CHAR_WORD : 0;
}

/* End of the run of characters whose flags within `mask` are `value`. */
static const char *run_end(const char *p, const char *end, guint32 mask, guint32 value)
{
    while (p < end) {
        const char *next = p;
        const guint32 flags = take(&next) & mask;
        if (value ? !(flags & value) : flags != 0)
            break;
        p = next;
    }
    return p;
}

/* Length of an English contraction at `p`, or 0. */
static gsize contraction(const char *p, const char *end)
{
    static const char *const forms[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    if (*p != '\'')
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        const gsize size = strlen(forms[i]);
        if ((gsize)(end - p) >= size && memcmp(p, forms[i], size) == 0)
            return size;
    }
    return 0;
}

gboolean jd_scan_clip(const char *text, gsize length, gsize from, gsize *start, gsize *end)
{
    const char *limit = text + length;
    const char *p = run_end(text + from, limit, JD_CHAR_SPACE, JD_CHAR_SPACE);
    if (p == limit)
        return FALSE;
    const char *next = p;
    const gsize short_form = contraction(p, limit);
    if (short_form > 0) {
        next = p + short_form;
    } else {
        const guint32 flags = take(&next);
        if (flags & JD_CHAR_LETTER)
            next = run_end(next, limit, JD_CHAR_LETTER, JD_CHAR_LETTER);
        else if (!(flags & JD_CHAR_NUMBER))
            next = run_end(next, limit, TEXTUAL, 0);
    }
    *start = (gsize)(p - text);
    *end = (gsize)(next - text);
    return TRUE;
}

/* The end of `\s+(?!\S)|\s+` at `p`, where a space is: all the spaces at the end of the text, else
 * all but the last, which goes with the word behind it, else the only one. */
static const char *spaces_end(const char *p, const char *limit)
{
    const char *after = run_end(p, limit, JD_CHAR_SPACE, JD_CHAR_SPACE);
    if (after == limit)
        return after;
    const char *last = jd_utf8_previous(after);
    return last > p ? last : after;
}

gboolean jd_scan_gpt2(const char *text, gsize length, gsize from, gsize *start, gsize *end)
{
    const char *limit = text + length;
    const char *p = text + from;
    const char *next = p;
    const gsize short_form = contraction(p, limit);
    if (short_form > 0) {
        next = p + short_form;
    } else {
        const char *word = *p == ' ' ? p + 1 : p;
        const char *q = word;
        const guint32 flags = word < limit ? take(&q) : (guint32)JD_CHAR_SPACE;
        if (flags & JD_CHAR_SPACE)
            next = spaces_end(p, limit);
        else if (flags & JD_CHAR_LETTER)
            next = run_end(q, limit, JD_CHAR_LETTER, JD_CHAR_LETTER);
        else if (flags & JD_CHAR_NUMBER)
            next = run_end(q, limit, JD_CHAR_NUMBER, JD_CHAR_NUMBER);
        else
            next = run_end(q, limit, TEXTUAL, 0);
    }
    *start = from;
    *end = (gsize)(next - text);
    return TRUE;
}

gboolean jd_scan_spaces(const char *text, gsize length, gsize from, gsize *start, gsize *end)
{
    const char *limit = text + length;
    const char *p = run_end(text + from, limit, JD_CHAR_SPACE, 0);
    if (p == limit)
        return FALSE;
    *start = (gsize)(p - text);
    *end = (gsize)(run_end(p, limit, JD_CHAR_SPACE, JD_CHAR_SPACE) - text);
    return TRUE;
}

gboolean jd_scan_two_spaces(const char *text, gsize length, gsize from, gsize *start, gsize *end)
{
    const char *limit = text + length;
    const char *p = memmem(text + from, length - from, "  ", 2);
    if (!p)
        return FALSE;
    const char *next = p;
    while (next < limit && *next == ' ')
        next++;
    *start = (gsize)(p - text);
    *end = (gsize)(next - text);
    return TRUE;
}

gboolean jd_scan_words(const char *text, gsize length, gsize from, gsize *start, gsize *end)
{
    const char *limit = text + length;
    const char *p = run_end(text + from, limit, JD_CHAR_SPACE, JD_CHAR_SPACE);
    if (p == limit)
        return FALSE;
    const char *next = p;
    if (take(&next) & JD_CHAR_WORD)
        next = run_end(next, limit, JD_CHAR_WORD, JD_CHAR_WORD);
    else
        next = run_end(next, limit, JD_CHAR_WORD | JD_CHAR_SPACE, 0);
    *start = (gsize)(p - text);
    *end = (gsize)(next - text);
    return TRUE;
}
