#include "nn/linear_layer.h"

#include "base/error.h"
#include "nn/int8.h"
#include "nn/kernels.h"

#include <omp.h>

static guint spec_hash(gconstpointer key)
{
    const jd_product_spec *s = key;
    guint hash = (guint)s->rows;
    hash = hash * 31 + (guint)s->in;
    hash = hash * 31 + (guint)s->out;
    hash = hash * 31 + (guint)s->threads;
    return hash * 31 + (guint)(s->src * 4 + s->accumulate * 2 + s->bias);
}

static gboolean spec_equal(gconstpointer a, gconstpointer b)
{
    const jd_product_spec *x = a;
    const jd_product_spec *y = b;
    return x->rows == y->rows && x->in == y->in && x->out == y->out && x->src == y->src &&
           x->weights == y->weights && x->dst == y->dst && x->bias == y->bias &&
           x->accumulate == y->accumulate && x->threads == y->threads;
}

static void product_free(gpointer data)
{
    jd_product_free(data);
}

jd_engine *jd_engine_new(int threads, GError **error)
{
    jd_product_engine *dnn = jd_product_engine_new(error);
    if (!dnn)
        return NULL;
    jd_engine *engine = g_new0(jd_engine, 1);
    engine->dnn = dnn;
    engine->threads = threads > 0 ? threads : (int)g_get_num_processors();
    g_mutex_init(&engine->lock);
    engine->products = g_hash_table_new_full(spec_hash, spec_equal, g_free, product_free);
    return engine;
}

int jd_engine_threads(const jd_engine *engine)
{
    return engine->threads;
}

void jd_engine_free(jd_engine *engine)
{
    if (!engine)
        return;
    g_hash_table_unref(engine->products);
    g_mutex_clear(&engine->lock);
    jd_product_engine_free(engine->dnn);
    g_free(engine);
}

const char *jd_engine_isa(const jd_engine *engine)
{
    return jd_product_isa();
}

const char *jd_engine_library(const jd_engine *engine)
{
    return jd_product_version();
}

gboolean jd_engine_supports(const jd_engine *engine, jd_precision precision)
{
    return precision == JD_PRECISION_INT16 ? jd_int16_supported(jd_product_isa())
                                           : jd_product_supports(precision);
}

jd_precision jd_engine_best(const jd_engine *engine)
{
    if (jd_product_supports(JD_PRECISION_BF16))
        return JD_PRECISION_BF16;
    return jd_int16_is_fast(jd_product_isa()) ? JD_PRECISION_INT16 : JD_PRECISION_F32;
}

const jd_product *jd_engine_find_product(jd_engine *engine, const jd_product_spec *spec,
                                         GError **error)
{
    g_mutex_lock(&engine->lock);
    jd_product *product = g_hash_table_lookup(engine->products, spec);
    if (!product) {
        product = jd_product_new(engine->dnn, spec, error);
        if (product)
            g_hash_table_insert(engine->products, g_memdup2(spec, sizeof *spec), product);
    }
    g_mutex_unlock(&engine->lock);
    return product;
}

/* ---- one layer ---- */

static jd_product_spec product_spec(const jd_linear_spec *spec)
{
    jd_product_spec p = {.in = spec->in, .out = spec->out};
    switch (spec->precision) {
    case JD_PRECISION_F32:
        p.src = p.weights = p.dst = JD_NUMBER_F32;
        break;
    case JD_PRECISION_BF16:
        p.src = p.weights = JD_NUMBER_BF16;
        p.dst = JD_NUMBER_F32;
        break;
    case JD_PRECISION_INT8:
        p.src = JD_NUMBER_U8;
        p.weights = JD_NUMBER_S8;
        p.dst = JD_NUMBER_S32;
        return p; /* bias and accumulation come after scaling */
    case JD_PRECISION_INT16:
        return p; /* no library's product */
    }
    p.bias = spec->has_bias;
    p.accumulate = spec->accumulate;
    return p;
}

jd_linear *jd_linear_new(jd_engine *engine, jd_pack *pack, const jd_linear_spec *spec,
                         GError **error)
{
    g_return_val_if_fail(spec->activation == JD_ACT_NONE || !spec->accumulate, NULL);
    jd_linear *linear = g_new0(jd_linear, 1);
    linear->engine = engine;
    linear->precision = spec->precision;
    linear->activation = spec->activation;
    linear->accumulate = spec->accumulate;
    linear->product = product_spec(spec);
    omp_set_num_threads(engine->threads);
    if (jd_linear_fill(linear, pack, spec, error))
        return linear;
    jd_linear_free(linear);
    return NULL;
}

void jd_linear_free(jd_linear *linear)
{
    g_free(linear);
}

/* ---- running ---- */

/* As many as a question has. Threads that wait for each other cost more than they gain there, and
 * on a busy machine, where one of them is not running, the wait is a hundred times the work. */
enum { FEW_ROWS = 32 };

/* One block of rows: src and dst as the product takes them. */
static gboolean run_block(const jd_linear *linear, const jd_product_data *data, gsize rows,
                          GError **error)
{
    jd_product_spec spec = linear->product;
    spec.rows = rows;
    spec.threads = omp_get_max_threads();
    const jd_product *product = jd_engine_find_product(linear->engine, &spec, error);
    return product && jd_product_run(linear->engine->dnn, product, data, error);
}

static void *take(const jd_linear_call *call, jd_scratch_part part, gsize size, GError **error)
{
    void *block = jd_scratch_part_get(call->scratch, part, size);
    if (!block && !(error && *error))
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory for %" G_GSIZE_FORMAT " rows",
                     call->rows);
    return block;
}

static gboolean run_int16(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const gsize codes = call->rows * jd_int16_stride(linear->product.in) * sizeof(gint16);
    const jd_int16_product product = {
        .weights = linear->int16,
        .rows = {take(call, JD_SCRATCH_CODES, codes, error),
                 take(call, JD_SCRATCH_SCALES, call->rows * sizeof(float), error), call->rows},
        .bias = linear->bias,
        .activation = linear->activation,
        .accumulate = linear->accumulate};
    if (!product.rows.codes || !product.rows.scale)
        return FALSE;
    jd_int16_quantise(&product.weights, call->x, product.rows);
    jd_int16_run(&product, jd_product_isa(), call->y);
    return TRUE;
}

static gboolean run_int8(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const gsize in = (gsize)linear->product.in;
    const gsize out = (gsize)linear->product.out;
    guint8 *codes = take(call, JD_SCRATCH_CODES, call->rows * in, error);
    gint32 *sums = take(call, JD_SCRATCH_SUMS, call->rows * out * sizeof(gint32), error);
    float *scales = take(call, JD_SCRATCH_SCALES, 2 * call->rows * sizeof(float), error);
    if (!codes || !sums || !scales)
        return FALSE;
    const jd_int8_rows rows = {codes, scales, scales + call->rows,
                               jd_int8_codes(jd_product_isa()).activations};
    jd_int8_activations(call->x, call->rows, linear->product.in, rows);
    const jd_product_data data = {.src = codes, .packed = linear->packed, .dst = sums};
    if (!run_block(linear, &data, call->rows, error))
        return FALSE;
    const jd_int8_result result = {.sums = sums,
                                   .row_scale = rows.scale,
                                   .row_zero = rows.zero,
                                   .channel_scale = linear->channel_scale,
                                   .channel_sum = linear->channel_sum,
                                   .bias = linear->bias,
                                   .rows = call->rows,
                                   .out = linear->product.out,
                                   .activation = linear->activation,
                                   .accumulate = linear->accumulate};
    jd_int8_finish(&result, call->y);
    return TRUE;
}

/* oneDNN would do it within the product, but slower: its error function costs more than another
 * pass. */
static void activate(const jd_linear *linear, const jd_linear_call *call)
{
    enum { PARALLEL_ROWS = 64 };
    const gsize out = (gsize)linear->product.out;
#pragma omp parallel for if (call->rows >= PARALLEL_ROWS)
    for (gsize r = 0; r < call->rows; r++)
        jd_activate(call->y + r * out, out, linear->activation, call->y + r * out);
}

static gboolean run_floats(const jd_linear *linear, const jd_linear_call *call, const void *x,
                           GError **error)
{
    const jd_product_data data = {x, linear->packed, linear->bias, call->y};
    if (!run_block(linear, &data, call->rows, error))
        return FALSE;
    if (linear->activation != JD_ACT_NONE)
        activate(linear, call);
    return TRUE;
}

static gboolean run_bf16(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const gsize count = call->rows * (gsize)linear->product.in;
    guint16 *x = take(call, JD_SCRATCH_CODES, count * sizeof(guint16), error);
    if (!x)
        return FALSE;
    jd_to_bf16(call->x, count, x);
    return run_floats(linear, call, x, error);
}

static gboolean run_f32(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    return run_floats(linear, call, call->x, error);
}

gboolean jd_linear_run(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    /* Blocks bound the number of primitives, one for each number of rows, that are ever made. */
    enum { BLOCK_ROWS = JD_INT16_MOST_ROWS };
    static gboolean (*const runs[])(const jd_linear *, const jd_linear_call *,
                                    GError **) = {[JD_PRECISION_F32] = run_f32,
                                                  [JD_PRECISION_BF16] = run_bf16,
                                                  [JD_PRECISION_INT16] = run_int16,
                                                  [JD_PRECISION_INT8] = run_int8};
    const gboolean alone = call->rows <= FEW_ROWS || omp_in_parallel();
    omp_set_num_threads(alone ? 1 : linear->engine->threads);
    for (gsize row = 0; row < call->rows; row += BLOCK_ROWS) {
        const jd_linear_call block = {.x = call->x + row * (gsize)linear->product.in,
                                      .y = call->y + row * (gsize)linear->product.out,
                                      .rows = MIN(call->rows - row, BLOCK_ROWS),
                                      .scratch = call->scratch};
        if (!runs[linear->precision](linear, &block, error))
            return FALSE;
    }
    return TRUE;
}
