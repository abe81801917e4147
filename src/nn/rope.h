/*
 * Rotary position embeddings as transformers' rotate_half has them: the first half of a head's
 * numbers pairs with the second, pair i of row p turns by p * theta^(-2 i / head_size).
 */
#ifndef JD_NN_ROPE_H
#define JD_NN_ROPE_H

#include <glib.h>

typedef struct jd_rope {
    float theta;
    int heads, head_size;
    gsize rows;
    gsize first;  /* position of the first row */
    gsize stride; /* floats from row to row */
} jd_rope;

void jd_rope_run(const jd_rope *rope, float *x);

#endif
