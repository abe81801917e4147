/* The options of commands that run a model, and the loading of it. */
#ifndef JD_CLI_MODEL_OPTION_H
#define JD_CLI_MODEL_OPTION_H

#include "cli/command.h"
#include "embed/model.h"

#define JD_MODEL_OPTION(help_)                                                                     \
    {                                                                                              \
        "model", 0, JD_OPTION_TEXT, "NAME|FOLDER", help_                                           \
    }

#define JD_DTYPE_OPTION                                                                            \
    {                                                                                              \
        "dtype", 0, JD_OPTION_CHOICE, "auto|f32|bf16|int16|int8",                                  \
            "numbers that products are made with (auto: the fastest that is accurate enough here)" \
    }

/** The command's --dtype. */
jd_model_dtype jd_cli_dtype(const jd_cli *cli);

/** Finds and loads a model with the command's --dtype and --threads. */
jd_model *jd_cli_load_model(const jd_cli *cli, const char *name_or_folder, GError **error);

#endif
