/* A layer and what it shares with others: linear_pack.c packs or finds its weights, linear.c runs
 * it. */
#ifndef JD_NN_LINEAR_LAYER_H
#define JD_NN_LINEAR_LAYER_H

#include "nn/int16.h"
#include "nn/product.h"

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
    jd_product_spec product; /* rows 0: filled in by each run; of int16 in and out alone */
    const void *packed;
    const float *bias;          /* may be NULL */
    const float *channel_scale; /* int8 and int16 */
    const float *channel_sum;   /* int8 */
    jd_int16_weights int16;
};

/** The product for a number of rows: from the table, or made now. */
const jd_product *jd_engine_find_product(jd_engine *engine, const jd_product_spec *spec,
                                         GError **error);

/** Finds the layer's weights and bias in the pack, or packs them. */
gboolean jd_linear_fill(jd_linear *linear, jd_pack *pack, const jd_linear_spec *spec,
                        GError **error);

#endif
