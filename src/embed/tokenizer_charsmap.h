/*
 * SentencePiece's precompiled_charsmap: a double-array trie (Darts) of UTF-8 strings, each leading
 * to its replacement. Format: u32 size of the trie in bytes, the trie's u32 units, then the
 * replacements, each ended by NUL; little-endian.
 */
#ifndef JD_EMBED_TOKENIZER_CHARSMAP_H
#define JD_EMBED_TOKENIZER_CHARSMAP_H

#include "embed/tokenizer_text.h"

typedef struct jd_charsmap {
    const guint32 *units;
    gsize unit_count;
    const char *strings;
    gsize strings_length;
    gboolean plain[128]; /* ASCII characters that are not replaced */
} jd_charsmap;

/** Reads a map; `data` (at a multiple of 4) must outlive it. */
gboolean jd_charsmap_open(const void *data, gsize size, jd_charsmap *map, GError **error);

/** Replaces grapheme clusters of less than 6 bytes as a whole, others character by character; of a
 * cluster that begins with something known, what follows that is lost: so the reference. */
void jd_charsmap_apply(const jd_charsmap *map, jd_text_buffer *buffer);

#endif
