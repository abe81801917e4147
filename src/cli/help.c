#include "cli/help.h"

#include "cli/report.h"
#include "cli/wrap.h"

#include <jackdaw.h>
#include <string.h>

/* Longer lines are hard to read. */
enum { HELP_COLUMNS = 100, INDENT = 2, GAP = 2, WIDEST_TERM = 26 };

const char jd_program_summary[] = "answers questions from your own documents, pictures included";

const jd_exit_meaning jd_exit_meanings[] = {
    {JD_EXIT_DONE, "done"},
    {JD_EXIT_FAILED, "failed"},
    {JD_EXIT_USAGE, "wrong usage"},
    {JD_EXIT_SKIPPED, "done, but some input was skipped (each named on standard error)"},
    {JD_EXIT_NOTHING, "nothing relevant found"},
    {JD_EXIT_INTERRUPTED, "interrupted"},
    {0, NULL},
};

static int help_columns(const jd_terminal *terminal)
{
    return MIN(terminal->columns, HELP_COLUMNS);
}

static void put_heading(const jd_terminal *terminal, const char *heading)
{
    fputc('\n', terminal->file);
    jd_terminal_put(terminal, JD_STYLE_STRONG, heading);
    fputc('\n', terminal->file);
}

static void put_text(const jd_terminal *terminal, const char *text)
{
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, terminal->file, help_columns(terminal), 0);
    jd_wrapper_add(&wrapper, text, -1);
    jd_wrapper_clear(&wrapper);
    fputc('\n', terminal->file);
}

typedef struct help_table {
    const jd_terminal *terminal;
    int width; /* of the left column */
} help_table;

static void put_row(const help_table *table, const char *term, const char *text)
{
    FILE *file = table->terminal->file;
    int left = INDENT + table->width + GAP;
    int at = INDENT + jd_text_columns(term);
    fprintf(file, "%*s%s", INDENT, "", term);
    if (at + GAP > left) {
        fputc('\n', file);
        at = 0;
    }
    fprintf(file, "%*s", left - at, "");
    jd_wrapper wrapper;
    jd_wrapper_init(&wrapper, file, help_columns(table->terminal), left);
    wrapper.column = left;
    jd_wrapper_add(&wrapper, text, -1);
    jd_wrapper_clear(&wrapper);
    fputc('\n', file);
}

char *jd_option_usage(const jd_option *option)
{
    g_autofree char *argument =
        option->argument ? g_strconcat(" ", option->argument, NULL) : g_strdup("");
    /* An option whose name is its letter is typed with one dash. */
    if (option->letter && strlen(option->name) == 1)
        return g_strdup_printf("-%c%s", option->letter, argument);
    if (option->letter)
        return g_strdup_printf("-%c, --%s%s", option->letter, option->name, argument);
    return g_strdup_printf("--%s%s", option->name, argument);
}

static void widen(const jd_option *option, void *user)
{
    help_table *table = user;
    g_autofree char *usage = jd_option_usage(option);
    int width = jd_text_columns(usage);
    if (width <= WIDEST_TERM)
        table->width = MAX(table->width, width);
}

static void put_option(const jd_option *option, void *user)
{
    g_autofree char *usage = jd_option_usage(option);
    g_autofree char *text = option->variable
                                ? g_strdup_printf("%s [%s]", option->help, option->variable)
                                : g_strdup(option->help);
    put_row(user, usage, text);
}

static void put_global_options(const jd_terminal *terminal)
{
    put_heading(terminal, "Options of every command");
    help_table table = {.terminal = terminal};
    for (const jd_option *option = jd_global_options; option->name; option++)
        widen(option, &table);
    for (const jd_option *option = jd_global_options; option->name; option++)
        put_option(option, &table);
}

static void put_examples(const jd_terminal *terminal, const jd_example *examples)
{
    put_heading(terminal, "Examples");
    for (; examples->line; examples++)
        fprintf(terminal->file, "  %s\n      %s\n", examples->line, examples->what);
}

static void put_commands(const jd_terminal *terminal, const jd_command *const *commands)
{
    put_heading(terminal, "Commands");
    help_table table = {.terminal = terminal};
    for (gsize i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            table.width = MAX(table.width, (int)strlen(commands[i]->name));
    for (gsize i = 0; commands[i]; i++)
        if (!commands[i]->hidden)
            put_row(&table, commands[i]->name, commands[i]->summary);
}

static void print_command_help(const jd_terminal *terminal, const jd_command *command)
{
    fprintf(terminal->file, "Usage: jackdaw %s [OPTIONS]%s%s\n\n", command->name,
            command->arguments ? " " : "", command->arguments ? command->arguments : "");
    put_text(terminal, command->about);
    if (command->parts)
        put_commands(terminal, command->parts);
    if (command->options[0]) {
        put_heading(terminal, "Options");
        help_table table = {.terminal = terminal};
        jd_command_each_option(command, widen, &table);
        jd_command_each_option(command, put_option, &table);
    }
    if (command->examples)
        put_examples(terminal, command->examples);
    put_global_options(terminal);
}

static void print_program_help(const jd_terminal *terminal)
{
    g_autofree char *first = g_strdup_printf("Jackdaw %s.\n", jd_program_summary);
    put_text(terminal, first);
    fputs("Usage: jackdaw [OPTIONS] COMMAND [ARGUMENTS]\n", terminal->file);
    put_commands(terminal, jd_commands);
    put_global_options(terminal);
    put_heading(terminal, "Exit status");
    help_table table = {.terminal = terminal, .width = 3};
    for (const jd_exit_meaning *exit = jd_exit_meanings; exit->meaning; exit++) {
        g_autofree char *status = g_strdup_printf("%d", exit->status);
        put_row(&table, status, exit->meaning);
    }
    fputc('\n', terminal->file);
    put_text(terminal, "'jackdaw help COMMAND' says more. Every option can also be set in "
                       "$XDG_CONFIG_HOME/jackdaw/config.ini: the global ones under [jackdaw], a "
                       "command's under its name.");
}

void jd_print_help(const jd_terminal *terminal, const jd_command *command)
{
    if (command)
        print_command_help(terminal, command);
    else
        print_program_help(terminal);
}

void jd_print_version(const jd_cli *cli)
{
    if (cli->json) {
        json_auto_t *object = json_pack("{s:s}", "version", jd_version());
        jd_print_json(&cli->out, object);
        return;
    }
    fprintf(cli->out.file, "jackdaw %s\n", jd_version());
}
