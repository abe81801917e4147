/*
 * Text to token ids, equal to the Hugging Face `tokenizers` library: CLIP's and ModernBERT's
 * byte-level BPE, BERT's WordPiece, XLM-R's and SigLIP's Unigram, Gemma's BPE with byte fallback,
 * from tokenizer.json; or from vocab.json with merges.txt (CLIP), or vocab.txt (BERT).
 */
#ifndef JD_EMBED_TOKENIZER_H
#define JD_EMBED_TOKENIZER_H

#include <glib.h>

typedef struct jd_tokenizer jd_tokenizer;

/** Reads the tokenizer of a model folder. Whatever it holds that Jackdaw does not know is
 * JD_ERROR_UNSUPPORTED, naming it. */
jd_tokenizer *jd_tokenizer_load(const char *folder, GError **error);
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
