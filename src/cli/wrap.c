#include "cli/wrap.h"

#include "cli/terminal.h"

enum { TAB_COLUMNS = 4, LONGEST_WORD = 1024 };

void jd_wrapper_init(jd_wrapper *wrapper, FILE *file, int columns, int indent)
{
    *wrapper = (jd_wrapper){
        .file = file,
        .columns = columns,
        .indent = indent,
        .at_start = TRUE,
        .word = g_string_new(NULL),
    };
}

static void put_spaces(jd_wrapper *wrapper, int count)
{
    fprintf(wrapper->file, "%*s", count, "");
    wrapper->column += count;
}

static void break_line(jd_wrapper *wrapper)
{
    fputc('\n', wrapper->file);
    wrapper->column = 0;
    wrapper->spaces = 0;
    wrapper->at_start = TRUE;
}

static void put_word(jd_wrapper *wrapper)
{
    if (wrapper->word->len == 0)
        return;
    gboolean too_long =
        wrapper->columns > 0 &&
        wrapper->column + wrapper->spaces + wrapper->word_columns > wrapper->columns;
    if (too_long && !wrapper->at_start && wrapper->word_columns > 0)
        break_line(wrapper);
    if (wrapper->at_start && wrapper->column == 0)
        put_spaces(wrapper, wrapper->indent);
    put_spaces(wrapper, wrapper->spaces);
    fputs(wrapper->word->str, wrapper->file);
    wrapper->column += wrapper->word_columns;
    wrapper->at_start = wrapper->at_start && wrapper->word_columns == 0;
    wrapper->spaces = 0;
    wrapper->word_columns = 0;
    g_string_truncate(wrapper->word, 0);
}

static void add_char(jd_wrapper *wrapper, gunichar c)
{
    if (c == '\n') {
        put_word(wrapper);
        break_line(wrapper);
    } else if (c == ' ' || c == '\t') {
        put_word(wrapper);
        wrapper->spaces += c == '\t' ? TAB_COLUMNS : 1;
    } else if (c != '\r') {
        c = jd_terminal_safe_char(c);
        int columns = jd_char_columns(c);
        /* Scripts without spaces may break between any two of their characters. */
        if (columns == 2 || wrapper->word->len > LONGEST_WORD)
            put_word(wrapper);
        g_string_append_unichar(wrapper->word, c);
        wrapper->word_columns += columns;
    }
}

void jd_wrapper_add(jd_wrapper *wrapper, const char *text, gssize length)
{
    g_autofree char *valid = g_utf8_make_valid(text, length);
    for (const char *p = valid; *p; p = g_utf8_next_char(p))
        add_char(wrapper, g_utf8_get_char(p));
}

void jd_wrapper_style(jd_wrapper *wrapper, const char *sequence)
{
    g_string_append(wrapper->word, sequence);
}

void jd_wrapper_clear(jd_wrapper *wrapper)
{
    put_word(wrapper);
    g_string_free(wrapper->word, TRUE);
    wrapper->word = NULL;
}
