/* The folder of models: pulling, listing and removing. */
#include "models.h"

#include "base/error.h"
#include "base/remedy.h"
#include "embed/models.h"
#include "hub/pull.h"
#include "hub/tree.h"
#include "model_check.h"

#include <string.h>

void jd_installed_model_free(jd_installed_model *model)
{
    if (!model)
        return;
    g_free(model->name);
    g_free(model->folder);
    g_free(model->use);
    g_free(model->family);
    g_free(model->licence);
    g_free(model->source);
    g_free(model->revision);
    g_free(model->sha256);
    g_free(model->verified);
    g_free(model->problem);
    g_free(model);
}

static void installed_free(gpointer model)
{
    jd_installed_model_free(model);
}

jd_watch jd_models_watch(const jd_models_options *options)
{
    return (jd_watch){.reporter = {.fn = options->progress, .user = options->user},
                      .on_note = options->on_note,
                      .user = options->user,
                      .cancel = options->cancel};
}

/* ---- what is there ---- */

static void take_record(jd_installed_model *model, jd_record *record)
{
    const jd_model_file *weights = jd_record_main_file(record);
    model->family = g_steal_pointer(&record->family);
    model->licence = g_steal_pointer(&record->licence);
    model->source = g_steal_pointer(&record->source);
    model->revision = g_steal_pointer(&record->revision);
    model->sha256 = g_strdup(weights->sha256);
    model->verified = g_strdup(jd_verified_name(weights->verified));
    model->dimension = record->dimension;
    model->installed = record->installed;
    model->problem = jd_record_compare(record, model->folder);
}

jd_installed_model *jd_models_describe(const char *name)
{
    g_autofree char *root = jd_models_folder();
    g_autofree char *folder = g_build_filename(root, name, NULL);
    g_autofree char *config = g_build_filename(folder, "config.json", NULL);
    if (!g_file_test(config, G_FILE_TEST_IS_REGULAR))
        return NULL;
    jd_installed_model *model = g_new0(jd_installed_model, 1);
    model->name = g_strdup(name);
    model->folder = g_steal_pointer(&folder);
    model->use = g_strdup(jd_model_use(model->folder));
    model->bytes = jd_tree_bytes(model->folder);
    g_autoptr(GError) cause = NULL;
    g_autoptr(jd_record) record = jd_record_read(model->folder, &cause);
    if (record)
        take_record(model, record);
    else
        model->problem = g_strdup(cause->message);
    return model;
}

GPtrArray *jd_models_list(void)
{
    GPtrArray *models = g_ptr_array_new_with_free_func(installed_free);
    g_auto(GStrv) names = jd_models_names();
    for (gsize i = 0; names[i]; i++) {
        jd_installed_model *model = jd_models_describe(names[i]);
        if (model)
            g_ptr_array_add(models, model);
    }
    return models;
}

/* ---- installing ---- */

gboolean jd_models_check_free(const char *name, const jd_models_options *options, GError **error)
{
    g_autoptr(jd_installed_model) there = options->replace ? NULL : jd_models_describe(name);
    if (!there)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, "--replace takes its place, --name gives another name",
                 "a model of the name %s is installed", name);
    return FALSE;
}

gboolean jd_models_install(const jd_shelf_place *place, const char *folder, jd_record *record,
                           jd_watch *watch, GError **error)
{
    if (!jd_model_check(folder, record, error)) {
        jd_prefix_error(error, "%s is not installed: ", place->name);
        return FALSE;
    }
    return !jd_cancelled(watch->cancel, error) && jd_record_write(record, folder, error) &&
           jd_shelf_install(place, folder, error);
}

/* ---- pulling ---- */

static gboolean check_online(const char *name, const jd_models_options *options, GError **error)
{
    const gboolean by_environment = jd_hub_is_offline();
    if (!options->offline && !by_environment)
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE, JD_REMEDY_MODEL_AS_FILES,
                 "%s is not installed, and %s forbids fetching it", name,
                 options->offline ? "--offline" : "HF_HUB_OFFLINE");
    return FALSE;
}

static char *repository_of(const char *name, const jd_known_model *known, GError **error)
{
    if (known)
        return g_strdup(known->repository);
    if (!jd_model_name_check(name, error))
        return NULL;
    if (strchr(name, '/'))
        return g_strdup(name);
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_MODELS_KNOWN, "no model is known as \"%s\"",
                 name);
    return NULL;
}

static gboolean fetch(const jd_hub_pull *pull, GError **error)
{
    g_autoptr(jd_record) record = jd_hub_pull_model(pull, error);
    if (!record)
        return FALSE;
    jd_watch_note(pull->watch, "%s: all files are there and verified; loading it once",
                  pull->repository);
    g_autoptr(GError) cause = NULL;
    if (jd_models_install(pull->place, pull->place->model, record, pull->watch, &cause))
        return TRUE;
    /* The files are what they should be: fetching them again would change nothing. */
    if (g_error_matches(cause, JD_ERROR, JD_ERROR_INVALID) ||
        g_error_matches(cause, JD_ERROR, JD_ERROR_UNSUPPORTED))
        jd_shelf_clear(pull->place);
    g_propagate_error(error, g_steal_pointer(&cause));
    return FALSE;
}

static gboolean pull_model(const char *repository, const jd_known_model *known,
                           const jd_models_options *options, GError **error)
{
    jd_watch watch = jd_models_watch(options);
    g_autofree char *root = jd_models_folder();
    g_autoptr(jd_shelf_place) place = jd_shelf_take(root, repository, &watch, error);
    if (!place)
        return FALSE;
    if (place->waited && !options->replace && jd_shelf_has(place)) {
        jd_watch_note(&watch, "%s: the other process has installed it", repository);
        return TRUE;
    }
    g_auto(jd_hub_sources) sources = {0};
    jd_hub_sources_init(&sources, options->sources);
    g_autoptr(jd_record) before = jd_record_read(place->folder, NULL);
    const jd_hub_pull pull = {.repository = repository,
                              .revision = options->revision,
                              .sources = &sources,
                              .known = known,
                              .before = before,
                              .look = jd_model_look,
                              .unverified = options->unverified,
                              .place = place,
                              .watch = &watch};
    return fetch(&pull, error);
}

gboolean jd_models_pull(const char *name, const jd_models_options *options,
                        jd_installed_model **installed, GError **error)
{
    static const jd_models_options defaults = {0};
    options = options ? options : &defaults;
    const jd_known_model *known = jd_known_model_find(name);
    g_autofree char *repository = repository_of(name, known, error);
    if (!repository)
        return FALSE;
    jd_watch watch = jd_models_watch(options);
    g_autoptr(jd_installed_model) there = options->replace ? NULL : jd_models_describe(repository);
    if (there) {
        jd_watch_note(&watch, "%s is installed already; --replace fetches it anew", repository);
    } else if (!check_online(repository, options, error) ||
               !pull_model(repository, known, options, error)) {
        g_autofree char *root = jd_models_folder();
        jd_shelf_name_places(root, error);
        return FALSE;
    }
    if (installed)
        *installed = jd_models_describe(repository);
    return TRUE;
}

/* ---- removing ---- */

/* The whole name of what is to go: installed, or on its way. */
static char *find_name(const char *root, const char *name, GError **error)
{
    const jd_known_model *known = jd_known_model_find(name);
    g_autoptr(GError) cause = NULL;
    char *found = jd_models_find_name(name, &cause);
    if (found)
        return found;
    if (!g_error_matches(cause, JD_ERROR, JD_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&cause));
        return NULL;
    }
    const char *whole = known ? known->repository : name;
    found = jd_models_find_name(whole, NULL);
    if (found)
        return found;
    if (jd_model_name_check(whole, NULL) && jd_shelf_incoming_bytes(root, whole) > 0)
        return g_strdup(whole);
    jd_set_error(error, JD_ERROR_NOT_FOUND, JD_REMEDY_MODELS_INSTALLED,
                 "no model of the name '%s' is installed in %s", name, root);
    return NULL;
}

gboolean jd_models_remove(const char *name, const jd_models_options *options, GError **error)
{
    static const jd_models_options defaults = {0};
    jd_watch watch = jd_models_watch(options ? options : &defaults);
    g_autofree char *root = jd_models_folder();
    g_autofree char *whole = find_name(root, name, error);
    g_autoptr(jd_shelf_place) place = whole ? jd_shelf_take(root, whole, &watch, error) : NULL;
    gboolean done = place && jd_shelf_remove(place, error);
    jd_shelf_name_places(root, error);
    return done;
}
