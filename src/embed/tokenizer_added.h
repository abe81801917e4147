/* Added tokens: texts that are tokens wherever they stand, such as "<s>" and "[MASK]". */
#ifndef JD_EMBED_TOKENIZER_ADDED_H
#define JD_EMBED_TOKENIZER_ADDED_H

#include "embed/tokenizer_normalize.h"
#include "embed/tokenizer_vocab.h"

typedef struct jd_added jd_added;

/** A part of a text. */
typedef struct jd_segment {
    gsize start, end;
    gint32 id; /* of the added token that it is; -1: none */
} jd_segment;

/** From "added_tokens" of tokenizer.json (may be NULL). Ids are those of the vocabulary; others
 * follow it in the order of the list, whatever "id" says: so the reference. */
jd_added *jd_added_new(const json_t *list, const jd_vocab *vocab, const jd_normalizer *normalizer,
                       GError **error);
void jd_added_free(jd_added *added);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_added, jd_added_free)

/** Appends the text's parts to `segments` (GArray of jd_segment). First the tokens that are looked
 * for in the text as it is, later (`normalized`) those that are in the normalized one. */
void jd_added_split(const jd_added *added, gboolean normalized, const char *text, gsize length,
                    GArray *segments);

gint32 jd_added_find(const jd_added *added, const char *token); /* -1 where it is none */
gint32 jd_added_end(const jd_added *added);                     /* the ids are below this */

#endif
