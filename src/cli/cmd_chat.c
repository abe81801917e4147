/* jackdaw chat: questions in a loop. */
#include "base/error.h"
#include "base/limits.h"
#include "cli/answer_view.h"
#include "cli/ask_options.h"
#include "cli/cmd.h"
#include "cli/line_editor.h"
#include "cli/picture.h"
#include "cli/report.h"
#include "cli/signals.h"

#include <string.h>
#include <unistd.h>

typedef struct chat {
    const jd_cli *cli;
    jd_kb *kb;
    jd_ask_options options;
    jd_answer_view view;
    GPtrArray *answers; /* jd_answer *: what was said, oldest first */
    char *picture;      /* of the next question, or NULL */
    gboolean interactive;
} chat;

static const char help_text[] = "Type a question, or\n"
                                "  /image FILE  a picture that belongs to the next question\n"
                                "  /sources     the sources of the last answer\n"
                                "  /clear       forget what was said\n"
                                "  /help        this\n"
                                "  /quit        end (or Ctrl-D)\n"
                                "Ctrl-C stops an answer.\n";

static void answer_free(gpointer answer)
{
    jd_answer_free(answer);
}

static void forget(chat *c)
{
    g_ptr_array_set_size(c->answers, 0);
}

/* A path as it is typed, or as a terminal writes one that is dropped on it: quoted as for the
 * shell.
 */
static char *typed_path(const char *text)
{
    g_autofree char *unquoted = access(text, R_OK) == 0 ? NULL : g_shell_unquote(text, NULL);
    const char *path = unquoted ? unquoted : text;
    return g_str_has_prefix(path, "~/") ? g_build_filename(g_get_home_dir(), path + 2, NULL)
                                        : g_strdup(path);
}

static void set_picture(chat *c, const char *text)
{
    g_autofree char *path = typed_path(text);
    if (!*path) {
        jd_report_note(c->cli, "/image needs a file, as in: /image photo.jpg");
    } else if (access(path, R_OK) != 0) {
        g_autofree char *note = g_strdup_printf("%s: %s", path, g_strerror(errno));
        jd_report_note(c->cli, note);
    } else {
        g_free(c->picture);
        c->picture = g_steal_pointer(&path);
        jd_report_note(c->cli, "the picture goes with your next question");
    }
}

static void show_sources(chat *c)
{
    if (c->answers->len == 0) {
        jd_report_note(c->cli, "there is no answer yet");
        return;
    }
    jd_print_sources(c->cli, c->kb, c->answers->pdata[c->answers->len - 1]);
}

/* A line that begins with a slash. FALSE: the chat is over. */
static gboolean obey(chat *c, const char *line)
{
    gsize length = strcspn(line, " \t");
    g_autofree char *name = g_strndup(line, length);
    g_autofree char *argument = g_strstrip(g_strdup(line + length));
    if (g_str_equal(name, "/quit") || g_str_equal(name, "/exit"))
        return FALSE;
    if (g_str_equal(name, "/image")) {
        set_picture(c, argument);
    } else if (g_str_equal(name, "/sources")) {
        show_sources(c);
    } else if (g_str_equal(name, "/clear")) {
        forget(c);
        jd_report_note(c->cli, "forgotten");
    } else if (g_str_equal(name, "/help")) {
        fputs(help_text, c->cli->err.file);
    } else {
        g_autofree char *note = g_strdup_printf("unknown: %s (/help lists what there is)", name);
        jd_report_note(c->cli, note);
    }
    return TRUE;
}

/* The turns so far, in memory of the answers'. */
static jd_turn *history(const chat *c)
{
    jd_turn *turns = g_new0(jd_turn, c->answers->len + 1);
    for (guint i = 0; i < c->answers->len; i++) {
        const jd_answer *answer = c->answers->pdata[i];
        turns[i] = (jd_turn){.question = answer->question, .answer = answer->text};
    }
    return turns;
}

static jd_answer *ask(chat *c, const char *question, GError **error)
{
    g_autofree jd_turn *turns = history(c);
    jd_ask_options options = c->options;
    options.history = turns;
    options.history_size = c->answers->len;
    if (c->picture)
        options.image_path = c->picture;
    jd_answer_view_attach(&c->view, question, &options);
    jd_answer *answer = jd_kb_ask(c->kb, question, &options, error);
    if (!answer && jd_ask_fetch_model(c->cli, &options, error))
        answer = jd_kb_ask(c->kb, question, &options, error);
    if (answer)
        jd_answer_view_end(&c->view, c->kb, answer);
    return answer;
}

/* An error ends the answer, not the chat. */
static void say(chat *c, const char *question)
{
    g_autoptr(GError) error = NULL;
    jd_answer *answer = ask(c, question, &error);
    g_clear_pointer(&c->picture, g_free);
    if (!answer) {
        jd_report_error(&c->cli->err, c->cli->json, error);
        return;
    }
    if (c->answers->len == JD_LIMIT_CHAT_TURNS)
        g_ptr_array_remove_index(c->answers, 0);
    g_ptr_array_add(c->answers, answer);
}

static jd_exit loop(chat *c, jd_line_editor *editor)
{
    for (;;) {
        g_autofree char *line = NULL;
        jd_line_state state = jd_line_editor_read(editor, &line);
        if (state == JD_LINE_END)
            return JD_EXIT_DONE;
        if (state == JD_LINE_INTERRUPTED && !c->interactive)
            return JD_EXIT_INTERRUPTED;
        if (state == JD_LINE_INTERRUPTED)
            fputc('\n', c->cli->err.file);
        else if (*line == '/' && !obey(c, line))
            return JD_EXIT_DONE;
        else if (*line && *line != '/')
            say(c, line);
        if (jd_signals_caught() && !c->interactive)
            return JD_EXIT_INTERRUPTED;
        jd_signals_forget();
        fflush(c->cli->out.file);
        if (ferror(c->cli->out.file))
            return JD_EXIT_DONE;
    }
}

static jd_exit run(jd_cli *cli, GError **error)
{
    g_auto(jd_query_args) query = {0};
    if (!jd_query_args_read(&query, cli, error))
        return JD_EXIT_FAILED;
    g_autoptr(jd_kb) kb = jd_cli_open(cli, JD_KB_READ, error);
    if (!kb)
        return JD_EXIT_FAILED;
    g_autofree char *path =
        g_build_filename(g_get_user_state_dir(), "jackdaw", "chat_history", NULL);
    g_autoptr(jd_line_editor) editor = jd_line_editor_new("> ", path);
    g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func(answer_free);
    chat c = {
        .cli = cli,
        .kb = kb,
        .options = jd_ask_options_read(cli, &query),
        .answers = answers,
        .interactive = jd_line_editor_is_interactive(editor),
    };
    jd_answer_view_init(&c.view, cli, jd_signals_catch());
    if (c.interactive)
        jd_report_note(cli, "Ask about your documents. /help lists the commands, Ctrl-D ends.");
    jd_exit status = loop(&c, editor);
    jd_answer_view_clear(&c.view);
    g_free(c.picture);
    return status;
}

static const jd_option own_options[] = {JD_PULL_OPTION, JD_PICTURE_OPTION, JD_OPTION_END};

static const jd_example examples[] = {
    {"jackdaw chat", "questions and answers, until Ctrl-D"},
    {"jackdaw chat --json <questions.txt", "one question a line, one JSON object an answer"},
    {NULL},
};

const jd_command jd_command_chat = {
    .name = "chat",
    .summary = "ask in a loop, with history",
    .about = "Asks and answers in a loop; what was said before is given to the model. Lines that "
             "begin with a slash are commands: /image FILE adds a picture to the next question, "
             "/sources shows the sources of the last answer again, /clear forgets what was said, "
             "/help lists them, /quit ends. Ctrl-C stops an answer, Ctrl-D ends. Lines are edited "
             "as the shell does, and remembered in $XDG_STATE_HOME/jackdaw/chat_history.\n\n"
             "Without a terminal it reads one question a line.",
    .options = {jd_query_options, jd_filter_options, jd_answer_options, own_options},
    .examples = examples,
    .settings_like = &jd_command_ask,
    .run = run,
};
