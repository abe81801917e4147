/* Packs the pieces of one section into chunks. */
#ifndef JD_CHUNK_PACK_H
#define JD_CHUNK_PACK_H

#include "chunk/piece.h"

typedef struct jd_pack_options {
    guint target;  /* characters that a chunk is filled up to */
    guint overlap; /* characters, at most, that a chunk repeats of the one before it */
    guint max;     /* characters that no chunk exceeds */
} jd_pack_options;

/** A chunk: pieces first <= i < end; those before `own` repeat the end of the chunk before. */
typedef struct jd_span {
    guint first, own, end;
} jd_span;

/** Appends the chunks of `pieces` (GArray of jd_piece) to `spans` (GArray of jd_span). */
void jd_pack(GArray *spans, const GArray *pieces, const jd_pack_options *options);

/** The text of a chunk, blocks separated by an empty line. */
char *jd_span_text(const jd_span *span, const GArray *pieces);

#endif
