/* The vocabulary: tokens (any bytes of UTF-8) to ids and back. Ids may have gaps. */
#ifndef JD_EMBED_TOKENIZER_VOCAB_H
#define JD_EMBED_TOKENIZER_VOCAB_H

#include "embed/tokenizer_tables.h"

/** A view of the tables POOL, OFFSETS and SLOTS. */
typedef struct jd_vocab {
    const char *pool;
    const guint32 *offsets;
    const guint64 *slots; /* id + 1 in the low half, the hash's high half above; 0: empty */
    guint32 mask;
    guint32 size;    /* ids run below this */
    guint32 longest; /* bytes of the longest token */
} jd_vocab;

/** One token while a vocabulary is compiled; `text` NULL in a gap. */
typedef struct jd_vocab_entry {
    const char *text;
    gsize length;
} jd_vocab_entry;

/** Makes the tables from the tokens of ids 0 to `count` - 1. Of equal tokens the last one counts.
 */
gboolean jd_vocab_compile(const jd_vocab_entry *entries, gsize count, jd_tables *tables,
                          GError **error);
/** The view. */
void jd_vocab_open(const jd_tables *tables, jd_vocab *vocab);

gint32 jd_vocab_find(const jd_vocab *vocab, const char *text, gsize length); /* -1 where absent */
/** The token of an id below `size`, without NUL. */
const char *jd_vocab_token(const jd_vocab *vocab, gint32 id, gsize *length);
/** Ids of "<0x00>" to "<0xFF>"; -1 where absent. */
void jd_vocab_byte_ids(const jd_vocab *vocab, gint32 ids[256]);
/** Number of different tokens. */
gsize jd_vocab_count(const jd_vocab *vocab);

#endif
