/* The man page and the shells' completions, made from the table of commands. */
#ifndef JD_CLI_GENERATE_H
#define JD_CLI_GENERATE_H

#include <stdio.h>

void jd_generate_man(FILE *out);
void jd_generate_bash(FILE *out);
void jd_generate_zsh(FILE *out);
void jd_generate_fish(FILE *out);

#endif
