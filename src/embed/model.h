/*
 * A loaded encoder or cross-encoder: an ordinary Hugging Face folder (config.json, weights,
 * tokenizer), run natively.
 *
 * The family is chosen by config.json's model_type (families.c). One loaded model may be used by
 * several threads at once: each call brings working memory of its own.
 */
#ifndef JD_EMBED_MODEL_H
#define JD_EMBED_MODEL_H

#include "nn/linear.h"
#include "read/prepare.h"

typedef struct jd_model jd_model;

typedef enum jd_model_dtype {
    JD_MODEL_AUTO, /* the fastest that keeps the ranking of a search: docs/encoders.md */
    JD_MODEL_F32,
    JD_MODEL_BF16,
    JD_MODEL_INT16,
    JD_MODEL_INT8 /* the fastest, and less accurate */
} jd_model_dtype;

/** "auto", "f32", ...; static string. */
const char *jd_model_dtype_name(jd_model_dtype dtype);
/** JD_MODEL_AUTO for NULL and for names that are not known. */
jd_model_dtype jd_model_dtype_parse(const char *name);

typedef struct jd_model_options {
    jd_model_dtype dtype;
    int threads;       /* 0: all cores */
    const char *cache; /* folder for packed weights and compiled tokenizers; NULL: none */
} jd_model_options;

/** How a picture becomes the model's input: preprocessor_config.json. */
typedef struct jd_picture_spec {
    jd_prepare_request prepare; /* for the reader, which decodes it */
    float mean[3], std[3];      /* of colours between 0 and 1 */
} jd_picture_spec;

typedef struct jd_model_info {
    const char *family;              /* config.json's model_type */
    int dimension;                   /* of embeddings; 1 for a cross-encoder */
    int max_tokens;                  /* special tokens included */
    int vocabulary;                  /* token ids run below this */
    gboolean texts, pictures, pairs; /* what it takes */
    gboolean normalised;             /* the model itself says that embeddings have unit length */
    gboolean lower_case;             /* texts become lower case before they are tokenised */
    jd_model_dtype dtype;
    jd_picture_spec picture; /* with pictures */
} jd_model_info;

/** Loads a model folder. Errors name the file and the tensor or the key. */
jd_model *jd_model_load(const char *folder, const jd_model_options *options, GError **error);
void jd_model_free(jd_model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_model, jd_model_free)

const jd_model_info *jd_model_get_info(const jd_model *model);

/** Names of tensors (char *, sorted) that the checkpoint has and the model did not ask for, heads
 * of its training aside: where config.json says less than there is, say. Of a model that was
 * loaded without a cache: else what is packed already is not asked for either. */
GPtrArray *jd_model_unused_tensors(const jd_model *model);

typedef struct jd_text {
    const char *text; /* invalid UTF-8 is replaced */
    gsize length;
} jd_text;

typedef struct jd_texts {
    const jd_text *items;
    gsize count;
    const char *prompt; /* put in front of every text ("query: "); NULL: none */
    gboolean raw;       /* before normalisation */
} jd_texts;

/** The named prompt ("query", "passage") of the model's config_sentence_transformers.json, or NULL.
 */
const char *jd_model_prompt(const jd_model *model, const char *name);

/** out: count x dimension. Texts longer than max_tokens are cut. */
gboolean jd_model_embed_texts(const jd_model *model, const jd_texts *texts, float *out,
                              GError **error);

/** Pictures as the reader prepared them for info->picture: size x size RGB, rows from the top. */
typedef struct jd_pictures {
    const guint8 *const *items;
    gsize count;
    gboolean raw;
} jd_pictures;

gboolean jd_model_embed_pictures(const jd_model *model, const jd_pictures *pictures, float *out,
                                 GError **error);

typedef struct jd_pair {
    jd_text query, passage;
} jd_pair;

typedef struct jd_pairs {
    const jd_pair *items;
    gsize count;
} jd_pairs;

/** Scores of a cross-encoder, one a pair, higher is more relevant; as sentence-transformers'
 * CrossEncoder gives them. The longer of the two texts is cut first. */
gboolean jd_model_score(const jd_model *model, const jd_pairs *pairs, float *scores,
                        GError **error);

/** The ids that jd_model_embed_texts() uses for a text (GArray of gint32); for a cross-encoder of a
 * pair, `pair` NULL for one text. NULL with JD_ERROR_UNSUPPORTED where the folder has no tokenizer.
 */
GArray *jd_model_tokens(const jd_model *model, const jd_text *text, const jd_text *pair,
                        GError **error);

#endif
