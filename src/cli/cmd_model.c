/* jackdaw model pull, add, rm: models come and go. */
#include "base/error.h"
#include "cli/cmd.h"
#include "cli/model_view.h"
#include "cli/progress_bar.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "hub/catalog.h"

#include <string.h>

static const jd_command *const parts[] = {
    &jd_command_model_pull, &jd_command_model_add,   &jd_command_model_list,
    &jd_command_model_rm,   &jd_command_model_bench, NULL,
};

const jd_command jd_command_model = {
    .name = "model",
    .summary = "models: pull, add, list, rm, bench",
    .arguments = "pull|add|list|rm|bench",
    .min_words = 1,
    .about =
        "Models (encoders of texts and pictures, and cross-encoders) lie in one folder for all "
        "knowledge bases: JACKDAW_MODELS, else $XDG_DATA_HOME/jackdaw/models. Whatever is "
        "installed there is used.",
    .parts = parts,
};

/* ---- what the commands share ---- */

/* The options' `user`. */
typedef struct model_run {
    const jd_cli *cli;
    jd_progress_bar bar;
} model_run;

static void on_progress(const jd_progress *progress, void *user)
{
    jd_progress_bar_update(progress, &((model_run *)user)->bar);
}

static void on_note(const char *note, void *user)
{
    model_run *run = user;
    jd_progress_bar_clear(&run->bar);
    jd_report_note(run->cli, note);
}

static jd_models_options options_of(model_run *run, const jd_cli *cli)
{
    run->cli = cli;
    jd_progress_bar_init(&run->bar, cli);
    return (jd_models_options){.name = jd_values_text(cli->values, "name"),
                               .revision = jd_values_text(cli->values, "revision"),
                               .replace = jd_values_flag(cli->values, "replace"),
                               .unverified = jd_values_flag(cli->values, "unverified"),
                               .offline = jd_values_flag(cli->values, "offline"),
                               .reader = jd_values_text(cli->values, "reader"),
                               .progress = on_progress,
                               .on_note = on_note,
                               .user = run,
                               .cancel = jd_signals_catch()};
}

/* Shows what is new, and what to do about what was there before. */
static void print_models(const jd_cli *cli, const GPtrArray *models)
{
    gboolean encoder = FALSE;
    if (cli->json)
        jd_print_models_json(&cli->out, models);
    for (guint i = 0; i < models->len; i++) {
        const jd_installed_model *model = models->pdata[i];
        encoder |= g_strcmp0(model->use, "text") == 0 || g_strcmp0(model->use, "pictures") == 0;
        if (!cli->json)
            jd_print_model(&cli->out, model);
    }
    if (encoder)
        jd_report_note(cli, "`jackdaw embed` makes the vectors of what is in a knowledge base");
}

static void model_free(gpointer model)
{
    jd_installed_model_free(model);
}

/* ---- pull ---- */

static jd_exit run_pull(jd_cli *cli, GError **error)
{
    model_run run;
    jd_models_options options = options_of(&run, cli);
    const char *source = jd_values_text(cli->values, "source");
    g_auto(GStrv) sources = source ? g_strsplit_set(source, ", ", -1) : NULL;
    g_autoptr(GPtrArray) models = g_ptr_array_new_with_free_func(model_free);
    options.sources = (const char *const *)sources;
    gboolean done = TRUE;
    for (char *const *name = cli->words; done && *name; name++) {
        jd_installed_model *model = NULL;
        done = jd_models_pull(*name, &options, &model, error);
        if (model)
            g_ptr_array_add(models, model);
    }
    jd_progress_bar_clear(&run.bar);
    if (done || models->len > 0)
        print_models(cli, models);
    return done ? JD_EXIT_DONE : JD_EXIT_FAILED;
}

static char **known_names(void)
{
    GPtrArray *names = g_ptr_array_new();
    for (const jd_known_model *model = jd_known_models; model->repository; model++)
        g_ptr_array_add(names, g_strdup(strchr(model->repository, '/') + 1));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

#define REPLACE_OPTION                                                                             \
    {                                                                                              \
        "replace", 0, JD_OPTION_FLAG, NULL, "take the place of a model of that name"               \
    }

static const jd_option pull_options[] = {
    {"revision", 0, JD_OPTION_TEXT, "REVISION", "a branch, tag or commit of it (default: main)"},
    {"source", 0, JD_OPTION_TEXT, "URL[,URL...]",
     "the hubs to fetch from, tried in turn (default: HF_ENDPOINT, else https://huggingface.co)"},
    {"unverified", 0, JD_OPTION_FLAG, NULL,
     "also take files that the source gives no hash of, as a plain file server does"},
    REPLACE_OPTION,
    JD_OPTION_END,
};

static const jd_example pull_examples[] = {
    {"jackdaw model pull snowflake-arctic-embed-s", "a model that is known by name"},
    {"jackdaw model pull sentence-transformers/all-mpnet-base-v2", "any other of Hugging Face"},
    {"HF_ENDPOINT=https://hub.example.org jackdaw model pull bge-small-en-v1.5", "from a mirror"},
    {NULL},
};

const jd_command jd_command_model_pull = {
    .name = "model pull",
    .summary = "fetch models from Hugging Face or a mirror",
    .arguments = "NAME...",
    .min_words = 1,
    .max_words = -1,
    .about =
        "Fetches models by the names that `jackdaw model list --known` shows, or any by "
        "OWNER/NAME as on Hugging Face. Of a repository only what Jackdaw reads is fetched: "
        "configuration, tokenizer and weights, these as safetensors where there are some.\n\n"
        "Every file is checked against its hash: the SHA-256 that Jackdaw knows, where it knows "
        "one, else the one that the hub gives, which is pinned then. The model is loaded and run "
        "once before it is visible. What has come is kept when fetching is stopped, and the next "
        "pull goes on from there. HF_TOKEN opens private and gated models; it is sent to the hub "
        "alone. HF_HUB_OFFLINE and --offline forbid it all.",
    .options = {pull_options},
    .examples = pull_examples,
    .complete = known_names,
    .run = run_pull,
};

/* ---- add ---- */

static jd_exit run_add(jd_cli *cli, GError **error)
{
    model_run run;
    const jd_models_options options = options_of(&run, cli);
    g_autoptr(GPtrArray) models = g_ptr_array_new_with_free_func(model_free);
    jd_installed_model *model = NULL;
    gboolean done = jd_models_add(cli->words[0], &options, &model, error);
    jd_progress_bar_clear(&run.bar);
    if (!done)
        return JD_EXIT_FAILED;
    if (model)
        g_ptr_array_add(models, model);
    print_models(cli, models);
    return JD_EXIT_DONE;
}

static const jd_option add_options[] = {
    {"name", 0, JD_OPTION_TEXT, "NAME",
     "what to call it, as OWNER/NAME or NAME (default: what it is known as, else its file's name)"},
    REPLACE_OPTION,
    JD_OPTION_END,
};

static const jd_example add_examples[] = {
    {"jackdaw model add ~/models/my-encoder", "a folder, which stays where it is"},
    {"jackdaw model add my_encoder-1.0-py3-none-any.whl --name me/my-encoder",
     "from a Python wheel"},
    {NULL},
};

const jd_command jd_command_model_add = {
    .name = "model add",
    .summary = "copy a model from a folder, a zip archive or a wheel",
    .arguments = "PATH",
    .min_words = 1,
    .max_words = 1,
    .about =
        "Copies a model into the folder of models: from a folder as Hugging Face has it, wherever "
        "in what is named it begins, from a cache of Hugging Face's library, or from a zip archive "
        "or a Python wheel. Archives are unpacked in the sandboxed reader process. The model is "
        "loaded and run once before it is visible; under a name that Jackdaw knows the hashes that "
        "it knows must fit.",
    .options = {add_options},
    .examples = add_examples,
    .run = run_add,
};

/* ---- rm ---- */

static jd_exit run_rm(jd_cli *cli, GError **error)
{
    model_run run;
    const jd_models_options options = options_of(&run, cli);
    json_auto_t *removed = json_array();
    for (char *const *name = cli->words; *name; name++) {
        if (!jd_models_remove(*name, &options, error))
            return JD_EXIT_FAILED;
        json_array_append_new(removed, json_string(*name));
        if (!cli->json)
            fprintf(cli->out.file, "removed %s\n", *name);
    }
    if (cli->json) {
        json_auto_t *json = json_pack("{s:O}", "removed", removed);
        jd_print_json(&cli->out, json);
    }
    return JD_EXIT_DONE;
}

static const jd_example rm_examples[] = {
    {"jackdaw model rm all-MiniLM-L6-v2", "the owner may be left away"},
    {NULL},
};

const jd_command jd_command_model_rm = {
    .name = "model rm",
    .summary = "remove installed models",
    .arguments = "NAME...",
    .min_words = 1,
    .max_words = -1,
    .about =
        "Removes installed models, and what a pull that was stopped has left of them. Vectors "
        "that were made with a model stay in the knowledge bases, where `jackdaw embed --list` "
        "shows them and `jackdaw embed --drop` erases them.",
    .examples = rm_examples,
    .offer = "models",
    .run = run_rm,
};
