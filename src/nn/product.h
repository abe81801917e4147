/*
 * A matrix product with packed weights, bias and accumulation: what a library does for us. onednn.c
 * does it through oneDNN 2.6 or 3.x (x86-64), openblas.c through OpenBLAS (elsewhere, f32 only).
 * Only linear.c includes this.
 *
 * oneDNN: on CPUs without AVX-512 the product is expressed as a 1x1 convolution over rows, which
 * runs at about 95% of a core's peak where its matmul reaches 65 to 75%; with AVX-512 and AMX as a
 * matmul.
 */
#ifndef JD_NN_PRODUCT_H
#define JD_NN_PRODUCT_H

#include "nn/linear.h"

typedef enum jd_number {
    JD_NUMBER_F32,
    JD_NUMBER_BF16,
    JD_NUMBER_U8,
    JD_NUMBER_S8,
    JD_NUMBER_S32
} jd_number;

/** One product: dst[rows x out] = src[rows x in] * W^T + bias [+ dst]. */
typedef struct jd_product_spec {
    gsize rows;
    int in, out;
    jd_number src, weights, dst;
    gboolean bias, accumulate;
    int threads; /* that it is made for, and run by */
} jd_product_spec;

/** A primitive made for one spec, with its memory descriptors. */
typedef struct jd_product jd_product;

typedef struct jd_product_engine jd_product_engine; /* what products are made with */

jd_product_engine *jd_product_engine_new(GError **error);
void jd_product_engine_free(jd_product_engine *dnn);
/** "oneDNN 2.6.3": part of the key of packed weights. Static string. */
const char *jd_product_version(void);
/** Effective ISA: "avx2", "avx512_core_vnni", "avx512_core_amx", ... Static string. */
const char *jd_product_isa(void);

/** Whether this precision can be had: int8 through oneDNN, bf16 only where the CPU has AMX. */
gboolean jd_product_supports(jd_precision precision);

/** Makes the primitive; the layout of packed weights depends on (in, out, numbers) alone. */
jd_product *jd_product_new(jd_product_engine *dnn, const jd_product_spec *spec, GError **error);
void jd_product_free(jd_product *product);

/** Bytes of the packed weights. */
gsize jd_product_packed_size(const jd_product *product);
/** Packs out x in row-major weights (f32, or s8 where the product takes s8) into `packed` (64-byte
 * aligned). */
gboolean jd_product_pack(jd_product_engine *dnn, const jd_product *product, const void *weights,
                         void *packed, GError **error);

typedef struct jd_product_data {
    const void *src, *packed;
    const float *bias; /* NULL where the spec has none */
    void *dst;
} jd_product_data;

/** Runs it; several threads may run one product at once, each call with data of its own. */
gboolean jd_product_run(jd_product_engine *dnn, const jd_product *product,
                        const jd_product_data *data, GError **error);

#endif
