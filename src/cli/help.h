/* Help, made from the table of commands. */
#ifndef JD_CLI_HELP_H
#define JD_CLI_HELP_H

#include "cli/command.h"

/** Help on a command, or on the program where `command` is NULL. */
void jd_print_help(const jd_terminal *terminal, const jd_command *command);

/** "jackdaw 0.1.0", or {"version":"0.1.0"}. */
void jd_print_version(const jd_cli *cli);

/** An option as it is typed: "-k N, --k N". */
char *jd_option_usage(const jd_option *option);

/** What the exit statuses mean, for help and the man page. */
typedef struct jd_exit_meaning {
    jd_exit status;
    const char *meaning;
} jd_exit_meaning;

/** Ends with a NULL meaning. */
extern const jd_exit_meaning jd_exit_meanings[];

extern const char jd_program_summary[];

#endif
