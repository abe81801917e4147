#include "cli/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

static void append_feature(GString *features, gboolean there, const char *name)
{
    if (there)
        g_string_append_printf(features, "%s%s", features->len ? ", " : "", name);
}

char *jd_processor_features(void)
{
    GString *features = g_string_new(NULL);
#if defined(__x86_64__)
    append_feature(features, __builtin_cpu_supports("avx2"), "AVX2");
    append_feature(features, __builtin_cpu_supports("avx512f"), "AVX-512");
    append_feature(features, __builtin_cpu_supports("avx512vnni"), "AVX-512 VNNI");
    /* Intel's manual, CPUID leaf 7: subleaf 1 EAX bit 4 AVX-VNNI; subleaf 0 EDX bit 22 AMX-BF16,
     * 24 AMX-TILE, 25 AMX-INT8. */
    unsigned a, b, c, d;
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d))
        append_feature(features, (a >> 4 & 1) != 0, "AVX-VNNI");
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        append_feature(features, (d >> 24 & 1) && (d >> 22 & 1), "AMX-BF16");
        append_feature(features, (d >> 24 & 1) && (d >> 25 & 1), "AMX-INT8");
    }
#elif defined(__aarch64__)
    unsigned long first = getauxval(AT_HWCAP), second = getauxval(AT_HWCAP2);
    append_feature(features, (first & HWCAP_ASIMD) != 0, "NEON");
    append_feature(features, (first & HWCAP_ASIMDDP) != 0, "dot product");
    append_feature(features, (first & HWCAP_SVE) != 0, "SVE");
    append_feature(features, (second & HWCAP2_I8MM) != 0, "int8 matrices");
    append_feature(features, (second & HWCAP2_BF16) != 0, "bfloat16");
#endif
    return g_string_free(features, FALSE);
}
