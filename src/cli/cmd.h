/* The commands' table entries, each in a file of its own. */
#ifndef JD_CLI_CMD_H
#define JD_CLI_CMD_H

#include "cli/command.h"

extern const jd_command jd_command_doctor;
extern const jd_command jd_command_generate;
extern const jd_command jd_command_help;
extern const jd_command jd_command_version;

#endif
