/*
 * What stands between the matrix products: activations, normalisation, softmax, attention, pooling.
 * Plain loops that the compiler turns into vectors, compiled for several instruction sets and
 * chosen at load time (JD_MULTIVERSION).
 */
#ifndef JD_NN_KERNELS_H
#define JD_NN_KERNELS_H

#include "nn/linear.h"

/* Not under sanitizers, whose start-up code runs after the resolvers that choose a version. Only
 * for static functions, each name once in the library: some versions of clang make their resolvers
 * global and do not find the others. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JD_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define JD_SANITIZED
#endif
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(JD_SANITIZED)
#define JD_MULTIVERSION                                                                            \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define JD_MULTIVERSION
#endif

/** y = act(x), n values; x may be y. Error below 5e-7 of the larger of |x| and 1. */
void jd_activate(const float *x, gsize n, jd_activation activation, float *y);

/** Round to nearest even. */
void jd_to_bf16(const float *x, gsize n, guint16 *y);

typedef struct jd_layer_norm {
    const float *gain;
    const float *bias; /* may be NULL */
    int size;
    float epsilon;
} jd_layer_norm;

/** y = (x - mean) / sqrt(variance + epsilon) * gain + bias for each row; x may be y. */
void jd_layer_norm_run(const jd_layer_norm *norm, const float *x, gsize rows, float *y);

#endif
