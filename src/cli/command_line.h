/* The command line: which command, which options, which words. */
#ifndef JD_CLI_COMMAND_LINE_H
#define JD_CLI_COMMAND_LINE_H

#include "cli/command.h"

typedef struct jd_command_line {
    const jd_command *command; /* NULL where none was named */
    jd_values *values;         /* of the options that were given */
    GPtrArray *words;          /* char *, NULL-terminated; they belong to argv */
    gboolean help, version;    /* asked for; what stands behind them was not looked at */
} jd_command_line;

/**
 * Parses the program's arguments (argv[0] is left out of account). Global options may stand before
 * or behind the command: `--name VALUE`, `--name=VALUE`, `-k VALUE`, `-kVALUE`, letters of flags
 * together (`-qh`), `--no-name` for a flag; `--` ends them and `-` is a word. JD_ERROR_USAGE names
 * what was wrong and the nearest match; `line` is then still to be cleared.
 */
gboolean jd_command_line_parse(jd_command_line *line, char *const *argv, GError **error);
void jd_command_line_clear(jd_command_line *line);

#endif
