#include "cli/vector_file.h"

#include "base/error.h"
#include "cli/vector_format.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const jd_vector_format *const formats[] = {&jd_vector_format_npy, &jd_vector_format_jsonl,
                                                  &jd_vector_format_pt};

typedef struct output_file {
    char *path, *temporary;
    FILE *stream;
} output_file;

struct jd_vector_file {
    const jd_vector_format *format;
    output_file vectors;
    output_file ids; /* where the format wants it */
    jd_vector_sink sink;
};

static gboolean output_open(output_file *out, const char *path, GError **error)
{
    out->path = g_strdup(path);
    out->temporary = g_strdup_printf("%s.%d.part", path, (int)getpid());
    out->stream = g_fopen(out->temporary, "wbxe");
    if (out->stream)
        return TRUE;
    jd_set_error_errno(error, errno, "%s: cannot write", out->temporary);
    return FALSE;
}

static void output_clear(output_file *out)
{
    if (out->stream) {
        fclose(out->stream);
        g_unlink(out->temporary);
    }
    out->stream = NULL;
    g_clear_pointer(&out->path, g_free);
    g_clear_pointer(&out->temporary, g_free);
}

static gboolean output_finish(output_file *out, GError **error)
{
    errno = 0;
    gboolean good = !ferror(out->stream) && fflush(out->stream) == 0;
    int number = good ? 0 : errno ? errno : EIO;
    if (fclose(out->stream) != 0 && good)
        number = errno;
    out->stream = NULL;
    if (number == 0 && g_rename(out->temporary, out->path) != 0)
        number = errno;
    if (number == 0)
        return TRUE;
    g_unlink(out->temporary);
    jd_set_error_errno(error, number, "%s: cannot write", out->path);
    return FALSE;
}

static const jd_vector_format *find_format(const char *path, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_str_has_suffix(path, formats[i]->ending))
            return formats[i];
    jd_set_error(error, JD_ERROR_USAGE, NULL,
                 "%s: expected a name that ends in .npy, .pt or .jsonl", path);
    return NULL;
}

jd_vector_file *jd_vector_file_new(const char *path, int dimension, GError **error)
{
    const jd_vector_format *format = find_format(path, error);
    if (!format)
        return NULL;
    g_autoptr(jd_vector_file) file = g_new0(jd_vector_file, 1);
    g_autofree char *stem = g_strndup(path, strlen(path) - strlen(format->ending));
    g_autofree char *ids = g_strconcat(stem, ".ids.txt", NULL);
    file->format = format;
    if (!output_open(&file->vectors, path, error) ||
        (format->ids_beside && !output_open(&file->ids, ids, error)))
        return NULL;
    file->sink = (jd_vector_sink){.stream = file->vectors.stream, .dimension = dimension};
    if (format->begin)
        format->begin(&file->sink);
    return g_steal_pointer(&file);
}

void jd_vector_file_free(jd_vector_file *file)
{
    if (!file)
        return;
    output_clear(&file->vectors);
    output_clear(&file->ids);
    g_free(file);
}

void jd_vector_file_add(jd_vector_file *file, const char *id, const float *values)
{
    file->format->add(&file->sink, id, values);
    file->sink.rows++;
    if (file->ids.stream)
        fprintf(file->ids.stream, "%s\n", id);
}

gboolean jd_vector_file_finish(jd_vector_file *file, GError **error)
{
    if (file->format->end && !file->format->end(&file->sink)) {
        jd_set_error(error, JD_ERROR_LIMIT, "write a .npy instead",
                     "%s: %" G_GUINT64_FORMAT " vectors are too many for this format",
                     file->vectors.path, file->sink.rows);
        return FALSE;
    }
    return (!file->ids.stream || output_finish(&file->ids, error)) &&
           output_finish(&file->vectors, error);
}
