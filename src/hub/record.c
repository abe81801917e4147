#include "hub/record.h"

#include "base/error.h"
#include "base/limits.h"
#include "hub/digest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

enum { RECORD_VERSION = 1, SHA256_DIGITS = 64 };

jd_record *jd_record_new(void)
{
    jd_record *record = g_new0(jd_record, 1);
    record->files = jd_model_files_new();
    return record;
}

void jd_record_free(jd_record *record)
{
    if (!record)
        return;
    g_free(record->source);
    g_free(record->revision);
    g_free(record->licence);
    g_free(record->family);
    g_free(record->use);
    g_ptr_array_unref(record->files);
    g_free(record);
}

/* ---- writing ---- */

static json_t *text_or_null(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
    return valid ? json_string(valid) : json_null();
}

static json_t *file_to_json(const jd_model_file *file)
{
    return json_pack("{s:o, s:I, s:o, s:s}", "path", text_or_null(file->path), "size",
                     (json_int_t)file->size, "sha256", text_or_null(file->sha256), "verified",
                     jd_verified_name(file->verified));
}

static json_t *record_to_json(const jd_record *record)
{
    json_t *files = json_array();
    for (guint i = 0; i < record->files->len; i++)
        json_array_append_new(files, file_to_json(record->files->pdata[i]));
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:I, s:I, s:o}", "record", RECORD_VERSION,
                     "source", text_or_null(record->source), "revision",
                     text_or_null(record->revision), "licence", text_or_null(record->licence),
                     "family", text_or_null(record->family), "use", text_or_null(record->use),
                     "dimension", record->dimension, "installed", (json_int_t)record->installed,
                     "written", (json_int_t)g_get_real_time(), "files", files);
}

gboolean jd_record_write(const jd_record *record, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, JD_RECORD_FILE, NULL);
    json_auto_t *json = record_to_json(record);
    g_autofree char *text = json_dumps(json, JSON_INDENT(2));
    g_autoptr(GError) cause = NULL;
    const GFileSetContentsFlags flags =
        G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE;
    if (g_file_set_contents_full(path, text, -1, flags, 0644, &cause))
        return TRUE;
    jd_set_error(error,
                 g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOSPC) ? JD_ERROR_NO_SPACE
                                                                          : JD_ERROR_IO,
                 NULL, "cannot write the model's record: %s", cause->message);
    return FALSE;
}

/* ---- reading ---- */

static char *get_text(const json_t *object, const char *key)
{
    return g_strdup(json_string_value(json_object_get(object, key)));
}

static gboolean is_sha256(const char *text)
{
    return text && strlen(text) == SHA256_DIGITS &&
           strspn(text, "0123456789abcdef") == SHA256_DIGITS;
}

static gboolean read_verified(const json_t *object, jd_verified *verified)
{
    const char *name = json_string_value(json_object_get(object, "verified"));
    for (int i = JD_VERIFIED_LOCAL; i <= JD_VERIFIED_KNOWN; i++)
        if (g_strcmp0(name, jd_verified_name((jd_verified)i)) == 0) {
            *verified = (jd_verified)i;
            return TRUE;
        }
    return FALSE;
}

static jd_model_file *read_file(const json_t *object)
{
    const char *path = json_string_value(json_object_get(object, "path"));
    const char *sha256 = json_string_value(json_object_get(object, "sha256"));
    json_t *size = json_object_get(object, "size");
    jd_verified verified;
    if (!path || !jd_model_path_is_safe(path) || !is_sha256(sha256) || !json_is_integer(size) ||
        json_integer_value(size) < 0 || !read_verified(object, &verified))
        return NULL;
    jd_model_file *file = jd_model_file_new(path, json_integer_value(size));
    file->sha256 = g_strdup(sha256);
    file->verified = verified;
    return file;
}

static gboolean read_files(const json_t *list, GPtrArray *files)
{
    size_t i;
    json_t *object;
    if (!json_is_array(list) || json_array_size(list) > JD_LIMIT_HUB_FILES)
        return FALSE;
    json_array_foreach(list, i, object)
    {
        jd_model_file *file = read_file(object);
        if (!file)
            return FALSE;
        g_ptr_array_add(files, file);
    }
    return files->len > 0;
}

static jd_record *record_from_json(const json_t *json)
{
    g_autoptr(jd_record) record = jd_record_new();
    json_int_t dimension = json_integer_value(json_object_get(json, "dimension"));
    if (!read_files(json_object_get(json, "files"), record->files) || dimension < 0 ||
        dimension > G_MAXINT)
        return NULL;
    record->source = get_text(json, "source");
    record->revision = get_text(json, "revision");
    record->licence = get_text(json, "licence");
    record->family = get_text(json, "family");
    record->use = get_text(json, "use");
    record->dimension = (int)dimension;
    record->installed = json_integer_value(json_object_get(json, "installed"));
    record->written = json_integer_value(json_object_get(json, "written"));
    return record->source && record->use ? g_steal_pointer(&record) : NULL;
}

jd_record *jd_record_parse(const char *text, gsize length, GError **error)
{
    json_error_t problem;
    json_auto_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    json_t *version = json_object_get(json, "record");
    if (json_integer_value(version) > RECORD_VERSION) {
        jd_set_error(error, JD_ERROR_VERSION, "use that version",
                     "its record was written by a newer Jackdaw");
        return NULL;
    }
    jd_record *record = json_is_integer(version) ? record_from_json(json) : NULL;
    if (!record)
        jd_set_error(error, JD_ERROR_INVALID,
                     "the model is used all the same; pull or add it again with --replace",
                     "its record (" JD_RECORD_FILE ") is damaged");
    return record;
}

jd_record *jd_record_read(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, JD_RECORD_FILE, NULL);
    g_autofree char *text = NULL;
    gsize length = 0;
    GStatBuf info;
    if (g_stat(path, &info) != 0) {
        jd_set_error(error, errno == ENOENT ? JD_ERROR_NOT_FOUND : JD_ERROR_IO,
                     "where it came from is not known; it is used all the same",
                     "it has no record: `jackdaw model` did not install it");
        return NULL;
    }
    if (info.st_size > JD_LIMIT_MODEL_RECORD_BYTES ||
        !g_file_get_contents(path, &text, &length, NULL)) {
        jd_set_error(error, JD_ERROR_INVALID, "the model is used all the same",
                     "its record (" JD_RECORD_FILE ") cannot be read");
        return NULL;
    }
    return jd_record_parse(text, length, error);
}

/* ---- what it says ---- */

const jd_model_file *jd_record_main_file(const jd_record *record)
{
    const jd_model_file *largest = NULL;
    for (guint i = 0; i < record->files->len; i++) {
        const jd_model_file *file = record->files->pdata[i];
        if (!largest || file->size > largest->size)
            largest = file;
    }
    return largest;
}

/* The time of the last change of a file's status cannot be set by hand, as that of its bytes can.
 */
static gboolean is_older(const GStatBuf *info, gint64 time)
{
    const gint64 changed =
        (gint64)info->st_ctim.tv_sec * G_USEC_PER_SEC + info->st_ctim.tv_nsec / 1000;
    return changed < time;
}

static char *compare_file(const jd_record *record, const jd_model_file *file, const char *path)
{
    GStatBuf info;
    g_auto(jd_digest) digest = {0};
    g_autoptr(GError) cause = NULL;
    if (g_stat(path, &info) != 0)
        return g_strdup_printf("its %s is gone", file->path);
    if (info.st_size != file->size)
        return g_strdup_printf("its %s was changed: %" G_GINT64_FORMAT
                               " bytes, and %" G_GINT64_FORMAT " were installed",
                               file->path, (gint64)info.st_size, file->size);
    if (is_older(&info, record->written))
        return NULL;
    if (!jd_digest_file(path, FALSE, NULL, &digest, &cause))
        return g_strdup_printf("its %s cannot be read", file->path);
    if (g_str_equal(digest.sha256, file->sha256))
        return NULL;
    return g_strdup_printf("its %s was changed: SHA-256 %s, and %s was installed", file->path,
                           digest.sha256, file->sha256);
}

char *jd_record_compare(const jd_record *record, const char *folder)
{
    char *problem = NULL;
    for (guint i = 0; !problem && i < record->files->len; i++) {
        const jd_model_file *file = record->files->pdata[i];
        g_autofree char *path = g_build_filename(folder, file->path, NULL);
        problem = compare_file(record, file, path);
    }
    return problem;
}
