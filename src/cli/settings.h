/*
 * The settings file, $XDG_CONFIG_HOME/jackdaw/config.ini, and the environment.
 *
 *     [jackdaw]
 *     kb = /home/me/papers.db
 *
 *     [search]
 *     k = 20
 *
 * [jackdaw] holds the global options, a section named like a command that command's own. What [ask]
 * does not set holds from [search], and what [chat] does not set from [ask] (settings_like in
 * command.h).
 */
#ifndef JD_CLI_SETTINGS_H
#define JD_CLI_SETTINGS_H

#include "cli/command.h"

/** The settings file's path, whether it is there or not. */
char *jd_settings_path(void);

/**
 * Fills in what the command line left open: from the environment, then from the settings file,
 * which need not exist. The whole file is checked: an unknown section, an unknown key and a bad
 * value are JD_ERROR_USAGE, naming file, section and key.
 */
gboolean jd_settings_apply(const jd_command *command, jd_values *values, GError **error);

#endif
