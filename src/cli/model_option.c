#include "cli/model_option.h"

#include "embed/models.h"

jd_model_dtype jd_cli_dtype(const jd_cli *cli)
{
    return jd_model_dtype_parse(jd_values_text(cli->values, "dtype"));
}

jd_model *jd_cli_load_model(const jd_cli *cli, const char *name_or_folder, GError **error)
{
    g_autofree char *folder = jd_models_find(name_or_folder, error);
    if (!folder)
        return NULL;
    g_autofree char *cache = jd_models_cache();
    const jd_model_options options = {.dtype = jd_cli_dtype(cli),
                                      .threads = jd_values_integer(cli->values, "threads", 0),
                                      .cache = cache};
    return jd_model_load(folder, &options, error);
}
