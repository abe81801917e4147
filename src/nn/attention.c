#include "nn/attention.h"

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/vector_math.h"

#include <stdlib.h>
#include <string.h>

/* Queries are taken six at a time, keys and columns sixteen: 6 x 16 sums fit a CPU's vector
 * registers. */
enum { TILE_ROWS = 6, TILE_COLUMNS = 16, ALIGN = 64 };

/* One head's working memory. */
typedef struct head_memory {
    float *keys;       /* k transposed: head_size x padded */
    float *values;     /* v copied: keys x padded_size */
    float *scores;     /* TILE_ROWS x padded */
    gsize padded;      /* number of keys, rounded up to TILE_COLUMNS */
    gsize padded_size; /* head_size, rounded up */
    void *block;
} head_memory;

static gsize round_up(gsize n)
{
    return (n + TILE_COLUMNS - 1) / TILE_COLUMNS * TILE_COLUMNS;
}

static gboolean head_memory_init(head_memory *memory, const jd_attention *a)
{
    memory->padded = round_up(a->keys);
    memory->padded_size = round_up((gsize)a->head_size);
    const gsize keys = (gsize)a->head_size * memory->padded;
    const gsize values = a->keys * memory->padded_size;
    const gsize scores = TILE_ROWS * memory->padded;
    const gsize bytes = (keys + values + scores + ALIGN) * sizeof(float);
    memory->block = aligned_alloc(ALIGN, (bytes + ALIGN - 1) / ALIGN * ALIGN);
    if (!memory->block)
        return FALSE;
    memory->keys = memory->block;
    memory->values = memory->keys + keys;
    memory->scores = memory->values + values;
    return TRUE;
}

static void load_head(const jd_attention *a, int head, head_memory *memory)
{
    const gsize size = (gsize)a->head_size;
    memset(memory->values, 0, a->keys * memory->padded_size * sizeof(float));
    for (gsize j = 0; j < memory->padded; j++) {
        float *key = memory->keys + j / TILE_COLUMNS * size * TILE_COLUMNS + j % TILE_COLUMNS;
        const float *k = a->k + MIN(j, a->keys - 1) * a->kv_stride + (gsize)head * size;
        for (gsize d = 0; d < size; d++)
            key[d * TILE_COLUMNS] = k[d];
    }
    for (gsize d = 0; d < size; d += TILE_COLUMNS) {
        float *strip = memory->values + d * a->keys;
        const gsize bytes = MIN(TILE_COLUMNS, size - d) * sizeof(float);
        for (gsize j = 0; j < a->keys; j++)
            memcpy(strip + j * TILE_COLUMNS, a->v + j * a->kv_stride + (gsize)head * size + d,
                   bytes);
    }
}

/* out[6 x 16] = rows[6 x n] * strip[n x 16] */
static inline __attribute__((always_inline)) void tile(const float *const rows[TILE_ROWS], gsize n,
                                                       const float *strip,
                                                       float out[TILE_ROWS][TILE_COLUMNS])
{
    float sum[TILE_ROWS][TILE_COLUMNS];
    for (int r = 0; r < TILE_ROWS; r++)
        for (int c = 0; c < TILE_COLUMNS; c++)
            sum[r][c] = 0;
    for (gsize d = 0; d < n; d++) {
        for (int r = 0; r < TILE_ROWS; r++) {
            const float x = rows[r][d];
#pragma omp simd
            for (int c = 0; c < TILE_COLUMNS; c++)
                sum[r][c] += x * strip[d * TILE_COLUMNS + (gsize)c];
        }
    }
    for (int r = 0; r < TILE_ROWS; r++)
        for (int c = 0; c < TILE_COLUMNS; c++)
            out[r][c] = sum[r][c];
}

static inline __attribute__((always_inline)) void softmax(float *scores, gsize first, gsize last,
                                                          gsize keys)
{
    float peak = scores[first];
#pragma omp simd reduction(max : peak)
    for (gsize j = first; j < last; j++)
        peak = scores[j] > peak ? scores[j] : peak;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (gsize j = first; j < last; j++) {
        scores[j] = jd_expf(scores[j] - peak);
        sum += scores[j];
    }
    const float inverse = 1 / sum;
    for (gsize j = first; j < last; j++)
        scores[j] *= inverse;
    for (gsize j = 0; j < first; j++)
        scores[j] = 0;
    for (gsize j = last; j < keys; j++)
        scores[j] = 0;
}

/* Which keys a query sees: [*first, *last). */
static void visible_keys(const jd_attention *a, gsize query, gsize *first, gsize *last)
{
    *first = 0;
    *last = a->keys;
    if (a->window > 0) {
        const gsize window = (gsize)a->window;
        *first = query > window ? query - window : 0;
        *last = MIN(a->keys, query + window + 1);
    }
    if (a->causal)
        *last = MIN(*last, query + 1);
}

JD_MULTIVERSION
static void attend(const jd_attention *a, int head, gsize query, head_memory *memory)
{
    const gsize size = (gsize)a->head_size;
    const gsize count = MIN(a->queries - query, TILE_ROWS);
    const float *rows[TILE_ROWS];
    float out[TILE_ROWS][TILE_COLUMNS];
    for (gsize r = 0; r < TILE_ROWS; r++)
        rows[r] = a->q + (query + MIN(r, count - 1)) * a->q_stride + (gsize)head * size;
    for (gsize j = 0; j < memory->padded; j += TILE_COLUMNS) {
        tile(rows, size, memory->keys + j * size, out);
        for (gsize r = 0; r < TILE_ROWS; r++)
            for (int c = 0; c < TILE_COLUMNS; c++)
                memory->scores[r * memory->padded + j + (gsize)c] = out[r][c] * a->scale;
    }
    for (gsize r = 0; r < count; r++) {
        gsize first;
        gsize last;
        float *scores = memory->scores + r * memory->padded;
        visible_keys(a, a->first_query + query + r, &first, &last);
        if (a->bias)
            for (gsize j = first; j < last; j++)
                scores[j] +=
                    a->bias[((gsize)head * a->keys + a->first_query + query + r) * a->keys + j];
        softmax(scores, first, last, a->keys);
    }
    for (gsize r = 0; r < TILE_ROWS; r++)
        rows[r] = memory->scores + MIN(r, count - 1) * memory->padded;
    for (gsize d = 0; d < size; d += TILE_COLUMNS) {
        tile(rows, a->keys, memory->values + d * a->keys, out);
        for (gsize r = 0; r < count; r++)
            memcpy(a->out + (query + r) * a->out_stride + (gsize)head * size + d, out[r],
                   MIN(TILE_COLUMNS, size - d) * sizeof(float));
    }
}

gboolean jd_attention_run(const jd_attention *attention, GError **error)
{
    gboolean ok = TRUE;
#pragma omp parallel for schedule(dynamic) reduction(&& : ok) if (attention->queries > 8)
    for (int head = 0; head < attention->heads; head++) {
        head_memory memory;
        if (!head_memory_init(&memory, attention)) {
            ok = FALSE;
            continue;
        }
        load_head(attention, head, &memory);
        for (gsize query = 0; query < attention->queries; query += TILE_ROWS)
            attend(attention, head, query, &memory);
        free(memory.block);
    }
    if (!ok)
        jd_set_error(error, JD_ERROR_LIMIT, NULL,
                     "not enough memory for attention over %" G_GSIZE_FORMAT " tokens",
                     attention->keys);
    return ok;
}
