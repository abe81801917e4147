/*
 * Files of vectors, written row by row: NumPy's .npy and torch's .pt (float32, the ids line by line
 * in a file beside it) and .jsonl.
 *
 * Nothing is at the path before jd_vector_file_finish(): what is half written has another name.
 */
#ifndef JD_CLI_VECTOR_FILE_H
#define JD_CLI_VECTOR_FILE_H

#include <glib.h>

typedef struct jd_vector_file jd_vector_file;

/** By the path's ending; JD_ERROR_USAGE for one that is not known. */
jd_vector_file *jd_vector_file_new(const char *path, int dimension, GError **error);
/** Drops what was not finished. */
void jd_vector_file_free(jd_vector_file *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_vector_file, jd_vector_file_free)

/** Adds a row of `dimension` floats. Errors of writing are told by jd_vector_file_finish(). */
void jd_vector_file_add(jd_vector_file *file, const char *id, const float *values);

/** Puts the file (and the ids' file) in its place, over one that is there. */
gboolean jd_vector_file_finish(jd_vector_file *file, GError **error);

#endif
