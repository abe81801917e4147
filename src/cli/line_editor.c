#include "cli/line_editor.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct jd_line_editor {
    EditLine *edit; /* NULL where standard input is no terminal */
    History *history;
    HistEvent event;
    const char *prompt;
    char *history_file;
    char *buffer; /* getline()'s */
    size_t buffer_size;
};

static char *get_prompt(EditLine *edit)
{
    void *user = NULL;
    el_get(edit, EL_CLIENTDATA, &user);
    return (char *)((const jd_line_editor *)user)->prompt;
}

/* libedit reads characters as the locale says. Where that knows only ASCII, UTF-8 is meant. */
static void set_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (!g_str_equal(nl_langinfo(CODESET), "UTF-8"))
        setlocale(LC_CTYPE, "C.UTF-8");
}

static void load_history(jd_line_editor *editor)
{
    editor->history = history_init();
    history(editor->history, &editor->event, H_SETSIZE, JD_LIMIT_HISTORY_LINES);
    history(editor->history, &editor->event, H_SETUNIQUE, 1);
    g_autofree char *folder = g_path_get_dirname(editor->history_file);
    g_mkdir_with_parents(folder, 0700);
    /* Made with these rights before anything is in it; libedit only writes to it. */
    int fd = open(editor->history_file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) {
        close(fd);
        history(editor->history, &editor->event, H_LOAD, editor->history_file);
    }
    el_set(editor->edit, EL_HIST, history, editor->history);
}

jd_line_editor *jd_line_editor_new(const char *prompt, const char *history_file)
{
    jd_line_editor *editor = g_new0(jd_line_editor, 1);
    editor->prompt = prompt;
    editor->history_file = g_strdup(history_file);
    if (!isatty(STDIN_FILENO))
        return editor;
    set_locale();
    editor->edit = el_init("jackdaw", stdin, stderr, stderr);
    if (!editor->edit)
        return editor;
    el_set(editor->edit, EL_CLIENTDATA, editor);
    el_set(editor->edit, EL_PROMPT, get_prompt);
    el_set(editor->edit, EL_EDITOR, "emacs");
    load_history(editor);
    el_source(editor->edit, NULL);
    return editor;
}

void jd_line_editor_free(jd_line_editor *editor)
{
    if (!editor)
        return;
    if (editor->edit) {
        history(editor->history, &editor->event, H_SAVE, editor->history_file);
        el_end(editor->edit);
        history_end(editor->history);
    }
    g_free(editor->history_file);
    free(editor->buffer); /* getline() is of malloc() */
    g_free(editor);
}

gboolean jd_line_editor_is_interactive(const jd_line_editor *editor)
{
    return editor->edit != NULL;
}

static jd_line_state read_plain(jd_line_editor *editor, char **line)
{
    errno = 0;
    if (getline(&editor->buffer, &editor->buffer_size, stdin) < 0) {
        gboolean interrupted = errno == EINTR;
        clearerr(stdin);
        return interrupted ? JD_LINE_INTERRUPTED : JD_LINE_END;
    }
    *line = g_strdup(g_strstrip(editor->buffer));
    return JD_LINE_READ;
}

jd_line_state jd_line_editor_read(jd_line_editor *editor, char **line)
{
    if (!editor->edit)
        return read_plain(editor, line);
    int count = 0;
    const char *text = el_gets(editor->edit, &count);
    if (!text || count <= 0)
        return count < 0 && errno == EINTR ? JD_LINE_INTERRUPTED : JD_LINE_END;
    char *typed = g_strstrip(g_strdup(text));
    if (*typed)
        history(editor->history, &editor->event, H_ENTER, typed);
    *line = typed;
    return JD_LINE_READ;
}
