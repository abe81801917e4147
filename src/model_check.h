/* Whether a folder holds a model that works here, before anybody else sees it. */
#ifndef JD_MODEL_CHECK_H
#define JD_MODEL_CHECK_H

#include "hub/record.h"

/** What a folder's model is for by its configuration: "text", "pictures", "reranker"; NULL where
 * Jackdaw does not run it. Static. */
const char *jd_model_use(const char *folder);

/** By the configuration alone: whether its family is one that Jackdaw runs. JD_ERROR_UNSUPPORTED.
 */
gboolean jd_model_look(const char *folder, GError **error);

/**
 * Loads it and runs it once. Every tensor is checked for its shape and for numbers that are not
 * finite, the tokenizer is read, and what comes out must be finite and not all zero. Fills in the
 * record's family, use and dimension. Errors name the file and what is wrong with it.
 */
gboolean jd_model_check(const char *folder, jd_record *record, GError **error);

#endif
