#include "nn/linear.h"

#include "base/error.h"
#include "nn/int8.h"
#include "nn/kernels.h"
#include "nn/product.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

struct jd_engine {
    jd_product_engine *dnn;
    int threads;
    GMutex lock;          /* guards products */
    GHashTable *products; /* jd_product_spec * -> jd_product * */
};

struct jd_linear {
    jd_engine *engine;
    jd_precision precision;
    jd_activation activation;
    gboolean accumulate;
    jd_product_spec product; /* rows 0: filled in by each run */
    const void *packed;
    const float *bias;                        /* may be NULL */
    const float *channel_scale, *channel_sum; /* int8 only */
};

static guint spec_hash(gconstpointer key)
{
    const jd_product_spec *s = key;
    guint hash = (guint)s->rows;
    hash = hash * 31 + (guint)s->in;
    hash = hash * 31 + (guint)s->out;
    hash = hash * 31 + (guint)s->threads;
    return hash * 31 + (guint)(s->src * 64 + s->activation * 4 + s->accumulate * 2 + s->bias);
}

static gboolean spec_equal(gconstpointer a, gconstpointer b)
{
    const jd_product_spec *x = a;
    const jd_product_spec *y = b;
    return x->rows == y->rows && x->in == y->in && x->out == y->out && x->src == y->src &&
           x->weights == y->weights && x->dst == y->dst && x->activation == y->activation &&
           x->bias == y->bias && x->accumulate == y->accumulate && x->threads == y->threads;
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
    return jd_product_supports(precision);
}

/* The product for a number of rows: from the table, or made now. */
static const jd_product *find_product(jd_engine *engine, const jd_product_spec *spec,
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

/* ---- scratch ---- */

enum { SCRATCH_BUFFERS = 4, ALIGN = 64 };

struct jd_scratch {
    void *data[SCRATCH_BUFFERS];
    gsize size[SCRATCH_BUFFERS];
};

jd_scratch *jd_scratch_new(void)
{
    return g_new0(jd_scratch, 1);
}

void jd_scratch_free(jd_scratch *scratch)
{
    if (!scratch)
        return;
    for (int i = 0; i < SCRATCH_BUFFERS; i++)
        free(scratch->data[i]);
    g_free(scratch);
}

static void *scratch_get(jd_scratch *scratch, int index, gsize size)
{
    if (scratch->size[index] < size) {
        gsize wanted = (size + size / 4 + ALIGN) / ALIGN * ALIGN;
        free(scratch->data[index]);
        scratch->data[index] = aligned_alloc(ALIGN, wanted);
        scratch->size[index] = scratch->data[index] ? wanted : 0;
    }
    return scratch->data[index];
}

void *jd_scratch_block(jd_scratch *scratch, gsize size)
{
    return scratch_get(scratch, SCRATCH_BUFFERS - 1, size);
}

/* ---- one layer ---- */

/* The largest weight code: see int8.h. */
static int int8_limit(void)
{
    return strstr(jd_product_isa(), "vnni") || strstr(jd_product_isa(), "amx") ||
                   strstr(jd_product_isa(), "bf16")
               ? 127
               : 63;
}

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
        return p; /* bias, activation and accumulation come after scaling */
    }
    p.activation = spec->activation;
    p.bias = spec->has_bias;
    p.accumulate = spec->accumulate;
    return p;
}

/* A blob of the layer: mapped, or made by `fill`. */
typedef struct layer_blob {
    jd_pack *pack;
    const char *layer;
    char suffix;
    gsize size;
} layer_blob;

static const void *blob_find(const layer_blob *blob, char name[64])
{
    g_snprintf(name, 64, "%s.%c", blob->layer, blob->suffix);
    return jd_pack_get(blob->pack, name, blob->size);
}

static const float *keep_floats(const layer_blob *blob, const float *values, GError **error)
{
    char name[64];
    const void *found = blob_find(blob, name);
    if (found)
        return found;
    float *added = jd_pack_add(blob->pack, name, blob->size, error);
    if (added)
        memcpy(added, values, blob->size);
    return added;
}

static gboolean pack_int8(jd_linear *linear, jd_pack *pack, const jd_linear_spec *spec,
                          const jd_product *product, GError **error)
{
    const gsize out = (gsize)spec->out;
    const gsize size = out * sizeof(float);
    g_autofree gint8 *codes = g_try_malloc_n(out, (gsize)spec->in);
    g_autofree float *scale = g_new(float, out);
    g_autofree float *sum = g_new(float, out);
    char name[64];
    void *packed = NULL;
    if (codes) {
        jd_int8_weights(spec, int8_limit(), codes, (jd_int8_channels){scale, sum});
        const layer_blob weights = {pack, spec->name, 'w', jd_product_packed_size(product)};
        blob_find(&weights, name);
        packed = jd_pack_add(pack, name, weights.size, error);
    }
    if (!packed || !jd_product_pack(linear->engine->dnn, product, codes, packed, error))
        return FALSE;
    linear->packed = packed;
    linear->channel_scale = keep_floats(&(layer_blob){pack, spec->name, 's', size}, scale, error);
    linear->channel_sum = keep_floats(&(layer_blob){pack, spec->name, 'c', size}, sum, error);
    return linear->channel_scale && linear->channel_sum;
}

static gboolean pack_floats(jd_linear *linear, const layer_blob *weights, const float *values,
                            const jd_product *product, GError **error)
{
    char name[64];
    blob_find(weights, name);
    void *packed = jd_pack_add(weights->pack, name, weights->size, error);
    linear->packed = packed;
    return packed && jd_product_pack(linear->engine->dnn, product, values, packed, error);
}

/* Finds the layer in a mapped pack; FALSE where it is not there. */
static gboolean find_packed(jd_linear *linear, const layer_blob *weights)
{
    char name[64];
    linear->packed = blob_find(weights, name);
    if (!linear->packed || linear->precision != JD_PRECISION_INT8)
        return linear->packed != NULL;
    const gsize size = (gsize)linear->product.out * sizeof(float);
    linear->channel_scale =
        blob_find(&(layer_blob){weights->pack, weights->layer, 's', size}, name);
    linear->channel_sum = blob_find(&(layer_blob){weights->pack, weights->layer, 'c', size}, name);
    return linear->channel_scale && linear->channel_sum;
}

/* A mapped pack was to hold all, so that the checkpoint was not asked: see jd_model_load(). */
static gboolean check_given(const jd_linear_spec *spec, const float *values, GError **error)
{
    if (!values)
        jd_set_error(error, JD_ERROR_INTERNAL, NULL, "the packed weights lack the layer %s",
                     spec->name);
    return values != NULL;
}

static gboolean fill_linear(jd_linear *linear, jd_pack *pack, const jd_linear_spec *spec,
                            GError **error)
{
    enum { TYPICAL_ROWS = 64 };
    jd_product_spec typical = linear->product;
    typical.rows = TYPICAL_ROWS;
    typical.threads = linear->engine->threads;
    const jd_product *product = find_product(linear->engine, &typical, error);
    if (!product)
        return FALSE;
    const layer_blob weights = {pack, spec->name, 'w', jd_product_packed_size(product)};
    if (!find_packed(linear, &weights)) {
        gboolean ok = check_given(spec, spec->weight, error) &&
                      (spec->precision == JD_PRECISION_INT8
                           ? pack_int8(linear, pack, spec, product, error)
                           : pack_floats(linear, &weights, spec->weight, product, error));
        if (!ok)
            return FALSE;
    }
    if (!spec->has_bias)
        return TRUE;
    char name[64];
    const layer_blob bias = {pack, spec->name, 'b', (gsize)spec->out * sizeof(float)};
    if (!blob_find(&bias, name) && !check_given(spec, spec->bias, error))
        return FALSE;
    linear->bias = keep_floats(&bias, spec->bias, error);
    return linear->bias != NULL;
}

jd_linear *jd_linear_new(jd_engine *engine, jd_pack *pack, const jd_linear_spec *spec,
                         GError **error)
{
    jd_linear *linear = g_new0(jd_linear, 1);
    linear->engine = engine;
    linear->precision = spec->precision;
    linear->activation = spec->activation;
    linear->accumulate = spec->accumulate;
    linear->product = product_spec(spec);
    omp_set_num_threads(engine->threads);
    if (fill_linear(linear, pack, spec, error))
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
    const jd_product *product = find_product(linear->engine, &spec, error);
    return product && jd_product_run(linear->engine->dnn, product, data, error);
}

static gboolean run_int8(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const gsize in = (gsize)linear->product.in;
    const gsize out = (gsize)linear->product.out;
    guint8 *codes = scratch_get(call->scratch, 0, call->rows * in);
    gint32 *sums = scratch_get(call->scratch, 1, call->rows * out * sizeof(gint32));
    float *scales = scratch_get(call->scratch, 2, 2 * call->rows * sizeof(float));
    const jd_int8_rows rows = {codes, scales, scales ? scales + call->rows : NULL};
    if (!codes || !sums || !scales) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory for %" G_GSIZE_FORMAT " rows",
                     call->rows);
        return FALSE;
    }
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

static gboolean run_bf16(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const gsize count = call->rows * (gsize)linear->product.in;
    guint16 *x = scratch_get(call->scratch, 0, count * sizeof(guint16));
    if (!x) {
        jd_set_error(error, JD_ERROR_LIMIT, NULL, "not enough memory for %" G_GSIZE_FORMAT " rows",
                     call->rows);
        return FALSE;
    }
    jd_to_bf16(call->x, count, x);
    const jd_product_data data = {x, linear->packed, linear->bias, call->y};
    return run_block(linear, &data, call->rows, error);
}

static gboolean run_f32(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    const jd_product_data data = {call->x, linear->packed, linear->bias, call->y};
    return run_block(linear, &data, call->rows, error);
}

gboolean jd_linear_run(const jd_linear *linear, const jd_linear_call *call, GError **error)
{
    /* Blocks bound the number of primitives, one for each number of rows, that are ever made. */
    enum { BLOCK_ROWS = 512 };
    const gboolean alone = call->rows <= FEW_ROWS || omp_in_parallel();
    omp_set_num_threads(alone ? 1 : linear->engine->threads);
    for (gsize row = 0; row < call->rows; row += BLOCK_ROWS) {
        const jd_linear_call block = {.x = call->x + row * (gsize)linear->product.in,
                                      .y = call->y + row * (gsize)linear->product.out,
                                      .rows = MIN(call->rows - row, BLOCK_ROWS),
                                      .scratch = call->scratch};
        gboolean ok = linear->precision == JD_PRECISION_INT8   ? run_int8(linear, &block, error)
                      : linear->precision == JD_PRECISION_BF16 ? run_bf16(linear, &block, error)
                                                               : run_f32(linear, &block, error);
        if (!ok)
            return FALSE;
    }
    return TRUE;
}
