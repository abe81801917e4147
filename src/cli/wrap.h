/* Breaks text into lines of a terminal's width as it comes in, piece by piece. */
#ifndef JD_CLI_WRAP_H
#define JD_CLI_WRAP_H

#include <glib.h>
#include <stdio.h>

typedef struct jd_wrapper {
    FILE *file;
    int columns;       /* break lines that would get longer; 0: never */
    int indent;        /* spaces in front of every line */
    int column;        /* where the next character goes */
    int spaces;        /* white space that is due before the next word */
    gboolean at_start; /* nothing stands in this line yet */
    GString *word;     /* the word so far: its end has not come */
    int word_columns;  /* its width */
} jd_wrapper;

void jd_wrapper_init(jd_wrapper *wrapper, FILE *file, int columns, int indent);
/** Prints what is pending; ends no line. */
void jd_wrapper_clear(jd_wrapper *wrapper);

/**
 * Adds text (`length` -1: up to the NUL), which need not end with a word; it is made safe as
 * jd_terminal_safe() does, line ends are kept. Text must not end within a character.
 */
void jd_wrapper_add(jd_wrapper *wrapper, const char *text, gssize length);
/** Adds an escape sequence of our own, which takes no room. */
void jd_wrapper_style(jd_wrapper *wrapper, const char *sequence);
#endif
