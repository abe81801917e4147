/*
 * Text to token ids, equal to the Hugging Face `tokenizers` library: CLIP's and ModernBERT's
 * byte-level BPE, BERT's WordPiece, XLM-R's and SigLIP's Unigram, Gemma's BPE with byte fallback,
 * from tokenizer.json; or from vocab.json with merges.txt (CLIP, RoBERTa), or vocab.txt (BERT).
 *
 * Truncation and padding written in tokenizer.json are ignored: the caller says what it wants.
 */
#ifndef JD_EMBED_TOKENIZER_H
#define JD_EMBED_TOKENIZER_H

#include <glib.h>

typedef struct jd_tokenizer jd_tokenizer;

typedef struct jd_tokenizer_options {
    const char *cache; /* folder for compiled tokenizers, made where it is absent; NULL: none */
} jd_tokenizer_options;

/**
 * Reads the tokenizer of a model folder. Whatever it holds that Jackdaw does not know is
 * JD_ERROR_UNSUPPORTED, naming it; a folder without a tokenizer JD_ERROR_NOT_FOUND; nonsense in
 * the files JD_ERROR_INVALID.
 *
 * With a cache folder (`options` may be NULL) what was read is kept there in a form that is mapped
 * by the next process. It is used as long as the files of the model folder have the same size,
 * inode and times; a cache that cannot be read or written is no error.
 */
jd_tokenizer *jd_tokenizer_load(const char *folder, const jd_tokenizer_options *options,
                                GError **error);
void jd_tokenizer_free(jd_tokenizer *tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_tokenizer, jd_tokenizer_free)

typedef struct jd_encode_request {
    const char *text;
    gsize length;
    const char *pair; /* second text (a passage beside a query), or NULL */
    gsize pair_length;
    gboolean special; /* add the special tokens of the template (CLS, SEP, start, end) */
    gsize max_tokens; /* cut to this many, special tokens kept, the longer of two texts first; 0: no
                         limit */
} jd_encode_request;

/**
 * Appends the ids of the text (invalid UTF-8 is replaced by U+FFFD first) to `ids` (GArray of
 * gint32) and, where it is not NULL, each token's segment (0 or 1) to `types` (GArray of gint32).
 * Thread-safe on one tokenizer.
 */
void jd_tokenizer_encode(const jd_tokenizer *tokenizer, const jd_encode_request *request,
                         GArray *ids, GArray *types);

gint32 jd_tokenizer_id(const jd_tokenizer *tokenizer, const char *token); /* -1 where unknown */
gsize jd_tokenizer_size(const jd_tokenizer *tokenizer);                   /* ids run below this */
gint32 jd_tokenizer_pad_id(const jd_tokenizer *tokenizer);                /* -1 without one */

#endif
