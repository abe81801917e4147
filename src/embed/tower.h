/*
 * What the towers of CLIP and SigLIP have in common: the configuration of a transformer, the names
 * of its layers, and texts as token and position embeddings.
 */
#ifndef JD_EMBED_TOWER_H
#define JD_EMBED_TOWER_H

#include "embed/family.h"
#include "nn/transformer.h"

/** What a configuration that leaves something out means. */
typedef struct jd_tower_defaults {
    int layers, hidden, heads, intermediate;
    double epsilon;
    const char *activation;
} jd_tower_defaults;

gboolean jd_tower_read(const jd_config *config, const jd_tower_defaults *defaults,
                       jd_transformer_config *tower, GError **error);

/** The layers of "vision_model" or "text_model". */
jd_transformer *jd_tower_load(const jd_weights *weights, const jd_transformer_config *config,
                              gboolean vision, GError **error);

/** The tables of a text tower; the checkpoint's own. */
typedef struct jd_text_tables {
    const jd_tensor *tokens, *positions;
    gsize hidden;
} jd_text_tables;

/** Finds them and sets info->max_tokens and info->vocabulary. `vocabulary` and `positions` are what
 * a configuration without them means. */
typedef struct jd_text_sizes {
    int vocabulary, positions;
} jd_text_sizes;
gboolean jd_text_tables_load(jd_text_tables *tables, const jd_family_source *source,
                             const jd_text_sizes *defaults, jd_model_info *info, GError **error);

/** x: count x hidden, for ids at positions 0, 1, ... */
void jd_text_tables_embed(const jd_text_tables *tables, const gint32 *ids, gsize count, float *x);

#endif
