#include "nn/product.h"

#include "base/error.h"

#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#define IS_V3 (DNNL_VERSION_MAJOR >= 3)

/* Descriptors are structs in version 2 and pointers in version 3. */
#if IS_V3
#define MD_CONST(md) (md)
typedef const_dnnl_memory_desc_t md_view;
#else
#define MD_CONST(md) (&(md))
typedef const dnnl_memory_desc_t *md_view;
#endif

struct jd_product_engine {
    dnnl_engine_t engine;
    gboolean convolution; /* products as 1x1 convolutions */
};

struct jd_product {
    jd_product_spec spec;
    dnnl_primitive_t primitive;
    dnnl_memory_desc_t src, weights, bias, dst;
    gboolean convolution;
};

static gboolean check(dnnl_status_t status, const char *what, GError **error)
{
    if (status == dnnl_success)
        return TRUE;
    jd_set_error(error, status == dnnl_out_of_memory ? JD_ERROR_LIMIT : JD_ERROR_INTERNAL, NULL,
                 "%s cannot %s (status %d)", jd_product_version(), what, (int)status);
    return FALSE;
}

const char *jd_product_version(void)
{
    return "oneDNN " G_STRINGIFY(DNNL_VERSION_MAJOR) "." G_STRINGIFY(
        DNNL_VERSION_MINOR) "." G_STRINGIFY(DNNL_VERSION_PATCH);
}

const char *jd_product_isa(void)
{
    static const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } names[] = {{dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"},
                 {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
                 {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
                 {dnnl_cpu_isa_avx512_core, "avx512_core"},
                 {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
                 {dnnl_cpu_isa_avx2, "avx2"},
                 {dnnl_cpu_isa_avx, "avx"}};
    dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if ((isa & names[i].isa) == names[i].isa)
            return names[i].name;
    return "sse41";
}

gboolean jd_product_supports(jd_precision precision)
{
    return precision != JD_PRECISION_BF16 || strstr(jd_product_isa(), "amx") != NULL;
}

jd_product_engine *jd_product_engine_new(GError **error)
{
    dnnl_engine_t engine = NULL;
    if (!check(dnnl_engine_create(&engine, dnnl_cpu, 0), "start", error))
        return NULL;
    jd_product_engine *dnn = g_new0(jd_product_engine, 1);
    dnn->engine = engine;
    dnn->convolution = !g_str_has_prefix(jd_product_isa(), "avx512");
    return dnn;
}

void jd_product_engine_free(jd_product_engine *dnn)
{
    if (!dnn)
        return;
    dnnl_engine_destroy(dnn->engine);
    g_free(dnn);
}

static dnnl_data_type_t data_type(jd_number number)
{
    static const dnnl_data_type_t types[] = {dnnl_f32, dnnl_bf16, dnnl_u8, dnnl_s8, dnnl_s32};
    return types[number];
}

typedef struct layout {
    int ndims;
    dnnl_dims_t dims;
    dnnl_format_tag_t tag;
} layout;

static dnnl_status_t md_init(dnnl_memory_desc_t *md, const layout *shape, jd_number number)
{
#if IS_V3
    return dnnl_memory_desc_create_with_tag(md, shape->ndims, shape->dims, data_type(number),
                                            shape->tag);
#else
    return dnnl_memory_desc_init_by_tag(md, shape->ndims, shape->dims, data_type(number),
                                        shape->tag);
#endif
}

/* Rows are the height of a picture of one column: nhwc is then exactly a row-major matrix. */
static layout rows_layout(const jd_product *product, gsize rows, int columns)
{
    if (product->convolution)
        return (layout){4, {1, columns, (dnnl_dim_t)rows, 1}, dnnl_nhwc};
    return (layout){2, {(dnnl_dim_t)rows, columns}, dnnl_ab};
}

/* `plain` gives the layout of a checkpoint (out x in), else the library's choice. */
static layout weights_layout(const jd_product *product, gboolean plain)
{
    const jd_product_spec *spec = &product->spec;
    if (product->convolution)
        return (layout){4, {spec->out, spec->in, 1, 1}, plain ? dnnl_oihw : dnnl_format_tag_any};
    return (layout){2, {spec->in, spec->out}, plain ? dnnl_ba : dnnl_format_tag_any};
}

static layout bias_layout(const jd_product *product)
{
    if (product->convolution)
        return (layout){1, {product->spec.out}, dnnl_x};
    return (layout){2, {1, product->spec.out}, dnnl_ab};
}

static dnnl_status_t append_sum(dnnl_post_ops_t ops)
{
#if IS_V3
    return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
#else
    return dnnl_post_ops_append_sum(ops, 1);
#endif
}

static dnnl_status_t attributes_new(const jd_product_spec *spec, dnnl_primitive_attr_t *attr)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && spec->accumulate)
        status = append_sum(ops);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

static dnnl_status_t convolution_desc(const jd_product *product, dnnl_primitive_attr_t attr,
                                      dnnl_engine_t engine, dnnl_primitive_desc_t *desc)
{
    const dnnl_dims_t strides = {1, 1};
    const dnnl_dims_t zeros = {0, 0};
    md_view bias = product->spec.bias ? MD_CONST(product->bias) : NULL;
#if IS_V3
    return dnnl_convolution_forward_primitive_desc_create(
        desc, engine, dnnl_forward_inference, dnnl_convolution_direct, product->src,
        product->weights, bias, product->dst, strides, zeros, zeros, zeros, attr);
#else
    dnnl_convolution_desc_t op;
    dnnl_status_t status = dnnl_convolution_forward_desc_init(
        &op, dnnl_forward_inference, dnnl_convolution_direct, &product->src, &product->weights,
        bias, &product->dst, strides, zeros, zeros);
    return status ? status : dnnl_primitive_desc_create(desc, &op, attr, engine, NULL);
#endif
}

static dnnl_status_t matmul_desc(const jd_product *product, dnnl_primitive_attr_t attr,
                                 dnnl_engine_t engine, dnnl_primitive_desc_t *desc)
{
    md_view bias = product->spec.bias ? MD_CONST(product->bias) : NULL;
#if IS_V3
    return dnnl_matmul_primitive_desc_create(desc, engine, product->src, product->weights, bias,
                                             product->dst, attr);
#else
    dnnl_matmul_desc_t op;
    dnnl_status_t status =
        dnnl_matmul_desc_init(&op, &product->src, &product->weights, bias, &product->dst);
    return status ? status : dnnl_primitive_desc_create(desc, &op, attr, engine, NULL);
#endif
}

static dnnl_status_t product_desc(const jd_product *product, dnnl_engine_t engine,
                                  dnnl_primitive_desc_t *desc)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_status_t status = attributes_new(&product->spec, &attr);
    if (status == dnnl_success)
        status = product->convolution ? convolution_desc(product, attr, engine, desc)
                                      : matmul_desc(product, attr, engine, desc);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static dnnl_status_t init_descriptors(jd_product *product, gsize rows)
{
    const jd_product_spec *spec = &product->spec;
    const layout src = rows_layout(product, rows, spec->in);
    const layout dst = rows_layout(product, rows, spec->out);
    const layout bias = bias_layout(product);
    dnnl_status_t status = md_init(&product->src, &src, spec->src);
    if (status == dnnl_success)
        status = md_init(&product->dst, &dst, spec->dst);
    if (status == dnnl_success)
        status = md_init(&product->bias, &bias, JD_NUMBER_F32);
    return status;
}

static void md_clear(dnnl_memory_desc_t *md)
{
#if IS_V3
    if (*md)
        dnnl_memory_desc_destroy(*md);
    *md = NULL;
#else
    (void)md;
#endif
}

static dnnl_status_t md_copy(dnnl_memory_desc_t *to, md_view from)
{
#if IS_V3
    return dnnl_memory_desc_clone(to, from);
#else
    *to = *from;
    return dnnl_success;
#endif
}

static gsize md_size(md_view md)
{
    return dnnl_memory_desc_get_size(md);
}

/*
 * The packed layout is the one that the library likes for 64 rows, whatever the product's own rows:
 * so one packed copy serves every length of text.
 */
static dnnl_status_t choose_weights_layout(jd_product_engine *dnn, jd_product *product)
{
    enum { TYPICAL_ROWS = 64 };
    const layout any = weights_layout(product, FALSE);
    dnnl_primitive_desc_t desc = NULL;
    dnnl_status_t status = init_descriptors(product, TYPICAL_ROWS);
    if (status == dnnl_success)
        status = md_init(&product->weights, &any, product->spec.weights);
    if (status == dnnl_success)
        status = product_desc(product, dnn->engine, &desc);
    if (status == dnnl_success) {
        md_clear(&product->weights);
        status = md_copy(&product->weights,
                         dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0));
        dnnl_primitive_desc_destroy(desc);
    }
    md_clear(&product->src);
    md_clear(&product->dst);
    md_clear(&product->bias);
    return status;
}

jd_product *jd_product_new(jd_product_engine *dnn, const jd_product_spec *spec, GError **error)
{
    jd_product *product = g_new0(jd_product, 1);
    product->spec = *spec;
    product->convolution = dnn->convolution;
    dnnl_primitive_desc_t desc = NULL;
    dnnl_status_t status = choose_weights_layout(dnn, product);
    if (status == dnnl_success)
        status = init_descriptors(product, spec->rows);
    if (status == dnnl_success)
        status = product_desc(product, dnn->engine, &desc);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&product->primitive, desc);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    if (check(status, "make a matrix product", error))
        return product;
    jd_product_free(product);
    return NULL;
}

void jd_product_free(jd_product *product)
{
    if (!product)
        return;
    if (product->primitive)
        dnnl_primitive_destroy(product->primitive);
    md_clear(&product->src);
    md_clear(&product->weights);
    md_clear(&product->bias);
    md_clear(&product->dst);
    g_free(product);
}

gsize jd_product_packed_size(const jd_product *product)
{
    return md_size(MD_CONST(product->weights));
}

/* Arguments of one execution: memory objects around the caller's buffers. */
typedef struct arguments {
    dnnl_exec_arg_t items[4];
    int count;
} arguments;

static dnnl_status_t arguments_add(arguments *args, jd_product_engine *dnn, int index, md_view md,
                                   void *data)
{
    dnnl_memory_t memory = NULL;
    dnnl_status_t status = dnnl_memory_create(&memory, md, dnn->engine, data);
    if (status == dnnl_success)
        args->items[args->count++] = (dnnl_exec_arg_t){index, memory};
    return status;
}

static dnnl_status_t execute(jd_product_engine *dnn, dnnl_primitive_t primitive,
                             const arguments *args)
{
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_stream_create(&stream, dnn->engine, dnnl_stream_default_flags);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, stream, args->count, args->items);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    if (stream)
        dnnl_stream_destroy(stream);
    return status;
}

static void arguments_clear(arguments *args)
{
    for (int i = 0; i < args->count; i++)
        dnnl_memory_destroy(args->items[i].memory);
    args->count = 0;
}

gboolean jd_product_pack(jd_product_engine *dnn, const jd_product *product, const void *weights,
                         void *packed, GError **error)
{
    const layout plain_layout = weights_layout(product, TRUE);
    const jd_number number = product->spec.weights == JD_NUMBER_S8 ? JD_NUMBER_S8 : JD_NUMBER_F32;
    dnnl_memory_desc_t plain;
    dnnl_status_t status = md_init(&plain, &plain_layout, number);
    if (!check(status, "describe weights", error))
        return FALSE;

    arguments args = {.count = 0};
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t reorder = NULL;
    status = dnnl_reorder_primitive_desc_create(&desc, MD_CONST(plain), dnn->engine,
                                                MD_CONST(product->weights), dnn->engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&reorder, desc);
    if (status == dnnl_success)
        status = arguments_add(&args, dnn, DNNL_ARG_FROM, MD_CONST(plain), (void *)weights);
    if (status == dnnl_success)
        status = arguments_add(&args, dnn, DNNL_ARG_TO, MD_CONST(product->weights), packed);
    if (status == dnnl_success)
        status = execute(dnn, reorder, &args);
    arguments_clear(&args);
    if (reorder)
        dnnl_primitive_destroy(reorder);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    md_clear(&plain);
    return check(status, "pack weights", error);
}

gboolean jd_product_run(jd_product_engine *dnn, const jd_product *product,
                        const jd_product_data *data, GError **error)
{
    arguments args = {.count = 0};
    dnnl_status_t status =
        arguments_add(&args, dnn, DNNL_ARG_SRC, MD_CONST(product->src), (void *)data->src);
    if (status == dnnl_success)
        status = arguments_add(&args, dnn, DNNL_ARG_WEIGHTS, MD_CONST(product->weights),
                               (void *)data->packed);
    if (status == dnnl_success && product->spec.bias)
        status =
            arguments_add(&args, dnn, DNNL_ARG_BIAS, MD_CONST(product->bias), (void *)data->bias);
    if (status == dnnl_success)
        status = arguments_add(&args, dnn, DNNL_ARG_DST, MD_CONST(product->dst), data->dst);
    if (status == dnnl_success)
        status = execute(dnn, product->primitive, &args);
    arguments_clear(&args);
    return check(status, "multiply", error);
}
