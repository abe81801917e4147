/* Vectors written as JSON. */
#ifndef JD_NN_JSON_TENSOR_H
#define JD_NN_JSON_TENSOR_H

#include "nn/tensor.h"

/**
 * A list of numbers, a list of such lists of one length, or an object whose "embedding" is one of
 * them (as `jackdaw encode` prints), as f32. Anything else is JD_ERROR_INVALID, naming the row.
 */
jd_tensor *jd_json_tensor_load(GBytes *file, GError **error);

#endif
