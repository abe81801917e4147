/* Pre-tokenizers: how a normalized text is cut into the words that the model sees. */
#ifndef JD_EMBED_TOKENIZER_SPLIT_H
#define JD_EMBED_TOKENIZER_SPLIT_H

#include "embed/tokenizer_text.h"

#include <jansson.h>

/** A chain of them; none where the tokenizer has none: the text is one word. */
typedef struct jd_splitter jd_splitter;

/** From "pre_tokenizer" of tokenizer.json (NULL or null: none). */
jd_splitter *jd_splitter_new(const json_t *json, GError **error);
void jd_splitter_free(jd_splitter *splitter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_splitter, jd_splitter_free)

void jd_splitter_run(const jd_splitter *splitter, jd_wordlist *words);

#endif
