#include "hub/files.h"

#include "base/error.h"
#include "base/limits.h"

#include <string.h>

const char *jd_verified_name(jd_verified verified)
{
    static const char *const names[] = {[JD_VERIFIED_LOCAL] = "local",
                                        [JD_VERIFIED_SIZE] = "size",
                                        [JD_VERIFIED_HUB] = "hub",
                                        [JD_VERIFIED_KNOWN] = "known"};
    return names[verified];
}

jd_model_file *jd_model_file_new(const char *path, gint64 size)
{
    jd_model_file *file = g_new0(jd_model_file, 1);
    file->path = g_strdup(path);
    file->size = size;
    return file;
}

void jd_model_file_free(jd_model_file *file)
{
    if (!file)
        return;
    g_free(file->path);
    g_free(file->sha256);
    g_free(file->blob);
    g_free(file->etag);
    g_free(file);
}

static void file_free(gpointer file)
{
    jd_model_file_free(file);
}

GPtrArray *jd_model_files_new(void)
{
    return g_ptr_array_new_with_free_func(file_free);
}

jd_model_file *jd_model_files_find(const GPtrArray *files, const char *path)
{
    for (guint i = 0; i < files->len; i++) {
        jd_model_file *file = files->pdata[i];
        if (g_str_equal(file->path, path))
            return file;
    }
    return NULL;
}

guint64 jd_model_files_bytes(const GPtrArray *files)
{
    guint64 bytes = 0;
    for (guint i = 0; i < files->len; i++)
        bytes += (guint64)MAX(((const jd_model_file *)files->pdata[i])->size, 0);
    return bytes;
}

/* ---- names ---- */

gboolean jd_model_path_is_safe(const char *path)
{
    gsize length = strlen(path);
    if (length == 0 || length > JD_LIMIT_MODEL_PATH_BYTES || !g_utf8_validate(path, -1, NULL) ||
        strchr(path, '\\'))
        return FALSE;
    for (const char *p = path; *p; p = g_utf8_next_char(p))
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return FALSE;
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (char **part = parts; *part; part++)
        if (**part == '\0' || **part == '.')
            return FALSE;
    return g_strv_length(parts) <= JD_LIMIT_MODEL_PATH_DEPTH;
}

static gboolean is_name_part(const char *part)
{
    enum { LONGEST = 96 }; /* as on Hugging Face */
    const char *const rest = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    gsize length = strlen(part);
    return length > 0 && length <= LONGEST && *part != '.' && *part != '-' &&
           strspn(part, rest) == length && !strstr(part, "--") && !strstr(part, "..");
}

gboolean jd_model_name_check(const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);
    guint count = g_strv_length(parts);
    if ((count == 1 || count == 2) && is_name_part(parts[0]) &&
        (count == 1 || is_name_part(parts[1])))
        return TRUE;
    jd_set_error(error, JD_ERROR_USAGE,
                 "write NAME or OWNER/NAME, of letters, digits and single '-', '_', '.'",
                 "'%s' is no name of a model", name);
    return FALSE;
}

/* ---- weights ---- */

/* "model-00001-of-00003.safetensors": one of the files that an index names. */
static gboolean is_shard(const char *name, const char *stem, const char *ending)
{
    gsize length = strlen(stem);
    if (!g_str_has_prefix(name, stem) || !g_str_has_suffix(name, ending) || name[length] != '-')
        return FALSE;
    const char *digits = name + length + 1;
    gsize first = strspn(digits, "0123456789");
    if (first == 0 || !g_str_has_prefix(digits + first, "-of-"))
        return FALSE;
    const char *count = digits + first + strlen("-of-");
    gsize second = strspn(count, "0123456789");
    return second > 0 && g_str_equal(count + second, ending);
}

/* The forms of weights, the better ones first: one file, or an index with its parts. */
static const struct weights_form {
    const char *file, *stem, *ending;
} forms[] = {
    {"model.safetensors", NULL, NULL},
    {"model.safetensors.index.json", "model", ".safetensors"},
    {"pytorch_model.bin", NULL, NULL},
    {"pytorch_model.bin.index.json", "pytorch_model", ".bin"},
};

/* The form that a folder ("" or "1_Dense/") has its weights in, or NULL. */
static const struct weights_form *form_of(GHashTable *paths, const char *folder)
{
    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_autofree char *path = g_strconcat(folder, forms[i].file, NULL);
        if (g_hash_table_contains(paths, path))
            return &forms[i];
    }
    return NULL;
}

static GHashTable *paths_of(const GPtrArray *files)
{
    GHashTable *paths = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < files->len; i++)
        g_hash_table_add(paths, ((const jd_model_file *)files->pdata[i])->path);
    return paths;
}

/* ---- where a model begins ---- */

static int depth_of(const char *folder)
{
    int depth = 0;
    for (; *folder; folder++)
        depth += *folder == '/';
    return depth;
}

static void set_no_model(const GPtrArray *files, GError **error)
{
    static const char *const foreign[] = {".gguf", ".onnx", ".h5", ".msgpack", ".ot", ".tflite"};
    const char *found = NULL;
    for (guint i = 0; i < files->len && !found; i++)
        for (gsize k = 0; k < G_N_ELEMENTS(foreign) && !found; k++)
            if (g_str_has_suffix(((const jd_model_file *)files->pdata[i])->path, foreign[k]))
                found = ((const jd_model_file *)files->pdata[i])->path;
    jd_set_error(error, JD_ERROR_UNSUPPORTED,
                 "a model has a config.json and, beside it, model.safetensors or pytorch_model.bin",
                 "it holds no model that Jackdaw reads%s%s", found ? ", but " : "",
                 found ? found : "");
}

char *jd_model_files_root(const GPtrArray *files, GError **error)
{
    static const char config[] = "config.json";
    g_autoptr(GHashTable) paths = paths_of(files);
    g_autoptr(GPtrArray) roots = g_ptr_array_new_with_free_func(g_free);
    int least = G_MAXINT;
    for (guint i = 0; i < files->len; i++) {
        const char *path = ((const jd_model_file *)files->pdata[i])->path;
        const char *slash = strrchr(path, '/');
        if (!g_str_equal(slash ? slash + 1 : path, config))
            continue;
        g_autofree char *folder = g_strndup(path, strlen(path) - strlen(config));
        int depth = depth_of(folder);
        if (depth > least || !form_of(paths, folder))
            continue;
        if (depth < least)
            g_ptr_array_set_size(roots, 0);
        least = depth;
        g_ptr_array_add(roots, g_steal_pointer(&folder));
    }
    if (roots->len == 1)
        return g_strdup(roots->pdata[0]);
    if (roots->len == 0) {
        set_no_model(files, error);
        return NULL;
    }
    jd_set_error(error, JD_ERROR_USAGE, "unpack it and add one of the folders",
                 "it holds several models: %s and %s", (char *)roots->pdata[0],
                 (char *)roots->pdata[1]);
    return NULL;
}

/* ---- what makes a model ---- */

static gboolean is_setting(const char *name)
{
    static const char *const wanted[] = {"config.json",
                                         "config_sentence_transformers.json",
                                         "modules.json",
                                         "sentence_bert_config.json",
                                         "preprocessor_config.json",
                                         "processor_config.json",
                                         "tokenizer.json",
                                         "tokenizer_config.json",
                                         "special_tokens_map.json",
                                         "added_tokens.json",
                                         "vocab.json",
                                         "vocab.txt",
                                         "merges.txt",
                                         "README.md",
                                         "LICENSE",
                                         "LICENSE.txt",
                                         "LICENSE.md",
                                         NULL};
    return g_strv_contains(wanted, name);
}

static gboolean is_weights(GHashTable *paths, const char *folder, const char *name)
{
    const struct weights_form *form = form_of(paths, folder);
    return form && (g_str_equal(name, form->file) ||
                    (form->stem && is_shard(name, form->stem, form->ending)));
}

/* `path` without the root: a setting, weights, or the same of a sentence encoder's module
 * ("2_Dense/model.safetensors"). */
static gboolean is_wanted(GHashTable *paths, const char *root, const char *path)
{
    const char *slash = strchr(path, '/');
    if (!slash)
        return is_setting(path) || is_weights(paths, root, path);
    if (!g_ascii_isdigit(*path) || strchr(slash + 1, '/'))
        return FALSE;
    g_autofree char *module = g_strndup(path, slash + 1 - path);
    g_autofree char *folder = g_strconcat(root, module, NULL);
    return g_str_equal(slash + 1, "config.json") || is_weights(paths, folder, slash + 1);
}

static gboolean check_size(const jd_model_file *file, const char *path, GError **error)
{
    gboolean weights = g_str_has_suffix(path, ".safetensors") || g_str_has_suffix(path, ".bin");
    gint64 limit = weights ? JD_LIMIT_MODEL_FILE_BYTES : JD_LIMIT_MODEL_SMALL_FILE_BYTES;
    if (file->size <= limit)
        return TRUE;
    g_autofree char *found = g_format_size((guint64)file->size);
    g_autofree char *most = g_format_size((guint64)limit);
    jd_set_error(error, JD_ERROR_LIMIT, NULL, "its %s has %s; at most %s are taken", path, found,
                 most);
    return FALSE;
}

static jd_model_file *copy_file(const jd_model_file *file, const char *path)
{
    jd_model_file *copy = jd_model_file_new(path, file->size);
    copy->sha256 = g_strdup(file->sha256);
    copy->blob = g_strdup(file->blob);
    copy->etag = g_strdup(file->etag);
    copy->verified = file->verified;
    return copy;
}

static int by_path(gconstpointer a, gconstpointer b)
{
    const jd_model_file *x = *(jd_model_file *const *)a, *y = *(jd_model_file *const *)b;
    return strcmp(x->path, y->path);
}

GPtrArray *jd_model_files_choose(const GPtrArray *files, const char *root, GError **error)
{
    g_autoptr(GHashTable) paths = paths_of(files);
    g_autofree char *config = g_strconcat(root, "config.json", NULL);
    if (!g_hash_table_contains(paths, config) || !form_of(paths, root)) {
        set_no_model(files, error);
        return NULL;
    }
    g_autoptr(GPtrArray) chosen = jd_model_files_new();
    for (guint i = 0; i < files->len; i++) {
        const jd_model_file *file = files->pdata[i];
        if (!g_str_has_prefix(file->path, root))
            continue;
        const char *path = file->path + strlen(root);
        if (!is_wanted(paths, root, path))
            continue;
        if (!check_size(file, path, error))
            return NULL;
        g_ptr_array_add(chosen, copy_file(file, path));
    }
    g_ptr_array_sort(chosen, by_path);
    return g_steal_pointer(&chosen);
}
