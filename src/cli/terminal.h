/*
 * The terminal: what it can do, and text that is safe on it.
 *
 * Documents, file names, servers and models are not trusted: control characters in what they say
 * could move the cursor, retitle the window or hide text. Everything of theirs goes through
 * jd_terminal_safe() or a jd_wrapper (wrap.h) on its way to the terminal or a file.
 */
#ifndef JD_CLI_TERMINAL_H
#define JD_CLI_TERMINAL_H

#include <glib.h>
#include <stdio.h>

typedef struct jd_terminal {
    FILE *file;
    gboolean tty;
    gboolean colour; /* a terminal, and NO_COLOR is not set */
    int columns;     /* its width; JD_TERMINAL_COLUMNS where that is unknown */
} jd_terminal;

enum { JD_TERMINAL_COLUMNS = 80 };

void jd_terminal_init(jd_terminal *terminal, FILE *file);

typedef enum jd_style {
    JD_STYLE_PLAIN,
    JD_STYLE_STRONG, /* titles */
    JD_STYLE_DIM,    /* paths, ids */
    JD_STYLE_MATCH,  /* words of the query in a snippet */
    JD_STYLE_GOOD,
    JD_STYLE_WARNING,
    JD_STYLE_BAD
} jd_style;

/** The escape sequence that starts a style, or "" without colour. Static. */
const char *jd_terminal_style(const jd_terminal *terminal, jd_style style);

/** Prints `text`, as safe as jd_terminal_safe() makes it, in a style. */
void jd_terminal_put(const jd_terminal *terminal, jd_style style, const char *text);

/**
 * A copy on one line in which nothing can act on a terminal: control characters become their
 * visible symbols (U+2400 and on), invalid UTF-8 and the marks that reorder text U+FFFD, line ends
 * spaces.
 */
char *jd_terminal_safe(const char *text);

/** What jd_terminal_safe() makes of one character; line ends and tabs are the caller's. */
gunichar jd_terminal_safe_char(gunichar c);

/** How many columns a character takes: 0, 1 or 2. */
int jd_char_columns(gunichar c);
int jd_text_columns(const char *text);

/** A copy that takes at most `columns` columns, cut at the end with "…". */
char *jd_text_cut(const char *text, int columns);

/** A copy that takes at most `columns` columns, cut in the middle with "…" ("/home/…/post.html").
 */
char *jd_text_squeeze(const char *text, int columns);

#endif
