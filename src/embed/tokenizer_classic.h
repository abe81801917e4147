/* Folders from before tokenizer.json: the JSON that transformers' converters would have made. */
#ifndef JD_EMBED_TOKENIZER_CLASSIC_H
#define JD_EMBED_TOKENIZER_CLASSIC_H

#include <glib.h>
#include <jansson.h>

/** Where the special tokens are named; either may be NULL. */
typedef struct jd_special_tokens {
    const json_t *config; /* tokenizer_config.json */
    const json_t *map;    /* special_tokens_map.json */
} jd_special_tokens;

/** The value of "pad_token", ...: a string or an object with "content"; NULL where it is none. */
const json_t *jd_special_token(const jd_special_tokens *tokens, const char *key);

/** From vocab.json and merges.txt: CLIP's (with "</w>") or RoBERTa's. NULL without an error where
 * they are not there. */
json_t *jd_classic_from_merges(const char *folder, const jd_special_tokens *tokens, GError **error);
/** From vocab.txt: BERT's or MPNet's. The same. */
json_t *jd_classic_from_lines(const char *folder, const jd_special_tokens *tokens, GError **error);

#endif
