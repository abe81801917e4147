/*
 * The floor under bench/encoders: the bare matrix products of a model's shapes, through the same
 * library and in the same order, each layer with weights of its own. Speaks encoders.c's protocol.
 *
 *     jackdaw-bench-floor f32|int8 THREADS ROWSxINxOUT*COUNT...
 *
 * Shapes stand in the order of a layer's products; the layers go round COUNT times.
 */
#include "nn/product.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct step {
    jd_product *product;
    void *src, *packed, *dst;
} step;

typedef struct floor_run {
    jd_product_engine *dnn;
    GArray *steps; /* step, in the order in which they run */
} floor_run;

/* Zeros would be as fast, but not all CPUs draw as much power then. */
static void *make_numbers(gsize bytes)
{
    guint8 *data = aligned_alloc(64, (bytes + 63) / 64 * 64);
    for (gsize i = 0; i < bytes; i++)
        data[i] = (guint8)(i % 4 == 3 ? 0x3C : i % 61); /* as f32: small numbers above 0 */
    return data;
}

static gboolean add_step(floor_run *run, const jd_product_spec *spec, GError **error)
{
    const gsize rows = spec->rows;
    const gsize in = (gsize)spec->in;
    const gsize out = (gsize)spec->out;
    const gsize size = spec->src == JD_NUMBER_F32 ? sizeof(float) : 1;
    step s = {.product = jd_product_new(run->dnn, spec, error)};
    if (!s.product)
        return FALSE;
    s.src = make_numbers(rows * in * size);
    s.packed = make_numbers(jd_product_packed_size(s.product));
    s.dst = make_numbers(rows * out * sizeof(float));
    g_array_append_val(run->steps, s);
    void *weights = make_numbers(in * out * size);
    const gboolean ok = jd_product_pack(run->dnn, s.product, weights, s.packed, error);
    free(weights);
    return ok;
}

typedef struct shape {
    int rows, in, out, count;
} shape;

static gboolean add_shapes(floor_run *run, const shape *shapes, int n, jd_product_spec spec,
                           GError **error)
{
    int layers = 0;
    for (int i = 0; i < n; i++)
        layers = MAX(layers, shapes[i].count);
    for (int layer = 0; layer < layers; layer++)
        for (int i = 0; i < n; i++) {
            spec.rows = (gsize)shapes[i].rows;
            spec.in = shapes[i].in;
            spec.out = shapes[i].out;
            if (layer < shapes[i].count && !add_step(run, &spec, error))
                return FALSE;
        }
    return TRUE;
}

static gboolean multiply(const floor_run *run, GError **error)
{
    for (guint i = 0; i < run->steps->len; i++) {
        const step *s = &g_array_index(run->steps, step, i);
        const jd_product_data data = {.src = s->src, .packed = s->packed, .dst = s->dst};
        if (!jd_product_run(run->dnn, s->product, &data, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean answer(const floor_run *run, GError **error)
{
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        const gint64 start = g_get_monotonic_time();
        const clock_t cpu = clock();
        if (!multiply(run, error))
            return FALSE;
        printf("{\"ms\":%.3f,\"cpu_ms\":%.3f}\n", (double)(g_get_monotonic_time() - start) / 1000,
               (double)(clock() - cpu) * 1000 / CLOCKS_PER_SEC);
        fflush(stdout);
    }
    return TRUE;
}

static gboolean run_floor(int argc, char **argv, GError **error)
{
    const gboolean int8 = strcmp(argv[1], "int8") == 0;
    const jd_product_spec spec = {.src = int8 ? JD_NUMBER_U8 : JD_NUMBER_F32,
                                  .weights = int8 ? JD_NUMBER_S8 : JD_NUMBER_F32,
                                  .dst = int8 ? JD_NUMBER_S32 : JD_NUMBER_F32,
                                  .threads = atoi(argv[2])};
    const int n = argc - 3;
    g_autofree shape *shapes = g_new0(shape, n);
    for (int i = 0; i < n; i++)
        if (sscanf(argv[i + 3], "%dx%dx%d*%d", &shapes[i].rows, &shapes[i].in, &shapes[i].out,
                   &shapes[i].count) != 4)
            return FALSE;
    omp_set_num_threads(spec.threads);
    floor_run run = {.dnn = jd_product_engine_new(error),
                     .steps = g_array_new(FALSE, FALSE, sizeof(step))};
    if (!run.dnn || !add_shapes(&run, shapes, n, spec, error))
        return FALSE;
    printf("{\"isa\":\"%s\",\"library\":\"%s\"}\n", jd_product_isa(), jd_product_version());
    fflush(stdout);
    return answer(&run, error);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc < 4) {
        fputs("usage: jackdaw-bench-floor f32|int8 THREADS ROWSxINxOUT*COUNT...\n", stderr);
        return 2;
    }
    if (run_floor(argc, argv, &error))
        return 0;
    fprintf(stderr, "%s\n", error ? error->message : "a shape is no ROWSxINxOUT*COUNT");
    return 1;
}
