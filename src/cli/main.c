/* The command `jackdaw`: from its arguments to one command of the table, and to an exit status. */
#include "base/error.h"
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/report.h"
#include "cli/settings.h"
#include "cli/signals.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Errors of the command line itself must know before it is parsed how they are to be printed. */
static gboolean wants_json(char *const *argv)
{
    for (; *argv && !g_str_equal(*argv, "--"); argv++)
        if (g_str_equal(*argv, "--json"))
            return TRUE;
    return FALSE;
}

static jd_exit run_command(jd_command_line *line, jd_cli *cli, GError **error)
{
    if (line->version) {
        jd_print_version(cli);
        return JD_EXIT_DONE;
    }
    if (line->help) {
        jd_print_help(&cli->out, line->command);
        return JD_EXIT_DONE;
    }
    if (!line->command) {
        jd_print_help(&cli->err, NULL);
        return JD_EXIT_USAGE;
    }
    if (!line->command->without_settings && !jd_settings_apply(line->command, line->values, error))
        return JD_EXIT_USAGE;
    cli->command = line->command;
    cli->values = line->values;
    cli->words = (char *const *)line->words->pdata;
    cli->json = jd_values_flag(line->values, "json");
    cli->quiet = jd_values_flag(line->values, "quiet");
    return line->command->run(cli, error);
}

/* Everything must have reached its reader before success is claimed. A reader that went away early
 * (`jackdaw ls | head`) wanted no more. */
static jd_exit finish_output(jd_exit status, GError **error)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    int number = errno ? errno : EIO; /* the reason of an earlier failure is lost */
    struct pollfd pipe = {.fd = STDOUT_FILENO};
    if (number == EPIPE || (poll(&pipe, 1, 0) == 1 && pipe.revents & POLLERR))
        return status;
    jd_set_error_errno(error, number, "cannot write to standard output");
    return JD_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    jd_signals_init();
    jd_cli cli = {.json = wants_json(argv)};
    jd_terminal_init(&cli.out, stdout);
    jd_terminal_init(&cli.err, stderr);
    g_autoptr(GError) error = NULL;
    jd_command_line line;
    jd_exit status = jd_command_line_parse(&line, argv, &error) ? run_command(&line, &cli, &error)
                                                                : JD_EXIT_USAGE;
    if (!error)
        status = finish_output(status, &error);
    if (error) {
        fflush(stdout);
        jd_report_error(&cli.err, cli.json, error);
        status = jd_report_status(error);
    }
    jd_command_line_clear(&line);
    return status;
}
