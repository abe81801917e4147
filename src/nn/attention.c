#include "nn/attention.h"

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/vector_math.h"

#include <stdlib.h>
#include <string.h>

/* Queries are taken six at a time, keys and columns sixteen: 6 x 16 sums fit a CPU's vector
 * registers. */
enum { TILE_ROWS = 6, TILE_COLUMNS = 16, ALIGN = 64 };

#ifdef __x86_64__
enum { LANES = 8 }; /* numbers in a vector */
#else
enum { LANES = 4 };
#endif

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

/* Sixteen keys side by side, the last one repeated where they end; head_size x 16. */
JD_MULTIVERSION
static void load_keys(const jd_attention *a, const float *k, gsize first, float *strip)
{
    const float *rows[TILE_COLUMNS];
    for (gsize c = 0; c < TILE_COLUMNS; c++)
        rows[c] = k + MIN(first + c, a->keys - 1) * a->kv_stride;
    for (gsize d = 0; d < (gsize)a->head_size; d++, strip += TILE_COLUMNS)
        for (gsize c = 0; c < TILE_COLUMNS; c++)
            strip[c] = rows[c][d];
}

/* Sixteen columns of all values, or the fewer that are left and zeros; keys x 16. */
JD_MULTIVERSION
static void load_values(const jd_attention *a, const float *v, gsize columns, float *strip)
{
    for (gsize j = 0; j < a->keys; j++, v += a->kv_stride, strip += TILE_COLUMNS)
        if (columns >= TILE_COLUMNS)
            memcpy(strip, v, TILE_COLUMNS * sizeof(float));
        else
            for (gsize c = 0; c < TILE_COLUMNS; c++)
                strip[c] = c < columns ? v[c] : 0;
}

static void load_head(const jd_attention *a, int head, head_memory *memory)
{
    const gsize size = (gsize)a->head_size;
    const gsize offset = (gsize)head * size;
    for (gsize j = 0; j < memory->padded; j += TILE_COLUMNS)
        load_keys(a, a->k + offset, j, memory->keys + j * size);
    for (gsize d = 0; d < size; d += TILE_COLUMNS)
        load_values(a, a->v + offset + d, size - d, memory->values + d * a->keys);
}

/* Six rows that are multiplied with strips of sixteen columns, and where the results go. */
typedef struct tile_rows {
    const float *in[TILE_ROWS];
    float *out[TILE_ROWS];
    float scale[TILE_ROWS]; /* that the results are multiplied by */
} tile_rows;

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* out[6 x 16] = scale * in[6 x n] * strip[n x 16] */
static inline __attribute__((always_inline)) void tile(const tile_rows *rows, gsize n,
                                                       const float *strip)
{
    enum { VECTORS = TILE_COLUMNS / LANES };
    lanes sum[TILE_ROWS][VECTORS] = {0};
    for (gsize d = 0; d < n; d++) {
        lanes column[VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++)
            memcpy(&column[v], strip + d * TILE_COLUMNS + (gsize)(v * LANES), sizeof column[v]);
#pragma GCC unroll 6
        for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 4
            for (int v = 0; v < VECTORS; v++)
                sum[r][v] += rows->in[r][d] * column[v];
    }
#pragma GCC unroll 6
    for (int r = 0; r < TILE_ROWS; r++)
#pragma GCC unroll 4
        for (int v = 0; v < VECTORS; v++) {
            const lanes value = sum[r][v] * rows->scale[r];
            memcpy(rows->out[r] + v * LANES, &value, sizeof value);
        }
}

/* scores = e^(scores - peak), which is what softmax divides by their sum; returns 1 / sum. */
static inline __attribute__((always_inline)) float exponentials(float *scores, gsize n)
{
    float peak = scores[0];
#pragma omp simd reduction(max : peak)
    for (gsize j = 0; j < n; j++)
        peak = scores[j] > peak ? scores[j] : peak;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (gsize j = 0; j < n; j++) {
        scores[j] = jd_expf(scores[j] - peak);
        sum += scores[j];
    }
    return 1 / sum;
}

/* Keys from first to before last. */
typedef struct key_range {
    gsize first, last;
} key_range;

/* What the query at a place of the sequence sees. */
static key_range visible_keys(const jd_attention *a, gsize place)
{
    key_range range = {0, a->keys};
    if (a->window > 0) {
        const gsize window = (gsize)a->window;
        range.first = place > window ? place - window : 0;
        range.last = MIN(a->keys, place + window + 1);
    }
    if (a->causal)
        range.last = MIN(range.last, place + 1);
    return range;
}

/* Scores of six queries with the keys that any of them sees, in strips. */
static inline __attribute__((always_inline)) void score(const jd_attention *a, key_range range,
                                                        tile_rows *rows, head_memory *memory)
{
    const gsize size = (gsize)a->head_size;
    for (gsize j = range.first; j < range.last; j += TILE_COLUMNS) {
        for (gsize r = 0; r < TILE_ROWS; r++) {
            rows->scale[r] = a->scale;
            rows->out[r] = memory->scores + r * memory->padded + j;
        }
        tile(rows, size, memory->keys + j * size);
    }
}

/* The weights of one query: what it does not see of the range weighs nothing. Returns what the
 * weights are to be multiplied by. */
static inline __attribute__((always_inline)) float
weigh(const jd_attention *a, int head, gsize place, key_range range, float *scores)
{
    const key_range seen = visible_keys(a, place);
    if (a->bias) {
        const float *bias = a->bias + ((gsize)head * a->keys + place) * a->keys;
        for (gsize j = seen.first; j < seen.last; j++)
            scores[j] += bias[j];
    }
    for (gsize j = range.first; j < seen.first; j++)
        scores[j] = 0;
    for (gsize j = seen.last; j < range.last; j++)
        scores[j] = 0;
    return exponentials(scores + seen.first, seen.last - seen.first);
}

/* Six queries of one head, fewer at the end, where the last one is repeated. */
JD_MULTIVERSION
static void attend(const jd_attention *a, int head, gsize query, head_memory *memory)
{
    const gsize size = (gsize)a->head_size;
    const gsize count = MIN(a->queries - query, TILE_ROWS);
    const gsize place = a->first_query + query;
    key_range range = {visible_keys(a, place).first / TILE_COLUMNS * TILE_COLUMNS,
                       visible_keys(a, place + count - 1).last};
    tile_rows rows;
    for (gsize r = 0; r < TILE_ROWS; r++)
        rows.in[r] = a->q + (query + MIN(r, count - 1)) * a->q_stride + (gsize)head * size;
    score(a, range, &rows, memory);
    float spare[TILE_ROWS][TILE_COLUMNS];
    for (gsize r = 0; r < TILE_ROWS; r++) {
        float *scores = memory->scores + MIN(r, count - 1) * memory->padded;
        if (r < count)
            rows.scale[r] = weigh(a, head, place + r, range, scores);
        rows.in[r] = scores + range.first;
    }
    for (gsize d = 0; d < size; d += TILE_COLUMNS) {
        const gsize columns = MIN(TILE_COLUMNS, size - d);
        float *out = a->out + query * a->out_stride + (gsize)head * size + d;
        for (gsize r = 0; r < TILE_ROWS; r++)
            rows.out[r] = r < count && columns == TILE_COLUMNS ? out + r * a->out_stride : spare[r];
        tile(&rows, range.last - range.first,
             memory->values + d * a->keys + range.first * TILE_COLUMNS);
        for (gsize r = 0; r < count && columns < TILE_COLUMNS; r++)
            memcpy(out + r * a->out_stride, spare[r], columns * sizeof(float));
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
