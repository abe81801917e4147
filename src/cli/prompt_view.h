/* The request to a model as people read it. */
#ifndef JD_CLI_PROMPT_VIEW_H
#define JD_CLI_PROMPT_VIEW_H

#include "cli/command.h"

/** Prints what jd_kb_show_prompt() gave: with --json as it is, else where it would go and its
 * messages, with pictures as their sizes. */
void jd_print_prompt(const jd_cli *cli, const char *request);

#endif
