#include "store/dot.h"

#include <math.h>

/* Several sums at once hide the latency of an addition. */
enum { SUMS = 4 };

double jd_dot_portable(const double *query, const float *vector, gsize n)
{
    double sums[SUMS] = {0};
    gsize i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int s = 0; s < SUMS; s++)
            sums[s] += query[i + s] * (double)vector[i + s];
    double total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; i < n; i++)
        total += query[i] * (double)vector[i];
    return total;
}

double jd_square_sum(const float *vector, gsize n)
{
    double sums[SUMS] = {0};
    gsize i = 0;
    for (; i + SUMS <= n; i += SUMS)
        for (int s = 0; s < SUMS; s++)
            sums[s] += (double)vector[i + s] * (double)vector[i + s];
    double total = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (; i < n; i++)
        total += (double)vector[i] * (double)vector[i];
    return total;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,fma"))) static __m256d add_product(__m256d sum, const double *query,
                                                               const float *vector)
{
    return _mm256_fmadd_pd(_mm256_loadu_pd(query), _mm256_cvtps_pd(_mm_loadu_ps(vector)), sum);
}

__attribute__((target("avx2,fma"))) static double dot_avx2(const double *query, const float *vector,
                                                           gsize n)
{
    enum { LANES = 4, STEP = SUMS * LANES };
    __m256d a = _mm256_setzero_pd(), b = a, c = a, d = a;
    gsize i = 0;
    for (; i + STEP <= n; i += STEP) {
        a = add_product(a, query + i, vector + i);
        b = add_product(b, query + i + LANES, vector + i + LANES);
        c = add_product(c, query + i + 2 * LANES, vector + i + 2 * LANES);
        d = add_product(d, query + i + 3 * LANES, vector + i + 3 * LANES);
    }
    double lanes[LANES];
    _mm256_storeu_pd(lanes, _mm256_add_pd(_mm256_add_pd(a, b), _mm256_add_pd(c, d)));
    double total = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    for (; i < n; i++)
        total += query[i] * (double)vector[i];
    return total;
}
#endif

jd_dot_fn jd_dot_best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return dot_avx2;
#endif
    return jd_dot_portable;
}

void jd_wide_query_init(jd_wide_query *query, const float *vector, gsize dimension)
{
    *query = (jd_wide_query){.values = g_new(double, dimension),
                             .dimension = dimension,
                             .norm = sqrt(jd_square_sum(vector, dimension)),
                             .dot = jd_dot_best()};
    for (gsize i = 0; i < dimension; i++)
        query->values[i] = vector[i];
}

void jd_wide_query_clear(jd_wide_query *query)
{
    g_clear_pointer(&query->values, g_free);
}

double jd_wide_query_dot(const jd_wide_query *query, const float *vector)
{
    return query->dot(query->values, vector, query->dimension);
}

double jd_wide_query_cosine(const jd_wide_query *query, const float *vector)
{
    double norm = sqrt(jd_square_sum(vector, query->dimension));
    return norm > 0 ? jd_wide_query_dot(query, vector) / (norm * query->norm) : 0;
}
