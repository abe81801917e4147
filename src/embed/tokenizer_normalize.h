/* Normalizers: what a tokenizer does to a text before it cuts it into words. */
#ifndef JD_EMBED_TOKENIZER_NORMALIZE_H
#define JD_EMBED_TOKENIZER_NORMALIZE_H

#include "embed/tokenizer_text.h"

#include <jansson.h>

/** A chain of them; none where the tokenizer has none. */
typedef struct jd_normalizer jd_normalizer;

/**
 * From "normalizer" of tokenizer.json (NULL or null: none). `charsmaps` holds the maps of
 * Precompiled normalizers, which name theirs by {"offset","size"}, and must outlive it.
 */
jd_normalizer *jd_normalizer_new(const json_t *json, GBytes *charsmaps, GError **error);
void jd_normalizer_free(jd_normalizer *normalizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_normalizer, jd_normalizer_free)

void jd_normalizer_run(const jd_normalizer *normalizer, jd_text_buffer *buffer);

#endif
