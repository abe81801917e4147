/*
 * Pieces: what chunks are packed from. A sentence, a whole list, table or code block, or, where
 * such a block is too long, a run of its lines.
 */
#ifndef JD_CHUNK_PIECE_H
#define JD_CHUNK_PIECE_H

#include "read/document.h"

typedef struct jd_piece {
    const jd_block *block;
    gsize start, end;  /* bytes of block->text; white space behind the piece is part of it */
    gsize header;      /* so many bytes of the block's start are repeated in front (a table's first
                          row); 0: none */
    guint chars;       /* characters of the piece, header included */
    gboolean sentence; /* part of a paragraph: may be repeated as overlap */
    gboolean glued;    /* stays with the piece behind it */
} jd_piece;

typedef struct jd_piece_limits {
    guint target; /* characters: what a split block's pieces are filled up to */
    guint max;    /* characters: no piece, and no run of glued pieces, is longer; >= target */
} jd_piece_limits;

/**
 * Appends the pieces of `blocks` (jd_block *, one section, pictures left out) to `pieces` (GArray
 * of jd_piece). Together they hold every character of the blocks' text.
 */
void jd_pieces_make(GArray *pieces, const GPtrArray *blocks, const jd_piece_limits *limits);

#endif
