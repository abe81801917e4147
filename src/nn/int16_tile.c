#include "nn/int16_tile.h"

#include <string.h>

#ifdef __x86_64__

#include <immintrin.h>

/*
 * Sums of 6 x 16 numbers fill twelve of AVX2's sixteen registers. Each step multiplies a pair of
 * inputs of each row with that pair's weights of all columns. The number of rows is a constant in
 * every copy of the loop, so that the sums stay in registers; the compilers keep them there only as
 * vectors of their own, not as __m256i.
 */
typedef gint32 eight __attribute__((vector_size(32)));
typedef gint32 sixteen __attribute__((vector_size(64)));

/* Two inputs of a row. */
static inline __attribute__((always_inline)) gint32 load_pair(const gint16 *x)
{
    gint32 pair;
    memcpy(&pair, x, sizeof pair);
    return pair;
}

/* `multiply_add` gives sum + pairs of x times pairs of w. */
#define AVX2_TILE(name, isa, multiply_add)                                                         \
    __attribute__((always_inline, target(isa))) static inline void name(const jd_tile *t,          \
                                                                        const int rows)            \
    {                                                                                              \
        eight sum[JD_TILE_ROWS][2];                                                                \
        const gint16 *x[JD_TILE_ROWS];                                                             \
        _Pragma("GCC unroll 6") for (int r = 0; r < rows; r++)                                     \
        {                                                                                          \
            x[r] = t->x + (gsize)r * t->stride;                                                    \
            memcpy(&sum[r][0], t->sums + r * JD_TILE_COLUMNS, sizeof sum[r][0]);                   \
            memcpy(&sum[r][1], t->sums + r * JD_TILE_COLUMNS + 8, sizeof sum[r][1]);               \
        }                                                                                          \
        for (gsize k = 0; k < t->inputs; k += 2) {                                                 \
            const gint16 *w = t->panel + k * JD_TILE_COLUMNS;                                      \
            const __m256i left = _mm256_load_si256((const __m256i *)(const void *)w);              \
            const __m256i right = _mm256_load_si256((const __m256i *)(const void *)(w + 16));      \
            __builtin_prefetch(w + t->inputs * JD_TILE_COLUMNS);                                   \
            _Pragma("GCC unroll 6") for (int r = 0; r < rows; r++)                                 \
            {                                                                                      \
                const __m256i pair = _mm256_set1_epi32(load_pair(x[r] + k));                       \
                sum[r][0] = (eight)multiply_add((__m256i)sum[r][0], pair, left);                   \
                sum[r][1] = (eight)multiply_add((__m256i)sum[r][1], pair, right);                  \
            }                                                                                      \
        }                                                                                          \
        _Pragma("GCC unroll 6") for (int r = 0; r < rows; r++)                                     \
        {                                                                                          \
            memcpy(t->sums + r * JD_TILE_COLUMNS, &sum[r][0], sizeof sum[r][0]);                   \
            memcpy(t->sums + r * JD_TILE_COLUMNS + 8, &sum[r][1], sizeof sum[r][1]);               \
        }                                                                                          \
    }

#define AVX2_MULTIPLY_ADD(sum, x, w) _mm256_add_epi32(sum, _mm256_madd_epi16(x, w))
AVX2_TILE(avx2_tile, "avx2", AVX2_MULTIPLY_ADD)
AVX2_TILE(avx_vnni_tile, "avx2,avxvnni", _mm256_dpwssd_avx_epi32)

/* A register holds all columns; two sums of each row hide the delay of the multiplier. */
__attribute__((always_inline, target("avx512f,avx512vnni"))) static inline void
avx512_vnni_tile(const jd_tile *t, const int rows)
{
    sixteen sum[JD_TILE_ROWS][2];
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        memcpy(&sum[r][0], t->sums + r * JD_TILE_COLUMNS, sizeof sum[r][0]);
        sum[r][1] = (sixteen){0};
    }
    for (gsize k = 0; k < t->inputs; k += JD_TILE_STEP) {
        const void *w = t->panel + k * JD_TILE_COLUMNS;
        const __m512i first = _mm512_load_si512(w);
        const __m512i second = _mm512_load_si512((const __m512i *)w + 1);
#pragma GCC unroll 6
        for (int r = 0; r < rows; r++) {
            const gint16 *x = t->x + (gsize)r * t->stride;
            const __m512i a = _mm512_set1_epi32(load_pair(x + k));
            const __m512i b = _mm512_set1_epi32(load_pair(x + k + 2));
            sum[r][0] = (sixteen)_mm512_dpwssd_epi32((__m512i)sum[r][0], a, first);
            sum[r][1] = (sixteen)_mm512_dpwssd_epi32((__m512i)sum[r][1], b, second);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; r++) {
        const sixteen both = sum[r][0] + sum[r][1];
        memcpy(t->sums + r * JD_TILE_COLUMNS, &both, sizeof both);
    }
}

/* One copy of the loop for each number of rows. */
#define BY_ROWS(name, isa, tile)                                                                   \
    __attribute__((target(isa))) static void name(const jd_tile *t)                                \
    {                                                                                              \
        switch (t->rows) {                                                                         \
        case 1:                                                                                    \
            tile(t, 1);                                                                            \
            break;                                                                                 \
        case 2:                                                                                    \
            tile(t, 2);                                                                            \
            break;                                                                                 \
        case 3:                                                                                    \
            tile(t, 3);                                                                            \
            break;                                                                                 \
        case 4:                                                                                    \
            tile(t, 4);                                                                            \
            break;                                                                                 \
        case 5:                                                                                    \
            tile(t, 5);                                                                            \
            break;                                                                                 \
        default:                                                                                   \
            tile(t, JD_TILE_ROWS);                                                                 \
        }                                                                                          \
    }

BY_ROWS(run_avx2, "avx2", avx2_tile)
BY_ROWS(run_avx_vnni, "avx2,avxvnni", avx_vnni_tile)
BY_ROWS(run_avx512_vnni, "avx512f,avx512vnni", avx512_vnni_tile)

jd_tile_run jd_tile_find(const char *isa)
{
    static const struct {
        const char *isa;
        jd_tile_run run;
    } runs[] = {{"avx2", run_avx2},
                {"avx2_vnni", run_avx_vnni},
                {"avx512_core_vnni", run_avx512_vnni},
                {"avx512_core_bf16", run_avx512_vnni},
                {"avx512_core_amx", run_avx512_vnni}};
    for (gsize i = 0; i < G_N_ELEMENTS(runs); i++)
        if (strcmp(runs[i].isa, isa) == 0)
            return runs[i].run;
    return NULL;
}

/*
 * With VNNI a product and its sum are one instruction, of twice the numbers that a product of
 * floats takes. With AVX2 alone they are two: as many a cycle as products of floats only where two
 * units multiply and others add, as in AMD's family 19h (Zen 3). Intel's AVX2 and older Zen have
 * fewer.
 */
gboolean jd_tile_is_fast(const char *isa)
{
    if (!jd_tile_find(isa))
        return FALSE;
    return strcmp(isa, "avx2") != 0 || __builtin_cpu_is("amdfam19h");
}

#else

gboolean jd_tile_is_fast(const char *isa)
{
    return FALSE;
}

jd_tile_run jd_tile_find(const char *isa)
{
    return NULL;
}

#endif
