/*
 * What a model family is: one row of families.c's table, one file.
 */
#ifndef JD_EMBED_FAMILY_H
#define JD_EMBED_FAMILY_H

#include "embed/config.h"
#include "embed/model.h"
#include "embed/tokenizer.h"
#include "nn/weights.h"

/** Sequences of token ids, end to end. */
typedef struct jd_token_batch {
    const gint32 *ids;
    const gint32 *types; /* segments; may be NULL where all are 0 */
    const gsize *lengths;
    gsize count;
} jd_token_batch;

/** What a family needs to load. */
typedef struct jd_family_source {
    const char *folder;
    const jd_config *config;
    const jd_weights *weights;
    const jd_tokenizer *tokenizer; /* NULL where the folder has none */
} jd_family_source;

typedef struct jd_family jd_family;
struct jd_family {
    const char *model_type;
    /** The family's own state, or NULL with an error; fills in `info` (family, dtype and pictures'
     * spec are set already). */
    void *(*load)(const jd_family_source *source, jd_model_info *info, GError **error);
    void (*free)(void *state);
    /** out: count x dimension, raw. */
    gboolean (*run_texts)(const void *state, const jd_token_batch *batch, float *out,
                          jd_scratch *scratch, GError **error);
    gboolean (*run_pictures)(const void *state, const jd_pictures *pictures, float *out,
                             jd_scratch *scratch, GError **error);
};

/** The family of a model_type, or NULL. */
const jd_family *jd_family_find(const char *model_type);
/** The same; JD_ERROR_UNSUPPORTED says why where there is none. */
const jd_family *jd_family_require(const char *model_type, GError **error);

extern const jd_family jd_family_clip, jd_family_siglip, jd_family_bert, jd_family_roberta,
    jd_family_xlm_roberta, jd_family_distilbert, jd_family_mpnet, jd_family_modernbert;

#endif
