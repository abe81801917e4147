/* A model from a folder, a zip archive or a wheel into the folder of models. */
#include "base/error.h"
#include "embed/models.h"
#include "hub/card.h"
#include "hub/digest.h"
#include "hub/tree.h"
#include "model_check.h"
#include "models.h"
#include "models_source.h"

#include <errno.h>
#include <glib/gstdio.h>

typedef struct adding {
    const jd_models_options *options;
    const char *root; /* the folder of models */
    jd_models_source *source;
    jd_record *record;
    jd_watch watch;
} adding;

/* Copies a file and takes what was copied, not what was there, into the record. */
static gboolean copy_file(adding *a, const jd_model_file *file, const char *folder, GError **error)
{
    g_autofree char *to = g_build_filename(folder, file->path, NULL);
    g_autofree char *owner = g_path_get_dirname(to);
    g_auto(jd_digest) digest = {0};
    jd_watch_set_what(&a->watch, file->path);
    if (g_mkdir_with_parents(owner, 0755) != 0) {
        jd_set_error_errno(error, errno, "cannot make the folder %s", owner);
        return FALSE;
    }
    if (!jd_models_source_copy(a->source, file, to, &a->watch, error) ||
        !jd_digest_file(to, FALSE, a->watch.cancel, &digest, error))
        return FALSE;
    jd_model_file *copied = jd_model_file_new(file->path, digest.size);
    copied->sha256 = g_steal_pointer(&digest.sha256);
    copied->verified = JD_VERIFIED_LOCAL;
    g_ptr_array_add(a->record->files, copied);
    return TRUE;
}

static gboolean copy_all(adding *a, const char *folder, GError **error)
{
    const GPtrArray *files = jd_models_source_files(a->source);
    jd_watch_begin(&a->watch, "add", jd_model_files_bytes(files));
    for (guint i = 0; i < files->len; i++)
        if (!copy_file(a, files->pdata[i], folder, error))
            return FALSE;
    return TRUE;
}

/* What it is called: as the user says, else by the weights where they are known, else by its place.
 */
static char *choose_name(const adding *a, GError **error)
{
    if (a->options->name)
        return g_strdup(a->options->name);
    for (guint i = 0; i < a->record->files->len; i++) {
        const jd_model_file *file = a->record->files->pdata[i];
        const jd_known_model *known = jd_known_model_by_hash(file->sha256);
        if (known)
            return g_strdup(known->repository);
    }
    char *name = jd_models_source_name(a->source);
    if (!name)
        jd_set_error(error, JD_ERROR_USAGE, "give one with --name", "the model has no name");
    return name;
}

/* Under a name that Jackdaw knows stand the files that it knows. */
static gboolean verify(const adding *a, const char *name, GError **error)
{
    const jd_known_model *known = jd_known_model_find(name);
    for (guint i = 0; i < a->record->files->len; i++) {
        jd_model_file *file = a->record->files->pdata[i];
        const jd_known_file *wanted = jd_known_model_file(known, file->path);
        if (!wanted)
            continue;
        if (g_str_equal(file->sha256, wanted->sha256)) {
            file->verified = JD_VERIFIED_KNOWN;
            continue;
        }
        jd_set_error(error, JD_ERROR_INVALID,
                     "where you trust it, give it another name with --name",
                     "this is not the %s that Jackdaw knows: its %s has the SHA-256 %s, and %s was "
                     "expected",
                     name, file->path, file->sha256, wanted->sha256);
        return FALSE;
    }
    return TRUE;
}

static gboolean install(adding *a, const char *folder, const char *name, GError **error)
{
    const jd_known_model *known = jd_known_model_find(name);
    a->record->licence = jd_model_card_licence(folder);
    if (!a->record->licence && known)
        a->record->licence = g_strdup(known->licence);
    a->record->installed = g_get_real_time() / G_USEC_PER_SEC;
    g_autoptr(jd_shelf_place) place = jd_shelf_take(a->root, name, &a->watch, error);
    return place && jd_models_check_free(name, a->options, error) &&
           jd_models_install(place, folder, a->record, &a->watch, error);
}

static char *add(adding *a, GError **error)
{
    g_autoptr(jd_shelf_scratch) scratch = jd_shelf_scratch_new(a->root, error);
    guint64 bytes = jd_model_files_bytes(jd_models_source_files(a->source));
    if (!scratch || !jd_check_space(a->root, bytes, "the model", error) ||
        !copy_all(a, scratch->folder, error) || !jd_model_look(scratch->folder, error))
        return NULL;
    g_autofree char *name = choose_name(a, error);
    if (!name || !jd_model_name_check(name, error) || !verify(a, name, error) ||
        !install(a, scratch->folder, name, error))
        return NULL;
    return g_steal_pointer(&name);
}

static gboolean check_options(const jd_models_options *options, GError **error)
{
    return !options->name || (jd_model_name_check(options->name, error) &&
                              jd_models_check_free(options->name, options, error));
}

gboolean jd_models_add(const char *path, const jd_models_options *options,
                       jd_installed_model **installed, GError **error)
{
    static const jd_models_options defaults = {0};
    options = options ? options : &defaults;
    if (!check_options(options, error))
        return FALSE;
    g_autofree char *root = jd_models_folder();
    g_autoptr(jd_models_source) source = jd_models_source_open(path, options->reader, error);
    if (!source)
        return FALSE;
    g_autoptr(jd_record) record = jd_record_new();
    record->source = g_canonicalize_filename(path, NULL);
    adding a = {.options = options,
                .root = root,
                .source = source,
                .record = record,
                .watch = jd_models_watch(options)};
    g_autofree char *name = add(&a, error);
    jd_shelf_name_places(root, error);
    if (name && installed)
        *installed = jd_models_describe(name);
    return name != NULL;
}
