/* jackdaw doctor: the reader process, the knowledge base, encoders and the terminal. */
#include "cli/doctor.h"
#include "cli/picture.h"
#include "cli/query.h"
#include "cli/settings.h"
#include "embed/models.h"
#include "encoder_files.h"
#include "pipeline.h"

#include <string.h>
#include <unistd.h>

static void add_error(jd_doctor *doctor, jd_finding_state state, const char *name,
                      const GError *error)
{
    jd_doctor_add(doctor, state, name, error->message, jd_error_hint(error));
}

void jd_doctor_reader(jd_doctor *doctor)
{
    doctor->group = "Reader process";
    g_autoptr(GError) error = NULL;
    jd_reader_options options = {.program = jd_values_text(doctor->cli->values, "reader"),
                                 .workers = 1};
    g_autoptr(jd_reader_pool) pool = jd_reader_pool_new(&options, &error);
    g_auto(GStrv) sandbox = pool ? jd_reader_pool_sandbox(pool, &error) : NULL;
    if (!sandbox) {
        add_error(doctor, JD_FINDING_BAD, "jackdaw-reader", error);
        return;
    }
    jd_doctor_add(doctor, JD_FINDING_GOOD, "jackdaw-reader", "starts and answers", NULL);
    g_autofree char *found = g_strjoinv(", ", sandbox);
    gboolean landlock = strstr(found, "landlock") != NULL;
    jd_doctor_add(doctor, landlock ? JD_FINDING_GOOD : JD_FINDING_MISSING, "sandbox", found,
                  landlock ? NULL
                           : "Landlock needs a kernel (5.13 or later) that was started with it; "
                             "seccomp confines the reader without it");
    jd_doctor_add(doctor, JD_FINDING_MISSING, "OCR", "this build reads no text in pictures",
                  "captions, alt texts and the text beside them are searched");
}

static void add_contents(jd_doctor *doctor, jd_kb *kb)
{
    g_autoptr(GError) error = NULL;
    jd_store_stats stats = {0};
    if (!jd_store_get_stats(jd_kb_store(kb), &stats, &error)) {
        add_error(doctor, JD_FINDING_BAD, "contents", error);
        return;
    }
    g_autofree char *size = g_format_size(stats.bytes);
    g_autofree char *found = g_strdup_printf(
        "%" G_GUINT64_FORMAT " documents, %" G_GUINT64_FORMAT " passages, %" G_GUINT64_FORMAT
        " pictures, %" G_GUINT64_FORMAT " vectors; %s, schema %d",
        stats.documents, stats.chunks, stats.images, stats.vectors, size, stats.schema_version);
    jd_doctor_add(doctor, stats.documents ? JD_FINDING_GOOD : JD_FINDING_MISSING, "contents", found,
                  stats.documents ? NULL : "read some files: jackdaw ingest FOLDER");
}

/* The nearest folder that exists: where a knowledge base would be made. */
static char *existing_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    while (access(folder, F_OK) != 0) {
        char *above = g_path_get_dirname(folder);
        if (g_str_equal(above, folder)) {
            g_free(above);
            break;
        }
        g_free(folder);
        folder = above;
    }
    return g_steal_pointer(&folder);
}

static void add_writable(jd_doctor *doctor, const char *path)
{
    g_autofree char *folder = existing_folder(path);
    const char *what = access(path, F_OK) == 0 ? path : folder;
    gboolean writable = access(what, W_OK) == 0 && access(folder, W_OK) == 0;
    jd_doctor_add(doctor, writable ? JD_FINDING_GOOD : JD_FINDING_MISSING, "writing",
                  writable ? "allowed" : "no permission to write there",
                  writable ? NULL : "searching works; to ingest, name another file with --kb");
}

/* A small model of the kind, to begin with. */
static const char *suggestion(jd_encoder_kind kind)
{
    return kind == JD_ENCODER_TEXT ? "snowflake-arctic-embed-s" : "clip-vit-base-patch32";
}

/* Those that are there (char *), the preferred one first. */
static void add_names(jd_doctor *doctor, const char *name, GPtrArray *names)
{
    g_ptr_array_add(names, NULL);
    g_autofree char *list = g_strjoinv(", ", (char **)names->pdata);
    g_autofree char *folder = jd_models_folder();
    g_autofree char *found = g_strdup_printf("%s (in %s)", list, folder);
    jd_doctor_add(doctor, JD_FINDING_GOOD, name, found, NULL);
}

/* The encoder that is used, and the others that are there. */
static void add_encoder(jd_doctor *doctor, const char *name, jd_encoder_kind kind,
                        const char *without)
{
    const char *option = kind == JD_ENCODER_TEXT ? "text-model" : "image-model";
    const char *wanted = jd_values_text(doctor->cli->values, option);
    g_autoptr(GError) error = NULL;
    if (wanted && !g_str_equal(wanted, "none")) {
        g_autofree char *found = jd_models_find(wanted, &error);
        if (found)
            jd_doctor_add(doctor, JD_FINDING_GOOD, name, found, NULL);
        else
            add_error(doctor, JD_FINDING_BAD, name, error);
        return;
    }
    g_autoptr(GPtrArray) installed = jd_encoder_installed(kind);
    if (wanted || installed->len == 0) {
        g_autofree char *advice = g_strdup_printf(
            "jackdaw model pull %s, or name a folder with --%s", suggestion(kind), option);
        jd_doctor_add(doctor, JD_FINDING_MISSING, name, wanted ? "turned off" : without,
                      wanted ? NULL : advice);
        return;
    }
    add_names(doctor, name, installed);
}

static void add_reranker(jd_doctor *doctor, const GPtrArray *models)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < models->len; i++) {
        const jd_installed_model *model = models->pdata[i];
        if (g_strcmp0(model->use, "reranker") == 0)
            g_ptr_array_add(names, g_strdup(model->name));
    }
    if (names->len > 0)
        add_names(doctor, "reranker", names);
    else
        jd_doctor_add(doctor, JD_FINDING_MISSING, "reranker",
                      "none installed: `jackdaw rerank` needs one",
                      "jackdaw model pull ettin-reranker-32m");
}

static void add_problems(jd_doctor *doctor, const GPtrArray *models)
{
    for (guint i = 0; i < models->len; i++) {
        const jd_installed_model *model = models->pdata[i];
        if (!model->problem)
            continue;
        g_autofree char *found = g_strdup_printf("%s: %s", model->name, model->problem);
        jd_doctor_add(doctor, JD_FINDING_MISSING, "model", found,
                      "it is used all the same; `jackdaw model list` says more");
    }
}

void jd_doctor_models(jd_doctor *doctor)
{
    doctor->group = "Models";
    g_autoptr(GPtrArray) models = jd_models_list();
    add_encoder(doctor, "text encoder", JD_ENCODER_TEXT,
                "none installed: search is by words, captions and alt texts");
    add_encoder(doctor, "picture encoder", JD_ENCODER_PICTURES,
                "none installed: pictures are found by the words beside them");
    add_reranker(doctor, models);
    add_problems(doctor, models);
}

void jd_doctor_knowledge_base(jd_doctor *doctor)
{
    doctor->group = "Knowledge base";
    const char *given = jd_values_text(doctor->cli->values, "kb");
    g_autofree char *path = given ? g_strdup(given) : jd_kb_default_path();
    g_autoptr(GError) error = NULL;
    g_autoptr(jd_kb) kb = jd_cli_open(doctor->cli, JD_KB_READ, &error);
    if (kb) {
        jd_doctor_add(doctor, JD_FINDING_GOOD, "file", path, NULL);
        add_contents(doctor, kb);
    } else if (g_error_matches(error, JD_ERROR, JD_ERROR_NOT_FOUND)) {
        g_autofree char *found = g_strdup_printf("%s: not there yet", path);
        jd_doctor_add(doctor, JD_FINDING_MISSING, "file", found, "jackdaw ingest FOLDER makes it");
    } else {
        add_error(doctor, JD_FINDING_BAD, "file", error);
    }
    if (!strstr(path, "://"))
        add_writable(doctor, path);
}

void jd_doctor_terminal(jd_doctor *doctor)
{
    doctor->group = "Terminal";
    const char *method = jd_picture_method();
    jd_doctor_add(doctor, method ? JD_FINDING_GOOD : JD_FINDING_MISSING, "pictures",
                  method ? method : "not drawn: this build is without libchafa",
                  method ? NULL : "build with libchafa-dev installed");
    g_autofree char *path = jd_settings_path();
    g_autofree char *found =
        g_strdup_printf("%s%s", path, access(path, F_OK) == 0 ? "" : ": not there, which is fine");
    jd_doctor_add(doctor, JD_FINDING_GOOD, "settings", found, NULL);
}
