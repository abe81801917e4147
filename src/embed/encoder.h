/*
 * Encoders of text: what turns token ids into rows of hidden numbers, without what stands behind
 * it. bert.c has bert, roberta, xlm-roberta, distilbert and mpnet; modernbert.c has modernbert.
 */
#ifndef JD_EMBED_ENCODER_H
#define JD_EMBED_ENCODER_H

#include "embed/modules.h"

typedef struct jd_encoder {
    /** `pooled`: only the first row of each sequence will be asked for. Sets info->max_tokens and
     * info->vocabulary. */
    void *(*load)(const jd_family_source *source, gboolean pooled, jd_model_info *info,
                  GError **error);
    void (*free)(void *state);
    /** One vector of each sequence, to out->y (count x hidden size): the pooled rows, or the first
     * row where it was loaded pooled. */
    gboolean (*run)(const void *state, const jd_token_batch *batch, jd_pooling pooling,
                    const jd_linear_call *out, GError **error);
} jd_encoder;

extern const jd_encoder jd_encoder_bert, jd_encoder_modernbert;

/** Rows of a batch: the sum of its lengths. */
gsize jd_token_batch_rows(const jd_token_batch *batch);

#endif
