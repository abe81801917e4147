#include "nn/checkpoint.h"

#include "base/error.h"
#include "base/hash.h"
#include "nn/half.h"
#include "nn/safetensors.h"
#include "nn/torch.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

struct jd_checkpoint {
    char *path;          /* folder or file, for messages */
    GHashTable *tensors; /* char * -> jd_tensor * */
    GHashTable *floats;  /* names asked for -> float *, NULL where the tensor is f32 itself */
    GString *identity;   /* names, sizes and times of the files */
};

static void note_file(jd_checkpoint *checkpoint, const char *path)
{
    GStatBuf info;
    g_autofree char *name = g_path_get_basename(path);
    if (g_stat(path, &info) == 0)
        g_string_append_printf(
            checkpoint->identity, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%ld\n", name,
            (gint64)info.st_size, (gint64)info.st_mtim.tv_sec, (long)info.st_mtim.tv_nsec);
}

/* Files converted from TensorFlow call a norm's gain and bias gamma and beta. */
static char *modern_name(char *name)
{
    static const struct {
        const char *old, *modern;
    } ends[] = {{".gamma", ".weight"}, {".beta", ".bias"}};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
        if (g_str_has_suffix(name, ends[i].old)) {
            name[strlen(name) - strlen(ends[i].old)] = '\0';
            char *modern = g_strconcat(name, ends[i].modern, NULL);
            g_free(name);
            return modern;
        }
    return name;
}

/* One weights file's tensors join the table. */
static gboolean add_file(jd_checkpoint *checkpoint, const char *path, GError **error)
{
    g_autoptr(GError) cause = NULL;
    g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &cause);
    if (!map) {
        jd_set_error(error,
                     g_file_test(path, G_FILE_TEST_EXISTS) ? JD_ERROR_IO : JD_ERROR_NOT_FOUND, NULL,
                     "cannot open %s: %s", path, cause->message);
        return FALSE;
    }
    g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(map);
    g_autoptr(GHashTable) found = g_str_has_suffix(path, ".safetensors")
                                      ? jd_safetensors_load(bytes, error)
                                      : jd_torch_load(bytes, error);
    if (!found) {
        jd_prefix_error(error, "%s: ", path);
        return FALSE;
    }
    GHashTableIter iter;
    gpointer name;
    gpointer tensor;
    g_hash_table_iter_init(&iter, found);
    while (g_hash_table_iter_next(&iter, &name, &tensor)) {
        g_hash_table_iter_steal(&iter);
        g_hash_table_replace(checkpoint->tensors, modern_name(name), tensor);
    }
    note_file(checkpoint, path);
    return TRUE;
}

/* A sharded checkpoint: {"weight_map": {"tensor": "file", ...}}. */
static gboolean add_index(jd_checkpoint *checkpoint, const char *folder, const char *index,
                          GError **error)
{
    g_autofree char *path = g_build_filename(folder, index, NULL);
    json_error_t where;
    json_auto_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    const json_t *map = json_object_get(root, "weight_map");
    if (!json_is_object(map)) {
        jd_set_error(error, JD_ERROR_INVALID, "fetch the file again",
                     "%s: expected an object with a weight_map", path);
        return FALSE;
    }
    g_autoptr(GHashTable) files = g_hash_table_new(g_str_hash, g_str_equal);
    const char *name;
    json_t *file;
    json_object_foreach((json_t *)map, name, file)
    {
        const char *shard = json_string_value(file);
        if (!shard || strchr(shard, '/') || *shard == '.') {
            jd_set_error(error, JD_ERROR_INVALID, "fetch the file again",
                         "%s: the file of tensor %s is no plain file name", path, name);
            return FALSE;
        }
        if (!g_hash_table_add(files, (gpointer)shard))
            continue;
        g_autofree char *full = g_build_filename(folder, shard, NULL);
        if (!add_file(checkpoint, full, error))
            return FALSE;
    }
    return TRUE;
}

static jd_checkpoint *checkpoint_new(const char *path)
{
    jd_checkpoint *checkpoint = g_new0(jd_checkpoint, 1);
    checkpoint->path = g_strdup(path);
    checkpoint->tensors =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)jd_tensor_free);
    checkpoint->floats = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    checkpoint->identity = g_string_new(NULL);
    return checkpoint;
}

void jd_checkpoint_free(jd_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    g_hash_table_unref(checkpoint->tensors);
    g_hash_table_unref(checkpoint->floats);
    g_string_free(checkpoint->identity, TRUE);
    g_free(checkpoint->path);
    g_free(checkpoint);
}

static gboolean open_into(jd_checkpoint *checkpoint, const char *folder, GError **error)
{
    static const struct {
        const char *name;
        gboolean index;
    } candidates[] = {{"model.safetensors", FALSE},
                      {"model.safetensors.index.json", TRUE},
                      {"pytorch_model.bin", FALSE},
                      {"pytorch_model.bin.index.json", TRUE}};
    for (gsize i = 0; i < G_N_ELEMENTS(candidates); i++) {
        g_autofree char *path = g_build_filename(folder, candidates[i].name, NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        return candidates[i].index ? add_index(checkpoint, folder, candidates[i].name, error)
                                   : add_file(checkpoint, path, error);
    }
    jd_set_error(error, JD_ERROR_NOT_FOUND,
                 "a model folder has model.safetensors or pytorch_model.bin", "%s holds no weights",
                 folder);
    return FALSE;
}

jd_checkpoint *jd_checkpoint_open(const char *folder, GError **error)
{
    g_autoptr(jd_checkpoint) checkpoint = checkpoint_new(folder);
    return open_into(checkpoint, folder, error) ? g_steal_pointer(&checkpoint) : NULL;
}

jd_checkpoint *jd_checkpoint_open_file(const char *path, GError **error)
{
    g_autoptr(jd_checkpoint) checkpoint = checkpoint_new(path);
    return add_file(checkpoint, path, error) ? g_steal_pointer(&checkpoint) : NULL;
}

gboolean jd_checkpoint_has(const jd_checkpoint *checkpoint, const char *name)
{
    return g_hash_table_contains(checkpoint->tensors, name);
}

static char *shape_text(int ndim, const gint64 *shape)
{
    GString *text = g_string_new("[");
    for (int i = 0; i < ndim; i++)
        if (shape[i] < 0)
            g_string_append_printf(text, "%sany", i ? ", " : "");
        else
            g_string_append_printf(text, "%s%" G_GINT64_FORMAT, i ? ", " : "", shape[i]);
    return g_string_free(g_string_append_c(text, ']'), FALSE);
}

static gboolean fits(const jd_tensor *tensor, const jd_tensor_wish *wish)
{
    if (tensor->ndim != wish->ndim)
        return FALSE;
    for (int i = 0; i < wish->ndim; i++)
        if (wish->shape[i] >= 0 && wish->shape[i] != tensor->shape[i])
            return FALSE;
    return TRUE;
}

const jd_tensor *jd_checkpoint_find(jd_checkpoint *checkpoint, const jd_tensor_wish *wish,
                                    GError **error)
{
    const jd_tensor *tensor = g_hash_table_lookup(checkpoint->tensors, wish->name);
    if (!tensor) {
        jd_set_error(error, JD_ERROR_INVALID,
                     "is it a checkpoint of this kind of model, and whole?",
                     "%s: tensor %s is missing", checkpoint->path, wish->name);
        return NULL;
    }
    if (!fits(tensor, wish)) {
        g_autofree char *found = shape_text(tensor->ndim, tensor->shape);
        g_autofree char *expected = shape_text(wish->ndim, wish->shape);
        jd_set_error(error, JD_ERROR_INVALID, "do config.json and the weights belong together?",
                     "%s: tensor %s has shape %s; expected %s", checkpoint->path, wish->name, found,
                     expected);
        return NULL;
    }
    if (tensor->dtype != JD_F32 && tensor->dtype != JD_F16 && tensor->dtype != JD_BF16) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "use a checkpoint in f32, f16 or bf16",
                     "%s: tensor %s holds %s", checkpoint->path, wish->name,
                     jd_dtype_name(tensor->dtype));
        return NULL;
    }
    if (!g_hash_table_contains(checkpoint->floats, wish->name))
        g_hash_table_insert(checkpoint->floats, g_strdup(wish->name), NULL);
    return tensor;
}

static gboolean all_finite(const float *values, gsize count)
{
    /* A sum of x - x is 0 unless one of them is not finite. */
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (gsize i = 0; i < count; i++)
        sum += values[i] - values[i];
    return sum == 0;
}

const float *jd_checkpoint_get(jd_checkpoint *checkpoint, const jd_tensor_wish *wish,
                               GError **error)
{
    const jd_tensor *tensor = jd_checkpoint_find(checkpoint, wish, error);
    if (!tensor)
        return NULL;
    const float *values = tensor->data;
    if (tensor->dtype != JD_F32) {
        float *converted = g_hash_table_lookup(checkpoint->floats, wish->name);
        if (!converted) {
            converted = jd_tensor_to_f32(tensor, error);
            if (!converted)
                return NULL;
            g_hash_table_insert(checkpoint->floats, g_strdup(wish->name), converted);
        }
        values = converted;
    }
    if (!all_finite(values, tensor->count)) {
        jd_set_error(error, JD_ERROR_INVALID, "fetch the model again",
                     "%s: tensor %s holds NaN or infinite numbers", checkpoint->path, wish->name);
        return NULL;
    }
    return values;
}

static gboolean clear_value(gpointer name, gpointer value, gpointer user)
{
    return value != NULL;
}

void jd_checkpoint_drop_floats(jd_checkpoint *checkpoint)
{
    g_hash_table_foreach_remove(checkpoint->floats, clear_value, NULL);
}

void jd_tensor_row(const jd_tensor *tensor, gsize row, float *values)
{
    const gsize size = (gsize)tensor->shape[1];
    const gsize start = row * size;
    switch (tensor->dtype) {
    case JD_F16:
        for (gsize i = 0; i < size; i++)
            values[i] = jd_f16_to_f32(((const guint16 *)tensor->data)[start + i]);
        break;
    case JD_BF16:
        for (gsize i = 0; i < size; i++)
            values[i] = jd_bf16_to_f32(((const guint16 *)tensor->data)[start + i]);
        break;
    default:
        memcpy(values, (const float *)tensor->data + start, size * sizeof(float));
        break;
    }
}

GPtrArray *jd_checkpoint_unused(const jd_checkpoint *checkpoint)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer name;
    g_hash_table_iter_init(&iter, checkpoint->tensors);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (!g_hash_table_contains(checkpoint->floats, name))
            g_ptr_array_add(names, g_strdup(name));
    return names;
}

char *jd_checkpoint_key(const jd_checkpoint *checkpoint)
{
    return jd_sha256(checkpoint->identity->str, checkpoint->identity->len);
}
