#include "cli/model_view.h"

#include "cli/report.h"
#include "report_json.h"

static const struct {
    const char *name, *meaning;
} verifications[] = {
    {"known", "which Jackdaw knows"},
    {"hub", "which the hub gave; pinned at the first installation"},
    {"size", "computed when it came: its source gave no hash"},
    {"local", "computed when it was added"},
};

static const char *meaning_of(const char *verified)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verifications); i++)
        if (g_strcmp0(verified, verifications[i].name) == 0)
            return verifications[i].meaning;
    return "computed when it was installed";
}

static void put_line(const jd_terminal *terminal, jd_style style, const char *text)
{
    fputs("    ", terminal->file);
    jd_terminal_put(terminal, style, text);
    fputc('\n', terminal->file);
}

static char *describe(const jd_installed_model *model)
{
    GString *text = g_string_new(model->use ? model->use : "not run by Jackdaw");
    g_autofree char *size = g_format_size(model->bytes);
    if (model->dimension > 0)
        g_string_append_printf(text, ", %d numbers", model->dimension);
    g_string_append_printf(text, ", %s", size);
    if (model->licence)
        g_string_append_printf(text, ", licence %s", model->licence);
    return g_string_free(text, FALSE);
}

void jd_print_model(const jd_terminal *terminal, const jd_installed_model *model)
{
    g_autofree char *what = describe(model);
    jd_terminal_put(terminal, JD_STYLE_STRONG, model->name);
    fputc('\n', terminal->file);
    put_line(terminal, JD_STYLE_PLAIN, what);
    if (model->source) {
        g_autofree char *source = g_strconcat(
            "from ", model->source, model->revision ? ", revision " : NULL, model->revision, NULL);
        put_line(terminal, JD_STYLE_DIM, source);
    }
    if (model->sha256) {
        g_autofree char *hash =
            g_strdup_printf("SHA-256 %s, %s%s", model->sha256, meaning_of(model->verified),
                            model->problem ? "" : "; ok: nothing was changed since");
        put_line(terminal, JD_STYLE_DIM, hash);
    }
    if (model->problem)
        put_line(terminal, JD_STYLE_WARNING, model->problem);
}

void jd_print_models_json(const jd_terminal *terminal, const GPtrArray *models)
{
    json_auto_t *list = json_array();
    for (guint i = 0; i < models->len; i++)
        json_array_append_new(list, jd_installed_model_to_json(models->pdata[i]));
    jd_print_json(terminal, list);
}
