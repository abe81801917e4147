#include "store/scan/kernel.h"

static void dots_portable(const jd_scan_codes *codes, const gint16 *query, gint32 *dots)
{
    for (gsize r = 0; r < codes->rows; r++) {
        const gint8 *row = codes->codes + r * codes->stride;
        gint32 sum = 0;
        for (gsize i = 0; i < codes->stride; i++)
            sum += row[i] * query[i];
        dots[r] = sum;
    }
}

static gboolean always(void)
{
    return TRUE;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/*
 * One shape for all: widen 16 or 32 codes to 16 bits, multiply with the query, add neighbouring
 * products into 32 bits. VNNI adds them to the sum in the same instruction.
 */

#define AVX2 __attribute__((target("avx2")))
#define AVX_VNNI __attribute__((target("avx2,avxvnni")))
#define AVX512_VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vnni")))

/* Codes so far ahead are asked of the memory: processors that fetch ahead by themselves do it too
 * late for rows that are done with so soon (8% of the time on Zen 3). */
enum { AHEAD = 1024 };

AVX2 static void fetch_ahead(const gint8 *codes)
{
    _mm_prefetch((const char *)codes + AHEAD, _MM_HINT_T0);
}

AVX2 static __m256i widen(const gint8 *codes)
{
    return _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)(const void *)codes));
}

AVX2 static __m256i load(const gint16 *query)
{
    return _mm256_load_si256((const __m256i *)(const void *)query);
}

AVX2 static gint32 add_lanes(__m256i a, __m256i b)
{
    __m256i both = _mm256_add_epi32(a, b);
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
    return _mm_cvtsi128_si32(sum);
}

AVX2 static __m256i add_avx2(__m256i sum, const gint8 *codes, const gint16 *query)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(widen(codes), load(query)));
}

AVX2 static void dots_avx2(const jd_scan_codes *codes, const gint16 *query, gint32 *dots)
{
    for (gsize r = 0; r < codes->rows; r++) {
        const gint8 *row = codes->codes + r * codes->stride;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (gsize i = 0; i < codes->stride; i += JD_SCAN_STEP) {
            fetch_ahead(row + i);
            a = add_avx2(a, row + i, query + i);
            b = add_avx2(b, row + i + 16, query + i + 16);
            a = add_avx2(a, row + i + 32, query + i + 32);
            b = add_avx2(b, row + i + 48, query + i + 48);
        }
        dots[r] = add_lanes(a, b);
    }
}

static gboolean has_avx2(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}

AVX_VNNI
static __m256i add_avx_vnni(__m256i sum, const gint8 *codes, const gint16 *query)
{
    return _mm256_dpwssd_avx_epi32(sum, widen(codes), load(query));
}

AVX_VNNI
static void dots_avx_vnni(const jd_scan_codes *codes, const gint16 *query, gint32 *dots)
{
    for (gsize r = 0; r < codes->rows; r++) {
        const gint8 *row = codes->codes + r * codes->stride;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (gsize i = 0; i < codes->stride; i += JD_SCAN_STEP) {
            fetch_ahead(row + i);
            a = add_avx_vnni(a, row + i, query + i);
            b = add_avx_vnni(b, row + i + 16, query + i + 16);
            a = add_avx_vnni(a, row + i + 32, query + i + 32);
            b = add_avx_vnni(b, row + i + 48, query + i + 48);
        }
        dots[r] = add_lanes(a, b);
    }
}

/* Intel's manual, CPUID: leaf 7, subleaf 1, EAX bit 4. */
static gboolean has_avx_vnni(void)
{
    enum { LEAF = 7, SUBLEAF = 1, BIT = 1 << 4 };
    unsigned a = 0, b, c, d;
    return has_avx2() && __get_cpuid_count(LEAF, SUBLEAF, &a, &b, &c, &d) && (a & BIT) != 0;
}

AVX512_VNNI
static __m512i add_avx512_vnni(__m512i sum, const gint8 *codes, const gint16 *query)
{
    __m256i narrow = _mm256_load_si256((const __m256i *)(const void *)codes);
    return _mm512_dpwssd_epi32(sum, _mm512_cvtepi8_epi16(narrow), _mm512_load_si512(query));
}

AVX512_VNNI
static void dots_avx512_vnni(const jd_scan_codes *codes, const gint16 *query, gint32 *dots)
{
    for (gsize r = 0; r < codes->rows; r++) {
        const gint8 *row = codes->codes + r * codes->stride;
        __m512i a = _mm512_setzero_si512(), b = a;
        for (gsize i = 0; i < codes->stride; i += JD_SCAN_STEP) {
            fetch_ahead(row + i);
            a = add_avx512_vnni(a, row + i, query + i);
            b = add_avx512_vnni(b, row + i + 32, query + i + 32);
        }
        dots[r] = _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
    }
}

static gboolean has_avx512_vnni(void)
{
    return __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vnni") != 0;
}
#endif

static const jd_scan_kernel kernels[] = {
#if defined(__x86_64__)
    {"avx512-vnni", dots_avx512_vnni, has_avx512_vnni},
    {"avx-vnni", dots_avx_vnni, has_avx_vnni},
    {"avx2", dots_avx2, has_avx2},
#endif
    {"portable", dots_portable, always},
};

const jd_scan_kernel *jd_scan_kernels(gsize *n)
{
    *n = G_N_ELEMENTS(kernels);
    return kernels;
}

const jd_scan_kernel *jd_scan_kernel_best(void)
{
    const jd_scan_kernel *kernel = kernels;
    while (!kernel->supported())
        kernel++;
    return kernel;
}
