/* jackdaw model list. */
#include "cli/cmd.h"
#include "cli/model_view.h"
#include "cli/report.h"
#include "embed/models.h"
#include "hub/catalog.h"
#include "hub/shelf.h"
#include "retrieve/json.h"

#include <string.h>

/* ---- what is known ---- */

static gboolean is_installed(char *const *names, const char *repository)
{
    for (; *names; names++)
        if (g_ascii_strcasecmp(*names, repository) == 0 ||
            g_ascii_strcasecmp(*names, strchr(repository, '/') + 1) == 0)
            return TRUE;
    return FALSE;
}

static json_t *known_json(const jd_known_model *model, gboolean installed)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", model->repository, "use", model->use,
                     "about", model->about, "licence", model->licence, "parameters",
                     model->parameters, "installed", installed);
}

static void print_known(const jd_terminal *out, const jd_known_model *model, gboolean installed)
{
    fprintf(out->file, "  %-5s  %-52s", model->parameters, model->repository);
    jd_terminal_put(out, JD_STYLE_DIM, model->about);
    fprintf(out->file, ", %s", model->licence);
    if (installed)
        jd_terminal_put(out, JD_STYLE_GOOD, ", installed");
    fputc('\n', out->file);
}

static jd_exit list_known(const jd_cli *cli)
{
    g_auto(GStrv) names = jd_models_names();
    json_auto_t *json = json_array();
    const char *use = NULL;
    for (const jd_known_model *model = jd_known_models; model->repository; model++) {
        gboolean installed = is_installed(names, model->repository);
        json_array_append_new(json, known_json(model, installed));
        if (cli->json)
            continue;
        if (g_strcmp0(use, model->use) != 0) {
            jd_terminal_put(&cli->out, JD_STYLE_STRONG, model->use);
            fputc('\n', cli->out.file);
        }
        use = model->use;
        print_known(&cli->out, model, installed);
    }
    if (cli->json)
        jd_print_json(&cli->out, json);
    return JD_EXIT_DONE;
}

/* ---- what is installed ---- */

static void tell_of_incoming(const jd_cli *cli)
{
    g_autofree char *root = jd_models_folder();
    g_autoptr(GPtrArray) names = jd_shelf_incoming(root);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        g_autofree char *size = g_format_size(jd_shelf_incoming_bytes(root, name));
        g_autofree char *note = g_strdup_printf(
            "%s of %s are there: `jackdaw model pull` goes on, `jackdaw model rm` removes them",
            size, name);
        jd_report_note(cli, note);
    }
}

static jd_exit run(jd_cli *cli, GError **error)
{
    if (jd_values_flag(cli->values, "known"))
        return list_known(cli);
    g_autoptr(GPtrArray) models = jd_models_list();
    if (cli->json)
        jd_print_models_json(&cli->out, models);
    for (guint i = 0; !cli->json && i < models->len; i++)
        jd_print_model(&cli->out, models->pdata[i]);
    if (models->len == 0)
        jd_report_note(cli, "no model is installed: `jackdaw model list --known` shows which there "
                            "are, `jackdaw model pull NAME` fetches one");
    tell_of_incoming(cli);
    return JD_EXIT_DONE;
}

static const jd_option options[] = {
    {"known", 0, JD_OPTION_FLAG, NULL,
     "list the models that can be pulled by name, the better ones of a kind first"},
    JD_OPTION_END,
};

const jd_command jd_command_model_list = {
    .name = "model list",
    .summary = "the installed models, or those that are known",
    .max_words = 0,
    .about =
        "Lists the installed models: what each is for, the dimension of its vectors, its size, its "
        "licence, where it came from, and the SHA-256 of its weights with what that was checked "
        "against. A model that was put there by hand is used, too, but where it came from is not "
        "known.",
    .options = {options},
    .run = run,
};
