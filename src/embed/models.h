/* Where models are kept: one folder for all knowledge bases, a model in it as org/name. */
#ifndef JD_EMBED_MODELS_H
#define JD_EMBED_MODELS_H

#include <glib.h>

/** $JACKDAW_MODELS, or $XDG_DATA_HOME/jackdaw/models. */
char *jd_models_folder(void);

/** For packed weights and compiled tokenizers: $XDG_CACHE_HOME/jackdaw. */
char *jd_models_cache(void);

/** The installed models' names ("org/name", or "name" without an org), sorted; NULL-terminated. */
char **jd_models_names(void);

/**
 * The folder of a model: an installed one by its name, with or without its org, or any folder with
 * a config.json by its path. JD_ERROR_NOT_FOUND names what is installed.
 */
char *jd_models_find(const char *name_or_folder, GError **error);

/** The whole name of an installed model, with or without its org. JD_ERROR_NOT_FOUND,
 * JD_ERROR_USAGE where several may be meant. */
char *jd_models_find_name(const char *name, GError **error);

/** Whether a model folder holds a cross-encoder, from its configuration alone: the weights are not
 * opened. */
gboolean jd_models_is_reranker(const char *folder);

/** The folder of the first installed cross-encoder. JD_ERROR_NOT_FOUND where there is none. */
char *jd_models_find_reranker(GError **error);

#endif
