/*
 * The safetensors format: u64 little-endian header length N, N bytes of JSON, then the tensors'
 * bytes. Source: the format's own description (safetensors README) and its reference reader.
 */
#ifndef JD_NN_SAFETENSORS_H
#define JD_NN_SAFETENSORS_H

#include "nn/tensor.h"

/**
 * All tensors by name: char * -> jd_tensor *, pointing into `file`. JD_ERROR_INVALID says what is
 * wrong: header over 100,000,000 bytes, offsets that overlap, leave holes or run beyond the end, a
 * size that does not fit the shape, an unknown dtype.
 */
GHashTable *jd_safetensors_load(GBytes *file, GError **error);

#endif
