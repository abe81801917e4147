#include "answer/lines.h"

#include <string.h>

void jd_lines_init(jd_lines *lines, gsize max, jd_line_fn each, void *user)
{
    *lines = (jd_lines){.partial = g_string_new(NULL), .max = max, .each = each, .user = user};
}

void jd_lines_clear(jd_lines *lines)
{
    if (lines->partial)
        g_string_free(lines->partial, TRUE);
    *lines = (jd_lines){0};
}

static void add(jd_lines *lines, const char *data, gsize length)
{
    if (length > lines->max - lines->partial->len)
        lines->state = JD_LINES_OVERLONG;
    else
        g_string_append_len(lines->partial, data, length);
}

static void pass_on(jd_lines *lines)
{
    if (lines->state != JD_LINES_ON)
        return;
    if (!lines->each(lines->partial->str, lines->partial->len, lines->user))
        lines->state = JD_LINES_STOPPED;
    g_string_truncate(lines->partial, 0);
}

/* Bytes before the next CR or LF, or `length`. */
static gsize line_end(const char *data, gsize length)
{
    const char *lf = memchr(data, '\n', length);
    gsize end = lf ? (gsize)(lf - data) : length;
    const char *cr = memchr(data, '\r', end);
    return cr ? (gsize)(cr - data) : end;
}

jd_lines_state jd_lines_feed(jd_lines *lines, const char *data, gsize length)
{
    gsize at = 0;
    while (at < length && lines->state == JD_LINES_ON) {
        if (lines->after_cr && data[at] == '\n') {
            lines->after_cr = FALSE;
            at++;
            continue;
        }
        lines->after_cr = FALSE;
        gsize end = line_end(data + at, length - at);
        add(lines, data + at, end);
        at += end;
        if (at == length)
            break;
        lines->after_cr = data[at] == '\r';
        at++;
        pass_on(lines);
    }
    return lines->state;
}

jd_lines_state jd_lines_end(jd_lines *lines)
{
    if (lines->partial->len > 0)
        pass_on(lines);
    return lines->state;
}

void jd_sse_init(jd_sse *sse, gsize max, jd_line_fn each, void *user)
{
    *sse = (jd_sse){.data = g_string_new(NULL), .max = max, .each = each, .user = user};
}

void jd_sse_clear(jd_sse *sse)
{
    if (sse->data)
        g_string_free(sse->data, TRUE);
    *sse = (jd_sse){0};
}

gboolean jd_sse_end(jd_sse *sse)
{
    if (!sse->any)
        return TRUE;
    sse->any = FALSE;
    gboolean on = sse->each(sse->data->str, sse->data->len, sse->user);
    g_string_truncate(sse->data, 0);
    return on;
}

gboolean jd_sse_line(const char *line, gsize length, void *user)
{
    jd_sse *sse = user;
    if (length == 0)
        return jd_sse_end(sse);
    if (length < 5 || memcmp(line, "data:", 5) != 0)
        return TRUE;
    const char *value = line + 5;
    gsize rest = length - 5;
    if (rest > 0 && *value == ' ') {
        value++;
        rest--;
    }
    if (rest >= sse->max - sse->data->len)
        return FALSE;
    if (sse->any)
        g_string_append_c(sse->data, '\n');
    sse->any = TRUE;
    g_string_append_len(sse->data, value, rest);
    return TRUE;
}
