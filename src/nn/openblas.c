/* Products through OpenBLAS, in f32, where oneDNN is not to be had. Weights are used as they are.
 */
#include "nn/product.h"

#include "base/error.h"

#include <cblas.h>
#include <string.h>

struct jd_product_engine {
    int unused; /* OpenBLAS has no state of ours */
};

struct jd_product {
    jd_product_spec spec;
};

jd_product_engine *jd_product_engine_new(GError **error)
{
    return g_new0(jd_product_engine, 1);
}

void jd_product_engine_free(jd_product_engine *engine)
{
    g_free(engine);
}

const char *jd_product_version(void)
{
    return "OpenBLAS";
}

const char *jd_product_isa(void)
{
    return openblas_get_corename();
}

gboolean jd_product_supports(jd_precision precision)
{
    return precision == JD_PRECISION_F32;
}

jd_product *jd_product_new(jd_product_engine *engine, const jd_product_spec *spec, GError **error)
{
    if (spec->src != JD_NUMBER_F32) {
        jd_set_error(error, JD_ERROR_UNSUPPORTED, "use f32",
                     "only f32 is supported on this kind of CPU");
        return NULL;
    }
    jd_product *product = g_new0(jd_product, 1);
    product->spec = *spec;
    return product;
}

void jd_product_free(jd_product *product)
{
    g_free(product);
}

gsize jd_product_packed_size(const jd_product *product)
{
    return (gsize)product->spec.in * (gsize)product->spec.out * sizeof(float);
}

gboolean jd_product_pack(jd_product_engine *engine, const jd_product *product, const void *weights,
                         void *packed, GError **error)
{
    memcpy(packed, weights, jd_product_packed_size(product));
    return TRUE;
}

static void add_bias(const jd_product_spec *spec, const float *bias, float *row)
{
    for (int i = 0; i < spec->out; i++)
        row[i] += bias[i];
}

gboolean jd_product_run(jd_product_engine *engine, const jd_product *product,
                        const jd_product_data *data, GError **error)
{
    const jd_product_spec *spec = &product->spec;
    float *dst = data->dst;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)spec->rows, spec->out, spec->in, 1,
                data->src, spec->in, data->packed, spec->in, spec->accumulate ? 1 : 0, dst,
                spec->out);
    for (gsize r = 0; spec->bias && r < spec->rows; r++)
        add_bias(spec, data->bias, dst + r * (gsize)spec->out);
    return TRUE;
}
