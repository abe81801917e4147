/* How installed models are shown. */
#ifndef JD_CLI_MODEL_VIEW_H
#define JD_CLI_MODEL_VIEW_H

#include "cli/terminal.h"

#include <jackdaw.h>

/** Some lines about one. */
void jd_print_model(const jd_terminal *terminal, const jd_installed_model *model);

/** All of them (jd_installed_model *) as a JSON array. */
void jd_print_models_json(const jd_terminal *terminal, const GPtrArray *models);

#endif
