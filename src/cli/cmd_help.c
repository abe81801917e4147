/* jackdaw help, jackdaw version. */
#include "cli/cmd.h"
#include "cli/help.h"

static jd_exit run_help(jd_cli *cli, GError **error)
{
    const jd_command *parent = NULL, *command = NULL;
    for (char *const *word = cli->words; *word; word++) {
        parent = command;
        command = parent ? jd_command_part(parent, *word) : jd_command_find(*word);
        if (!command) {
            jd_command_set_unknown(parent && parent->parts ? parent : NULL, *word, error);
            return JD_EXIT_USAGE;
        }
    }
    jd_print_help(&cli->out, command);
    return JD_EXIT_DONE;
}

const jd_command jd_command_help = {
    .name = "help",
    .summary = "help on a command",
    .arguments = "[COMMAND]",
    .max_words = 2,
    .about = "Prints help on a command, or on the program. The manual page jackdaw(1) has it all.",
    .without_settings = TRUE,
    .run = run_help,
};

static jd_exit run_version(jd_cli *cli, GError **error)
{
    jd_print_version(cli);
    return JD_EXIT_DONE;
}

const jd_command jd_command_version = {
    .name = "version",
    .summary = "the version",
    .about = "Prints the version.",
    .without_settings = TRUE,
    .run = run_version,
};
