#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int columns_of(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *variable = g_getenv("COLUMNS");
    gint64 columns = 0;
    if (variable && g_ascii_string_to_signed(variable, 10, 20, 1000, &columns, NULL))
        return (int)columns;
    return JD_TERMINAL_COLUMNS;
}

void jd_terminal_init(jd_terminal *terminal, FILE *file)
{
    const char *no_colour = g_getenv("NO_COLOR");
    const char *name = g_getenv("TERM");
    terminal->file = file;
    terminal->tty = isatty(fileno(file)) == 1;
    terminal->columns = columns_of(fileno(file));
    terminal->colour =
        terminal->tty && !(no_colour && *no_colour) && name && *name && !g_str_equal(name, "dumb");
}

const char *jd_terminal_style(const jd_terminal *terminal, jd_style style)
{
    static const char *const sequences[] = {
        [JD_STYLE_PLAIN] = "\033[0m",  [JD_STYLE_STRONG] = "\033[1m",
        [JD_STYLE_DIM] = "\033[2m",    [JD_STYLE_MATCH] = "\033[1;33m",
        [JD_STYLE_GOOD] = "\033[32m",  [JD_STYLE_WARNING] = "\033[33m",
        [JD_STYLE_BAD] = "\033[1;31m",
    };
    return terminal->colour ? sequences[style] : "";
}

void jd_terminal_put(const jd_terminal *terminal, jd_style style, const char *text)
{
    g_autofree char *safe = jd_terminal_safe(text);
    if (style == JD_STYLE_PLAIN || *safe == '\0') {
        fputs(safe, terminal->file);
        return;
    }
    fputs(jd_terminal_style(terminal, style), terminal->file);
    fputs(safe, terminal->file);
    fputs(jd_terminal_style(terminal, JD_STYLE_PLAIN), terminal->file);
}

gunichar jd_terminal_safe_char(gunichar c)
{
    enum { SYMBOLS = 0x2400, SYMBOL_DELETE = 0x2421, REPLACEMENT = 0xFFFD };
    if (c < 0x20)
        return SYMBOLS + c;
    if (c == 0x7F)
        return SYMBOL_DELETE;
    /* C1 controls: some terminals obey them as they obey ESC with a letter. */
    if (c >= 0x80 && c < 0xA0)
        return REPLACEMENT;
    /* Embeddings, overrides and isolates make text read otherwise than it is. */
    if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
        return REPLACEMENT;
    if (c == 0x2028 || c == 0x2029)
        return ' ';
    return c;
}

char *jd_terminal_safe(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    GString *out = g_string_sized_new(strlen(valid));
    for (const char *p = valid; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        gboolean blank = c == '\n' || c == '\t' || c == '\r';
        g_string_append_unichar(out, blank ? ' ' : jd_terminal_safe_char(c));
    }
    return g_string_free(out, FALSE);
}

int jd_char_columns(gunichar c)
{
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? 2 : 1;
}

int jd_text_columns(const char *text)
{
    int columns = 0;
    for (const char *p = text; *p; p = g_utf8_next_char(p))
        columns += jd_char_columns(g_utf8_get_char(p));
    return columns;
}

/* The end of what fits into `columns` from the text's start. */
static const char *head_end(const char *text, int columns)
{
    while (*text) {
        columns -= jd_char_columns(g_utf8_get_char(text));
        if (columns < 0)
            break;
        text = g_utf8_next_char(text);
    }
    return text;
}

/* The start of what fits into `columns` before the text's end. */
static const char *tail_start(const char *text, int columns)
{
    const char *tail = text + strlen(text);
    while (tail > text) {
        const char *before = g_utf8_prev_char(tail);
        columns -= jd_char_columns(g_utf8_get_char(before));
        if (columns < 0)
            break;
        tail = before;
    }
    return tail;
}

char *jd_text_cut(const char *text, int columns)
{
    if (jd_text_columns(text) <= columns)
        return g_strdup(text);
    const char *end = head_end(text, columns - 1);
    return g_strdup_printf("%.*s…", (int)(end - text), text);
}

char *jd_text_squeeze(const char *text, int columns)
{
    if (jd_text_columns(text) <= columns)
        return g_strdup(text);
    int each = (columns - 1) / 2; /* what fits on either side of the dots */
    const char *head = head_end(text, each);
    return g_strdup_printf("%.*s…%s", (int)(head - text), text, tail_start(head, each));
}
