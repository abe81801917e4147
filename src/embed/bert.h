/*
 * The encoder that bert, roberta, xlm-roberta, distilbert and mpnet share, without what stands
 * behind it.
 */
#ifndef JD_EMBED_BERT_H
#define JD_EMBED_BERT_H

#include "embed/modules.h"

typedef struct jd_bert jd_bert;

/** `pooled`: only the first row of each sequence will be asked for. Sets info->max_tokens from the
 * positions. */
jd_bert *jd_bert_load(const jd_family_source *source, gboolean pooled, jd_model_info *info,
                      GError **error);
void jd_bert_free(jd_bert *bert);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_bert, jd_bert_free)

/** Hidden size. */
int jd_bert_width(const jd_bert *bert);

/** One vector of each sequence, to out->y (count x width): the pooled rows, or the first row where
 * it was loaded pooled. */
gboolean jd_bert_run(const jd_bert *bert, const jd_token_batch *batch, jd_pooling pooling,
                     const jd_linear_call *out, GError **error);

#endif
