/*
 * Models: from a word to its tokens. Each is compiled from "model" of tokenizer.json into tables
 * (once) and opened on the tables (every time), with the rest of "model" as settings.
 */
#ifndef JD_EMBED_TOKENIZER_MODEL_H
#define JD_EMBED_TOKENIZER_MODEL_H

#include "embed/tokenizer_vocab.h"

#include <jansson.h>

/** Memory that one call of jd_tokenizer_encode() lends to the model, word after word. */
typedef struct jd_token_model_scratch {
    GString *word;
    GArray *symbols; /* bpe_symbol: tokenizer_bpe.c */
    GArray *heap;    /* guint64 */
    GArray *path;    /* path_node: tokenizer_unigram.c */
    GArray *pieces;  /* path_piece */
} jd_token_model_scratch;

typedef struct jd_token_model jd_token_model;

/** What the kinds of models have in common; each begins with it. `encode` appends the ids of a
 * word that is not empty. */
struct jd_token_model {
    const jd_vocab *vocab;
    void (*encode)(const jd_token_model *model, const char *word, gsize length,
                   jd_token_model_scratch *scratch, GArray *ids);
    void (*free)(jd_token_model *model);
};

/** Makes the tables of "model" and takes "vocab" and "merges" out of it. JD_ERROR_UNSUPPORTED for a
 * model of another kind. */
gboolean jd_token_model_compile(json_t *json, jd_tables *tables, GError **error);

/** Opens the model on its tables; `json` is what the compilation left. `vocab` must outlive it. */
jd_token_model *jd_token_model_open(const json_t *json, const jd_tables *tables,
                                    const jd_vocab *vocab, GError **error);
void jd_token_model_free(jd_token_model *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_token_model, jd_token_model_free)

/* The kinds. */
gboolean jd_bpe_compile(const json_t *json, jd_tables *tables, GError **error);
jd_token_model *jd_bpe_open(const json_t *json, const jd_tables *tables, const jd_vocab *vocab,
                            GError **error);
gboolean jd_wordpiece_compile(const json_t *json, jd_tables *tables, GError **error);
jd_token_model *jd_wordpiece_open(const json_t *json, const jd_tables *tables,
                                  const jd_vocab *vocab, GError **error);
gboolean jd_unigram_compile(const json_t *json, jd_tables *tables, GError **error);
jd_token_model *jd_unigram_open(const json_t *json, const jd_tables *tables, const jd_vocab *vocab,
                                GError **error);

/** Makes the vocabulary of {"token": id, ...}, for BPE and WordPiece. */
gboolean jd_token_model_compile_vocab(const json_t *vocab, jd_tables *tables, GError **error);
/** The id of the unknown token that `key` names; -1 with JD_ERROR_INVALID where it is no token. */
gint32 jd_token_model_unknown_id(const json_t *json, const char *key, const jd_vocab *vocab,
                                 GError **error);

void jd_token_model_scratch_init(jd_token_model_scratch *scratch);
void jd_token_model_scratch_clear(jd_token_model_scratch *scratch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(jd_token_model_scratch, jd_token_model_scratch_clear)

#endif
