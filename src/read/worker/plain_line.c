#include "read/worker/plain_line.h"

#include <string.h>

static gboolean is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v';
}

gboolean jd_line_next(const jd_decoded *file, gsize *at, jd_line *line)
{
    const char *text = file->text;
    gsize start = *at;
    if (start >= file->size)
        return FALSE;
    *line = (jd_line){.new_page = text[start] == '\f'};
    start += line->new_page;
    gsize end = start;
    while (end < file->size && text[end] != '\n' && text[end] != '\r' && text[end] != '\f')
        end++;
    *at = end;
    if (end < file->size && text[end] != '\f')
        *at += text[end] == '\r' && end + 1 < file->size && text[end + 1] == '\n' ? 2 : 1;
    while (end > start && is_blank(text[end - 1]))
        end--;
    line->text = text + start;
    line->length = end - start;
    while (line->indent < line->length && is_blank(line->text[line->indent]))
        line->indent++;
    return TRUE;
}

gsize jd_line_next_indent(const jd_decoded *file, gsize at)
{
    jd_line line;
    while (jd_line_next(file, &at, &line))
        if (line.length > line.indent)
            return line.indent;
    return 0;
}

gsize jd_line_marker(const jd_line *line, int *number)
{
    const char *p = line->text + line->indent;
    gsize left = line->length - line->indent;
    *number = -1;
    if (left > 2 && strchr("-*+", *p) && is_blank(p[1]))
        return line->indent + 2;
    if (left > 4 && memcmp(p, "\xE2\x80\xA2", 3) == 0)
        return line->indent + 3;
    gsize digits = 0;
    int value = 0;
    while (digits < left && digits < 4 && g_ascii_isdigit(p[digits]))
        value = value * 10 + (p[digits++] - '0');
    if (digits == 0 || left < digits + 3 || !strchr(".)", p[digits]) || !is_blank(p[digits + 1]))
        return 0;
    *number = value;
    return line->indent + digits + 2;
}

int jd_line_ruler(const jd_line *line)
{
    static const char marks[] = "=-~^";
    if (line->length == line->indent)
        return 0;
    char mark = line->text[line->indent];
    for (gsize i = line->indent; i < line->length; i++)
        if (line->text[i] != mark)
            return 0;
    const char *found = strchr(marks, mark);
    return found ? (int)(found - marks) + 1 : 0;
}

int jd_line_numbered(const jd_line *line)
{
    int level = 0;
    gsize at = 0;
    while (at < line->length && g_ascii_isdigit(line->text[at])) {
        gsize digits = at;
        while (at < line->length && g_ascii_isdigit(line->text[at]))
            at++;
        if (at - digits > 3)
            return 0;
        level++;
        if (at < line->length && line->text[at] == '.')
            at++;
    }
    gsize blanks = at;
    while (at < line->length && is_blank(line->text[at]))
        at++;
    if (level == 0 || at == blanks || at == line->length ||
        strchr(".,;:", line->text[line->length - 1]))
        return 0;
    return level;
}

gboolean jd_line_is_aligned(const jd_line *line)
{
    for (gsize i = line->indent; i + 1 < line->length; i++)
        if (line->text[i] == '\t' ||
            (i + 2 < line->length && memcmp(line->text + i, "   ", 3) == 0))
            return TRUE;
    return FALSE;
}

/** Length of the escape sequence at `p` (ECMA-48, 5.4: ESC [ parameters, and a final byte). */
static gsize escape_length(const char *p, gsize left)
{
    if (left < 2 || p[1] != '[')
        return 1;
    gsize length = 2;
    while (length < left && p[length] >= 0x20 && p[length] <= 0x3F)
        length++;
    gboolean final = length < left && p[length] >= 0x40 && p[length] <= 0x7E;
    return length + final;
}

static gboolean is_control(char c)
{
    return ((guchar)c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
}

char *jd_line_clean(const char *text, gsize *length)
{
    gsize at = 0;
    while (at < *length && !is_control(text[at]))
        at++;
    if (at == *length)
        return NULL;
    GString *clean = g_string_new_len(text, (gssize)at);
    while (at < *length) {
        if (text[at] == '\b' && clean->len > 0) {
            const char *last = g_utf8_find_prev_char(clean->str, clean->str + clean->len);
            g_string_truncate(clean, last ? last - clean->str : 0);
        }
        if (text[at] == 0x1B) {
            at += escape_length(text + at, *length - at);
            continue;
        }
        if (!is_control(text[at]))
            g_string_append_c(clean, text[at]);
        at++;
    }
    *length = clean->len;
    return g_string_free(clean, FALSE);
}
