#include "cli/model_option.h"

#include "embed/models.h"

#include <string.h>

jd_model_dtype jd_cli_dtype(const jd_cli *cli)
{
    const char *name = jd_values_text(cli->values, "dtype");
    static const char *const names[] = {
        [JD_MODEL_F32] = "f32", [JD_MODEL_BF16] = "bf16", [JD_MODEL_INT8] = "int8"};
    for (gsize i = JD_MODEL_F32; name && i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0)
            return (jd_model_dtype)i;
    return JD_MODEL_AUTO;
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
