/* The merges of a BPE: which pair of tokens becomes which token, and in which order. */
#ifndef JD_EMBED_TOKENIZER_MERGES_H
#define JD_EMBED_TOKENIZER_MERGES_H

#include "embed/tokenizer_hash.h"
#include "embed/tokenizer_vocab.h"

#include <jansson.h>

typedef struct jd_merge_slot {
    guint32 left, right;
    guint32 rank; /* JD_NO_MERGE: an empty slot */
} jd_merge_slot;

#define JD_NO_MERGE G_MAXUINT32

/** A view of the tables MERGE_SLOTS and MERGE_IDS. */
typedef struct jd_merges {
    const jd_merge_slot *slots;
    const guint32 *ids; /* by rank */
    guint32 mask;
} jd_merges;

/**
 * Makes the tables from "merges": ["a b", ...] or [["a","b"], ...]. `prefix_length` bytes of the
 * right part are dropped in what a merge makes (continuing_subword_prefix). Parts and results that
 * are no tokens are JD_ERROR_INVALID.
 */
gboolean jd_merges_compile(const json_t *merges, const jd_vocab *vocab, gsize prefix_length,
                           jd_tables *tables, GError **error);
void jd_merges_open(const jd_tables *tables, jd_merges *merges);

static inline gsize jd_merges_hash(guint32 left, guint32 right)
{
    return jd_hash_mix((guint64)left << 32 | right);
}

/** The rank of a pair, or JD_NO_MERGE. */
static inline guint32 jd_merges_rank(const jd_merges *merges, guint32 left, guint32 right)
{
    gsize at = jd_merges_hash(left, right) & merges->mask;
    while (merges->slots[at].rank != JD_NO_MERGE &&
           (merges->slots[at].left != left || merges->slots[at].right != right))
        at = (at + 1) & merges->mask;
    return merges->slots[at].rank;
}

#endif
