#include "read/worker/resize_kernel.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef gint32 v4i __attribute__((vector_size(16)));
typedef guint8 v4u __attribute__((vector_size(4)));

static inline guint8 clip(gint32 sum)
{
    return (guint8)CLAMP(sum >> JD_RESIZE_PRECISION, 0, 255);
}

/* Adds `count` pixels, weighted, to the sums of the four channels. */
static inline v4i add_pixels(v4i sum, const guint8 *pixel, const gint32 *weights, int count)
{
    for (int i = 0; i < count; i++, pixel += 4) {
        v4u colour;
        memcpy(&colour, pixel, sizeof colour);
        sum += __builtin_convertvector(colour, v4i) * weights[i];
    }
    return sum;
}

static void filter_row(const jd_kernel *kernel, const guint8 *in, guint8 *out)
{
    for (int x = 0; x < kernel->count; x++) {
        v4i sum = {JD_RESIZE_HALF, JD_RESIZE_HALF, JD_RESIZE_HALF, JD_RESIZE_HALF};
        sum = add_pixels(sum, in + (gsize)kernel->first[x] * 4,
                         kernel->weights + (gsize)x * kernel->taps, kernel->used[x]);
        for (int c = 0; c < 4; c++)
            out[x * 4 + c] = clip(sum[c]);
    }
}

/* Bytes side by side whose sums are kept at once: a stretch that stays in the first cache. */
#define RUN 256

static inline __attribute__((always_inline)) void
column_body(const jd_kernel *kernel, int y, const guint8 *in, gsize stride, guint8 *out)
{
    const gint32 *weights = kernel->weights + (gsize)y * kernel->taps;
    for (gsize at = 0; at < stride; at += RUN) {
        gint32 sums[RUN];
        gsize run = MIN(RUN, stride - at);
        for (int i = 0; i < RUN; i++)
            sums[i] = JD_RESIZE_HALF;
        for (int t = 0; t < kernel->used[y]; t++) {
            const guint8 *row = in + (gsize)t * stride + at;
            if (run == RUN)
                for (int i = 0; i < RUN; i++)
                    sums[i] += row[i] * weights[t];
            else
                for (gsize i = 0; i < run; i++)
                    sums[i] += row[i] * weights[t];
        }
        for (gsize i = 0; i < run; i++)
            out[at + i] = clip(sums[i]);
    }
}

static void filter_column(const jd_kernel *kernel, int y, const guint8 *in, gsize stride,
                          guint8 *out)
{
    column_body(kernel, y, in, stride, out);
}

#if defined(__x86_64__)

/*
 * Multiplying 32 by 32 bits is slow, and 16 by 16 adds up pairs for free: each weight goes in two
 * parts, whose sums are put together at the end. Sums may wrap on the way; modulo 2^32 the result
 * is that of the portable loop, which does not wrap.
 */
__attribute__((target("avx2"))) static void filter_row_avx2(const jd_kernel *kernel,
                                                            const guint8 *in, guint8 *out)
{
    /* r0 g0 b0 a0 r1 ... to r0 r1 g0 g1 b0 b1 a0 a1 r2 r3 ... */
    const __m128i pairs = _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
    const __m256i low_parts = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    const __m256i high_parts = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
    for (int x = 0; x < kernel->count; x++) {
        const guint8 *pixel = in + (gsize)kernel->first[x] * 4;
        const gint16 *group = kernel->split + (gsize)x * (kernel->taps / 4) * 8;
        int grouped = kernel->used[x] / 4 * 4;
        __m256i low = _mm256_setzero_si256();
        __m256i high = _mm256_setzero_si256();
        for (int i = 0; i < grouped; i += 4, pixel += 16, group += 8) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)pixel);
            __m256i colours = _mm256_cvtepu8_epi16(_mm_shuffle_epi8(bytes, pairs));
            __m256i weights = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)group));
            __m256i lows = _mm256_permutevar8x32_epi32(weights, low_parts);
            __m256i highs = _mm256_permutevar8x32_epi32(weights, high_parts);
            low = _mm256_add_epi32(low, _mm256_madd_epi16(colours, lows));
            high = _mm256_add_epi32(high, _mm256_madd_epi16(colours, highs));
        }
        __m256i both = _mm256_add_epi32(low, _mm256_slli_epi32(high, JD_RESIZE_LOW_BITS));
        __m128i whole =
            _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
        v4i sum = (v4i)_mm_add_epi32(whole, _mm_set1_epi32(JD_RESIZE_HALF));
        sum = add_pixels(sum, pixel, kernel->weights + (gsize)x * kernel->taps + grouped,
                         kernel->used[x] - grouped);
        for (int c = 0; c < 4; c++)
            out[x * 4 + c] = clip(sum[c]);
    }
}

/* The loop as it is, for the compiler to make AVX2 of: the baseline has no multiplication of four
 * 32-bit numbers. */
__attribute__((target("avx2"))) static void
filter_column_avx2(const jd_kernel *kernel, int y, const guint8 *in, gsize stride, guint8 *out)
{
    column_body(kernel, y, in, stride, out);
}

#endif

jd_resize_filters jd_resize_filters_portable(void)
{
    return (jd_resize_filters){filter_row, filter_column};
}

jd_resize_filters jd_resize_filters_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return (jd_resize_filters){filter_row_avx2, filter_column_avx2};
#endif
    return jd_resize_filters_portable();
}
