/* How fast a model is on this machine. */
#ifndef JD_CLI_MODEL_BENCH_H
#define JD_CLI_MODEL_BENCH_H

#include "embed/model.h"

#include <jackdaw.h>

typedef struct jd_bench_options {
    const char *folder; /* of the model */
    const char *cache;  /* of packed weights */
    jd_model_dtype dtype;
    int threads;    /* the most; 0: all cores */
    double seconds; /* for each measurement, at least */
    const jd_cancel *cancel;
} jd_bench_options;

/** Milliseconds until a model can be used. */
typedef struct jd_bench_loads {
    double packing; /* without packed weights, which are made */
    double cold;    /* with them, nothing of it in the system's cache of files, where that can be
                       had */
    double warm;    /* the same with all in it */
} jd_bench_loads;

/** One measurement. */
typedef struct jd_bench_row {
    const char *input; /* "text", "picture", "pair" */
    int tokens;        /* of one; 0 for a picture */
    int batch, threads;
    double median_ms, least_ms; /* of a whole batch */
} jd_bench_row;

typedef struct jd_bench {
    jd_model_info info;
    const char *isa, *library; /* static */
    jd_bench_loads loads;
    GPtrArray *unused; /* jd_model_unused_tensors() */
    GArray *rows;      /* jd_bench_row */
} jd_bench;

void jd_bench_free(jd_bench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jd_bench, jd_bench_free)

/** Measures: loading; then every input, one and 32 of it, on one thread and on all. */
jd_bench *jd_bench_run(const jd_bench_options *options, GError **error);

#endif
