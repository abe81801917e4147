/* The innermost loops of int16.c, for each kind of CPU. */
#ifndef JD_NN_INT16_TILE_H
#define JD_NN_INT16_TILE_H

#include <glib.h>

enum {
    JD_TILE_ROWS = 6,
    JD_TILE_COLUMNS = 16, /* of a panel */
    JD_TILE_STEP = 4      /* the number of inputs is a multiple of it */
};

typedef struct jd_tile {
    const gint16 *x; /* rows, `stride` numbers apart */
    gsize stride;
    int rows;            /* 1 to JD_TILE_ROWS */
    const gint16 *panel; /* [inputs / 2][JD_TILE_COLUMNS][2], 64-byte aligned */
    gsize inputs;
    gint32 *sums; /* rows x JD_TILE_COLUMNS, 64-byte aligned: added to */
} jd_tile;

typedef void (*jd_tile_run)(const jd_tile *tile);

/** The fastest for a CPU by its oneDNN name (product.h); NULL where there is none. */
jd_tile_run jd_tile_find(const char *isa);

/** Whether this CPU runs it at nearly twice the rate of 32-bit floats. */
gboolean jd_tile_is_fast(const char *isa);

#endif
