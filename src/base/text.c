#include "base/text.h"

#include <string.h>

static gboolean is_space(gunichar c)
{
    return c == 0xA0 || c == 0xFEFF || g_unichar_isspace(c);
}

char *jd_text_collapse(const char *text, gssize length)
{
    g_autofree char *valid = g_utf8_make_valid(text, length);
    GString *out = g_string_sized_new(strlen(valid));
    gboolean pending = FALSE;
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        if (is_space(g_utf8_get_char(p))) {
            pending = out->len > 0;
            continue;
        }
        if (pending)
            g_string_append_c(out, ' ');
        pending = FALSE;
        g_string_append_len(out, p, g_utf8_next_char(p) - p);
    }
    return g_string_free(out, FALSE);
}

gsize jd_text_prefix(const char *text, gsize max_chars)
{
    const char *p = text;
    for (gsize i = 0; i < max_chars && *p; i++)
        p = g_utf8_next_char(p);
    return p - text;
}

gsize jd_text_chars(const char *text)
{
    return g_utf8_strlen(text, -1);
}

char *jd_text_shorten(const char *text, gsize max_chars)
{
    gsize bytes = jd_text_prefix(text, max_chars);
    if (text[bytes] == '\0')
        return g_strdup(text);
    bytes = jd_text_prefix(text, max_chars > 0 ? max_chars - 1 : 0);
    gsize cut = bytes;
    while (cut > bytes / 2 && text[cut] != ' ')
        cut--;
    if (cut <= bytes / 2)
        cut = bytes;
    return g_strdup_printf("%.*s…", (int)cut, text);
}

char *jd_text_section(char *const *section)
{
    return g_strjoinv(" › ", (char **)section);
}
