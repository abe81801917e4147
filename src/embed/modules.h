/*
 * What sentence-transformers puts behind the encoder: pooling, dense layers, a layer norm,
 * normalisation, from modules.json and the folders that it names. Source: sentence-transformers'
 * models/Pooling.py, Dense.py, LayerNorm.py, Normalize.py.
 */
#ifndef JD_EMBED_MODULES_H
#define JD_EMBED_MODULES_H

#include "embed/family.h"

typedef enum jd_pooling {
    JD_POOLING_MEAN,
    JD_POOLING_CLS,
    JD_POOLING_MAX,
    JD_POOLING_LAST
} jd_pooling;

typedef struct jd_modules jd_modules;

/**
 * Reads modules.json; a folder without one pools the mean and does not normalise, as
 * sentence-transformers does. Without modules behind the encoder, a *ForSequenceClassification gets
 * its own head (head.c). `width` is the encoder's hidden size. Anything unknown is
 * JD_ERROR_UNSUPPORTED, naming it.
 */
jd_modules *jd_modules_load(const jd_family_source *source, int width, GError **error);
void jd_modules_free(jd_modules *modules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_modules, jd_modules_free)

jd_pooling jd_modules_pooling(const jd_modules *modules);
/** Numbers of the final vector. */
int jd_modules_dimension(const jd_modules *modules);
gboolean jd_modules_normalised(const jd_modules *modules);
/** Whether the result is a score of a pair of texts. */
gboolean jd_modules_scores(const jd_modules *modules);

typedef struct jd_pool_call {
    const float *rows; /* sum of lengths x width */
    const gsize *lengths;
    gsize count;
    int width;
} jd_pool_call;

/** One vector of each sequence: pooled, count x width. */
void jd_pool_rows(jd_pooling pooling, const jd_pool_call *call, float *pooled);

/** The layers behind pooling, from call->x (rows x width) to call->y (rows x dimension). */
gboolean jd_modules_run(const jd_modules *modules, const jd_linear_call *call, GError **error);

#endif
