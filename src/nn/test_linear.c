#include "nn/attention.h"
#include "nn/kernels.h"
#include "nn/linear.h"

#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *random_floats(GRand *rand, gsize n, double scale)
{
    float *values = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
    for (gsize i = 0; i < n; i++)
        values[i] = (float)(g_rand_double_range(rand, -1, 1) * scale);
    return values;
}

static double exact_activation(double x, jd_activation activation)
{
    switch (activation) {
    case JD_ACT_NONE:
        return x;
    case JD_ACT_QUICK_GELU:
        return x / (1 + exp(-1.702 * x));
    case JD_ACT_GELU_ERF:
        return 0.5 * x * (1 + erf(x * M_SQRT1_2));
    case JD_ACT_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case JD_ACT_RELU:
        return x > 0 ? x : 0;
    case JD_ACT_TANH:
        return tanh(x);
    }
    return NAN;
}

typedef struct layer_case {
    int in, out;
    gsize rows;
    jd_activation activation;
    gboolean bias, accumulate;
} layer_case;

static const layer_case CASES[] = {
    {768, 96, 197, JD_ACT_QUICK_GELU, TRUE, FALSE}, {384, 384, 1, JD_ACT_NONE, TRUE, TRUE},
    {33, 17, 7, JD_ACT_GELU_ERF, FALSE, FALSE},     {64, 256, 530, JD_ACT_GELU_TANH, TRUE, FALSE},
    {48, 1, 13, JD_ACT_TANH, TRUE, FALSE},          {128, 40, 65, JD_ACT_RELU, FALSE, FALSE},
    {56, 70, 80, JD_ACT_NONE, FALSE, TRUE},
};

/* Runs one case; returns the largest error and, in *cosine, the likeness to the exact result. */
static double run_case(jd_engine *engine, const layer_case *c, jd_precision precision,
                       double *cosine)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    const gsize in = (gsize)c->in;
    const gsize out = (gsize)c->out;
    float *w = random_floats(rand, in * out, 1 / sqrt((double)in));
    float *bias = random_floats(rand, out, 1);
    float *x = random_floats(rand, c->rows * in, 2);
    float *y = random_floats(rand, c->rows * out, 1);
    g_autofree float *before = g_memdup2(y, c->rows * out * sizeof(float));
    g_autoptr(jd_pack) pack = jd_pack_open(NULL, "test");
    g_autoptr(jd_scratch) scratch = jd_scratch_new();
    g_autoptr(GError) error = NULL;
    const jd_linear_spec spec = {.name = "l",
                                 .weight = w,
                                 .bias = bias,
                                 .has_bias = c->bias,
                                 .in = c->in,
                                 .out = c->out,
                                 .precision = precision,
                                 .activation = c->activation,
                                 .accumulate = c->accumulate};
    jd_linear *linear = jd_linear_new(engine, pack, &spec, &error);
    g_assert_no_error(error);
    g_assert_true(jd_linear_run(linear, &(jd_linear_call){x, y, c->rows, scratch}, &error));
    double worst = 0;
    double dot = 0;
    double a = 0;
    double b = 0;
    for (gsize r = 0; r < c->rows; r++)
        for (gsize o = 0; o < out; o++) {
            double exact = c->bias ? bias[o] : 0;
            for (gsize i = 0; i < in; i++)
                exact += (double)x[r * in + i] * w[o * in + i];
            exact = exact_activation(exact, c->activation);
            if (c->accumulate)
                exact += before[r * out + o];
            const double got = y[r * out + o];
            worst = MAX(worst, fabs(got - exact));
            dot += got * exact;
            a += got * got;
            b += exact * exact;
        }
    *cosine = dot / sqrt(a * b);
    jd_linear_free(linear);
    free(w);
    free(bias);
    free(x);
    free(y);
    return worst;
}

static void test_linear(void)
{
    g_autoptr(jd_engine) engine = jd_engine_new(2, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
        double cosine;
        g_test_message("case %u", (guint)i);
        g_assert_cmpfloat(run_case(engine, &CASES[i], JD_PRECISION_F32, &cosine), <, 1e-5);
        if (jd_engine_supports(engine, JD_PRECISION_INT16))
            g_assert_cmpfloat(run_case(engine, &CASES[i], JD_PRECISION_INT16, &cosine), <, 0.005);
        if (!jd_engine_supports(engine, JD_PRECISION_INT8))
            continue;
        run_case(engine, &CASES[i], JD_PRECISION_INT8, &cosine);
        g_assert_cmpfloat(cosine, >, 0.9995);
    }
    if (jd_engine_supports(engine, JD_PRECISION_BF16)) {
        double cosine;
        run_case(engine, &CASES[0], JD_PRECISION_BF16, &cosine);
        g_assert_cmpfloat(cosine, >, 0.9995);
    }
}

/* A layer from a mapped pack, without the weights, gives what it gave when it was packed. */
static void check_mapped(jd_engine *engine, jd_precision precision, const char *path)
{
    enum { IN = 64, OUT = 48, ROWS = 9 };
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);
    float *w = random_floats(rand, IN * OUT, 1);
    float *bias = random_floats(rand, OUT, 1);
    float *x = random_floats(rand, IN * ROWS, 1);
    float *y[2] = {random_floats(rand, OUT * ROWS, 1), random_floats(rand, OUT * ROWS, 1)};
    g_autoptr(jd_scratch) scratch = jd_scratch_new();
    for (int pass = 0; pass < 2; pass++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(jd_pack) pack = jd_pack_open(path, "key");
        g_assert_cmpint(jd_pack_is_mapped(pack), ==, pass == 1);
        const jd_linear_spec spec = {.name = "layer",
                                     .weight = pass ? NULL : w,
                                     .bias = pass ? NULL : bias,
                                     .has_bias = TRUE,
                                     .in = IN,
                                     .out = OUT,
                                     .precision = precision};
        jd_linear *linear = jd_linear_new(engine, pack, &spec, &error);
        g_assert_no_error(error);
        jd_linear_run(linear, &(jd_linear_call){x, y[pass], ROWS, scratch}, &error);
        g_assert_true(jd_pack_save(pack, &error));
        jd_linear_free(linear);
    }
    g_assert_cmpmem(y[0], OUT * ROWS * sizeof(float), y[1], OUT * ROWS * sizeof(float));
    free(w);
    free(bias);
    free(x);
    free(y[0]);
    free(y[1]);
    g_autoptr(jd_pack) other = jd_pack_open(path, "another key");
    g_assert_false(jd_pack_is_mapped(other));
}

static void test_pack(void)
{
    g_autoptr(jd_engine) engine = jd_engine_new(1, NULL);
    g_autofree char *folder = g_dir_make_tmp("jackdaw-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "packs", "p.pack", NULL);
    check_mapped(engine, JD_PRECISION_F32, path);
    g_unlink(path);
    if (jd_engine_supports(engine, JD_PRECISION_INT16))
        check_mapped(engine, JD_PRECISION_INT16, path);
    g_unlink(path);
    if (jd_engine_supports(engine, JD_PRECISION_INT8))
        check_mapped(engine, JD_PRECISION_INT8, path);
    g_autofree char *data = NULL;
    gsize size = 0;
    if (g_file_get_contents(path, &data, &size, NULL)) {
        /* Cut anywhere, the file is ignored. */
        for (gsize cut = 0; cut < size; cut += 37) {
            g_file_set_contents(path, data, (gssize)cut, NULL);
            g_autoptr(jd_pack) pack = jd_pack_open(path, "key");
            g_assert_false(jd_pack_is_mapped(pack));
        }
    }
    g_unlink(path);
    g_autofree char *packs = g_path_get_dirname(path);
    g_rmdir(packs);
    g_rmdir(folder);
}

static void test_layer_norm(void)
{
    enum { N = 37, ROWS = 70 };
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    float *x = random_floats(rand, N * ROWS, 3);
    float *gain = random_floats(rand, N, 1);
    float *bias = random_floats(rand, N, 1);
    float *y = random_floats(rand, N * ROWS, 1);
    jd_layer_norm_run(&(jd_layer_norm){gain, bias, N, 1e-5F}, x, ROWS, y);
    for (int r = 0; r < ROWS; r++) {
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < N; i++)
            mean += x[r * N + i] / N;
        for (int i = 0; i < N; i++)
            variance += (x[r * N + i] - mean) * (x[r * N + i] - mean) / N;
        for (int i = 0; i < N; i++)
            g_assert_cmpfloat_with_epsilon(
                y[r * N + i], (x[r * N + i] - mean) / sqrt(variance + 1e-5) * gain[i] + bias[i],
                1e-5);
    }
    free(x);
    free(gain);
    free(bias);
    free(y);
}

static double exact_attention(const jd_attention *a, int head, gsize query, int column)
{
    const gsize offset = (gsize)head * (gsize)a->head_size;
    const gsize place = a->first_query + query; /* in the sequence */
    double sum = 0;
    double total = 0;
    for (gsize j = 0; j < a->keys; j++) {
        const gsize apart = j > place ? j - place : place - j;
        if ((a->causal && j > place) || (a->window > 0 && apart > (gsize)a->window))
            continue;
        double score = 0;
        for (int d = 0; d < a->head_size; d++)
            score += (double)a->q[query * a->q_stride + offset + (gsize)d] *
                     a->k[j * a->kv_stride + offset + (gsize)d];
        score *= a->scale;
        if (a->bias)
            score += a->bias[((gsize)head * a->keys + place) * a->keys + j];
        const double weight = exp(score);
        total += weight;
        sum += weight * a->v[j * a->kv_stride + offset + (gsize)column];
    }
    return sum / total;
}

static void check_attention(jd_attention a)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    const gsize width = (gsize)a.heads * (gsize)a.head_size;
    float *qkv = random_floats(rand, a.keys * 3 * width, 2);
    float *bias = random_floats(rand, (gsize)a.heads * a.keys * a.keys, 1);
    float *out = random_floats(rand, a.queries * width, 1);
    a.q = qkv;
    a.k = qkv + width;
    a.v = qkv + 2 * width;
    a.q_stride = a.kv_stride = 3 * width;
    a.scale = (float)(1 / sqrt(a.head_size));
    a.out = out;
    a.out_stride = width;
    a.bias = a.causal ? NULL : bias;
    g_assert_true(jd_attention_run(&a, NULL));
    for (int head = 0; head < a.heads; head++)
        for (gsize query = 0; query < a.queries; query++)
            for (int d = 0; d < a.head_size; d++)
                g_assert_cmpfloat_with_epsilon(out[query * width + (gsize)(head * a.head_size + d)],
                                               exact_attention(&a, head, query, d), 2e-6);
    free(qkv);
    free(bias);
    free(out);
}

static void test_attention(void)
{
    check_attention((jd_attention){.heads = 3, .head_size = 64, .queries = 50, .keys = 50});
    check_attention((jd_attention){.heads = 2, .head_size = 24, .queries = 1, .keys = 33});
    check_attention(
        (jd_attention){.heads = 2, .head_size = 32, .queries = 17, .keys = 17, .causal = TRUE});
    check_attention(
        (jd_attention){.heads = 1, .head_size = 16, .queries = 75, .keys = 75, .causal = TRUE});
    check_attention(
        (jd_attention){.heads = 1, .head_size = 8, .queries = 90, .keys = 90, .window = 5});
    check_attention((jd_attention){
        .heads = 1, .head_size = 20, .queries = 40, .keys = 40, .causal = TRUE, .window = 18});
    check_attention((jd_attention){.heads = 1, .head_size = 40, .queries = 1, .keys = 1});
    check_attention((jd_attention){
        .heads = 3, .head_size = 16, .queries = 2, .keys = 19, .first_query = 7, .window = 4});
}

static void test_bf16(void)
{
    const float in[] = {1, -2.5F, 1.00390625F, 3.14159274F, 0};
    const guint16 expected[] = {0x3F80, 0xC020, 0x3F80, 0x4049, 0};
    guint16 out[G_N_ELEMENTS(in)];
    jd_to_bf16(in, G_N_ELEMENTS(in), out);
    for (gsize i = 0; i < G_N_ELEMENTS(in); i++)
        g_assert_cmphex(out[i], ==, expected[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nn/linear", test_linear);
    g_test_add_func("/nn/pack", test_pack);
    g_test_add_func("/nn/layer-norm", test_layer_norm);
    g_test_add_func("/nn/attention", test_attention);
    g_test_add_func("/nn/bf16", test_bf16);
    return g_test_run();
}
