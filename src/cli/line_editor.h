/*
 * Lines that the user types: edited, with history, on a terminal; plain lines from a pipe.
 *
 * The history is kept in a file that only its owner may read.
 */
#ifndef JD_CLI_LINE_EDITOR_H
#define JD_CLI_LINE_EDITOR_H

#include <glib.h>

typedef struct jd_line_editor jd_line_editor;

typedef enum jd_line_state {
    JD_LINE_READ,
    JD_LINE_INTERRUPTED, /* by a signal, which was caught */
    JD_LINE_END          /* no more lines: Ctrl-D, or the pipe's end */
} jd_line_state;

/** `prompt` is static. The history file's folder is made; that it cannot be is no error: the
 * history is then not kept. */
jd_line_editor *jd_line_editor_new(const char *prompt, const char *history_file);
/** Saves the history. */
void jd_line_editor_free(jd_line_editor *editor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_line_editor, jd_line_editor_free)

gboolean jd_line_editor_is_interactive(const jd_line_editor *editor);

/** The next line without its end and without white space around it (g_free() it); *line is only set
 * with JD_LINE_READ. */
jd_line_state jd_line_editor_read(jd_line_editor *editor, char **line);

#endif
