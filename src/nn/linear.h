/*
 * The matrix product behind every layer: y = act(x W^T + b), or y += x W^T + b, through oneDNN on
 * x86-64 and OpenBLAS elsewhere.
 *
 * A jd_engine holds the table of primitives, by (shape, rows, precision, activation); a jd_linear
 * is one layer's packed weights. One engine and its layers may be used from several threads, each
 * with a scratch of its own.
 */
#ifndef JD_NN_LINEAR_H
#define JD_NN_LINEAR_H

#include "nn/pack.h"
#include "nn/scratch.h"

typedef enum jd_precision {
    JD_PRECISION_F32,
    JD_PRECISION_BF16,
    JD_PRECISION_INT16, /* int16.h */
    JD_PRECISION_INT8   /* int8.h */
} jd_precision;

typedef enum jd_activation {
    JD_ACT_NONE,
    JD_ACT_QUICK_GELU, /* x * sigmoid(1.702 x) */
    JD_ACT_GELU_ERF,
    JD_ACT_GELU_TANH,
    JD_ACT_RELU,
    JD_ACT_TANH
} jd_activation;

typedef struct jd_engine jd_engine;

/** What the machine can do: "avx2", "avx512", "avx512-vnni", "amx", ...: oneDNN's effective ISA.
 * Static string. */
const char *jd_engine_isa(const jd_engine *engine);
/** "oneDNN 2.6.3": packed weights depend on it. Static string. */
const char *jd_engine_library(const jd_engine *engine);
/** Whether this precision can be had here: bf16 only with AMX. */
gboolean jd_engine_supports(const jd_engine *engine, jd_precision precision);
/** The fastest here that keeps the ranking of a search: bf16 with AMX, int16 where the CPU is good
 * at it, else f32. */
jd_precision jd_engine_best(const jd_engine *engine);

jd_engine *jd_engine_new(int threads /* 0: all cores */, GError **error);
/** Threads that one product is shared among; inside an OpenMP parallel region it is run by the
 * calling thread alone. */
int jd_engine_threads(const jd_engine *engine);
void jd_engine_free(jd_engine *engine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_engine, jd_engine_free)

typedef struct jd_linear_spec {
    const char *name;    /* of the layer, for errors and the pack's table */
    const float *weight; /* out x in, row-major; may be NULL where the pack is mapped */
    const float *bias;   /* out; may be NULL where the pack is mapped */
    gboolean has_bias;
    int in, out;
    jd_precision precision;
    jd_activation activation;
    gboolean accumulate; /* y is added to: a residual connection; without an activation */
} jd_linear_spec;

typedef struct jd_linear jd_linear;
jd_linear *jd_linear_new(jd_engine *engine, jd_pack *pack, const jd_linear_spec *spec,
                         GError **error);
void jd_linear_free(jd_linear *linear);

typedef struct jd_linear_call {
    const float *x; /* rows x in, row-major, 64-byte aligned */
    float *y;       /* rows x out, row-major, 64-byte aligned */
    gsize rows;
    jd_scratch *scratch;
} jd_linear_call;

gboolean jd_linear_run(const jd_linear *linear, const jd_linear_call *call, GError **error);

#endif
