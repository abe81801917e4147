#include "embed/tokenizer_rewrite.h"

#include "base/limits.h"
#include "embed/tokenizer_forms.h"
#include "embed/tokenizer_unicode.h"

#include <string.h>

/* Room for `size` bytes in `next`, written through a pointer; end_writing() says how many it were.
 */
static char *begin_writing(jd_text_buffer *buffer, gsize size)
{
    g_string_set_size(buffer->next, size);
    return buffer->next->str;
}

static void end_writing(jd_text_buffer *buffer, const char *to)
{
    g_string_truncate(buffer->next, (gsize)(to - buffer->next->str));
    jd_text_buffer_swap(buffer);
}

static char *put(char *to, gunichar c)
{
    if (c < 0x80) {
        *to = (char)c;
        return to + 1;
    }
    return to + g_unichar_to_utf8(c, to);
}

static char *put_lower(char *to, gunichar c)
{
    if (c == 0x130) { /* the one character whose lower case is two: i and a dot above */
        memcpy(to, "i\xCC\x87", 3);
        return to + 3;
    }
    return put(to, jd_unicode_lower(c));
}

static char ascii_lower(char c)
{
    return (guchar)(c - 'A') < 26 ? (char)(c | 0x20) : c;
}

void jd_rewrite_lower(jd_text_buffer *buffer)
{
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    /* At most, two bytes become three. */
    char *to = begin_writing(buffer, buffer->now->len * 3 / 2 + 1);
    while (p < end) {
        if ((guchar)*p < 0x80)
            *to++ = ascii_lower(*p++);
        else
            to = put_lower(to, jd_utf8_next(&p));
    }
    end_writing(buffer, to);
}

/* Keeps the characters that have none of the flags. */
static void drop(guint32 flags, jd_text_buffer *buffer)
{
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    if (p < end && jd_unicode_flags(g_utf8_get_char(p)) & flags)
        buffer->origin = FALSE;
    char *to = begin_writing(buffer, buffer->now->len);
    while (p < end) {
        const gunichar c = jd_utf8_next(&p);
        if (!(jd_unicode_flags(c) & flags))
            to = put(to, c);
    }
    end_writing(buffer, to);
}

void jd_rewrite_drop_marks(jd_text_buffer *buffer)
{
    drop(JD_CHAR_MARK, buffer);
}

static gboolean nmt_drops(gunichar c)
{
    return (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F ||
           c == 0x8F || c == 0x9F;
}

static gboolean nmt_blanks(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == 0x1680 ||
           (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
           c == 0xFEFF || c == 0xFFFD;
}

void jd_rewrite_nmt(jd_text_buffer *buffer)
{
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    if (p < end && nmt_drops(g_utf8_get_char(p)))
        buffer->origin = FALSE;
    char *to = begin_writing(buffer, buffer->now->len);
    while (p < end) {
        const gunichar c = jd_utf8_next(&p);
        if (!nmt_drops(c))
            to = put(to, nmt_blanks(c) ? ' ' : c);
    }
    end_writing(buffer, to);
}

static gboolean is_space(const char *p)
{
    return jd_unicode_flags(jd_utf8_next(&p)) & JD_CHAR_SPACE;
}

void jd_rewrite_strip(gboolean left, gboolean right, jd_text_buffer *buffer)
{
    GString *text = buffer->now;
    const char *start = text->str;
    const char *end = start + text->len;
    while (right && end > start && is_space(jd_utf8_previous(end)))
        end = jd_utf8_previous(end);
    while (left && start < end && is_space(start))
        start += jd_utf8_size(*start);
    if (start > text->str)
        buffer->origin = FALSE;
    const gsize from = (gsize)(start - text->str);
    g_string_truncate(text, (gsize)(end - text->str));
    g_string_erase(text, 0, (gssize)from);
}

/* Whether what replaces a match at the start still counts as stemming from the first character:
 * the reference lets it stand for the match's last one. */
static gboolean keeps_origin(const char *text, gsize match_length, const char *content)
{
    return match_length == 0 || (*content != '\0' && jd_utf8_size(*text) == match_length);
}

void jd_rewrite_replace(const jd_pattern *pattern, const char *content, jd_text_buffer *buffer)
{
    const GString *text = buffer->now;
    const gsize content_length = strlen(content);
    g_auto(jd_matcher) matcher = JD_MATCHER_INIT(pattern, text->str, text->len);
    gsize done = 0, start, end;
    gboolean found = FALSE;
    if (text->len == 0)
        return;
    while (jd_matcher_next(&matcher, &start, &end)) {
        found = TRUE;
        if (start == 0 && !keeps_origin(text->str, end, content))
            buffer->origin = FALSE;
        g_string_append_len(buffer->next, text->str + done, (gssize)(start - done));
        g_string_append_len(buffer->next, content, (gssize)content_length);
        done = end;
        if (buffer->next->len > JD_LIMIT_NORMALIZED_BYTES) {
            done = text->len;
            break;
        }
    }
    if (!found)
        return;
    g_string_append_len(buffer->next, text->str + done, (gssize)(text->len - done));
    jd_text_buffer_swap(buffer);
}

static gboolean is_chinese(gunichar c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

static void clean_and_pad(const jd_bert_options *options, jd_text_buffer *buffer)
{
    const char *p = buffer->now->str;
    const char *end = p + buffer->now->len;
    const guint32 dropped = options->clean ? JD_CHAR_CONTROL : 0;
    const guint32 blanked = options->clean ? JD_CHAR_SPACE : 0;
    if (p < end && jd_unicode_flags(g_utf8_get_char(p)) & dropped)
        buffer->origin = FALSE;
    /* At most, three bytes become five. */
    char *to = begin_writing(buffer, buffer->now->len * 5 / 3 + 2);
    while (p < end) {
        if (*p >= ' ' && *p < 0x7F) {
            *to++ = *p++;
            continue;
        }
        const gunichar c = jd_utf8_next(&p);
        const guint32 flags = jd_unicode_flags(c);
        if (flags & dropped)
            continue;
        const gboolean padded = options->pad_chinese && is_chinese(c);
        if (padded)
            *to++ = ' ';
        to = put(to, flags & blanked ? ' ' : c);
        if (padded)
            *to++ = ' ';
    }
    end_writing(buffer, to);
}

void jd_rewrite_bert(const jd_bert_options *options, jd_text_buffer *buffer)
{
    if (options->clean || options->pad_chinese)
        clean_and_pad(options, buffer);
    if (options->drop_accents) {
        jd_form_apply(JD_FORM_NFD, buffer);
        if (jd_utf8_ascii(buffer->now->str, buffer->now->len) < buffer->now->len)
            drop(JD_CHAR_ACCENT, buffer);
    }
    if (options->lower)
        jd_rewrite_lower(buffer);
}
